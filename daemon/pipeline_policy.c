/* pipeline_policy - answers to Postfix, from memory
 *
 * Every subject of the request (pipeline_asker.h) has its standing and is
 * judged with what the request would add; the worst of all decides. RCPT
 * refuses or defers, DATA adds the reference header.
 */
#include "base/time.h"
#include "daemon/pipeline_asker.h"
#include "ledger/others.h"
#include "limits/answer.h"

static bool
has_stage(const struct policy_request *q, enum admission_stage *stage)
{
	switch (q->state) {
	case POLICY_RCPT:
		*stage = ADMISSION_RCPT;
		return true;
	case POLICY_DATA:
		*stage = ADMISSION_DATA;
		return true;
	case POLICY_END_OF_MESSAGE:
		*stage = ADMISSION_END;
		return true;
	default:
		return false;
	}
}

static struct str
domain_of(struct str address)
{
	ptrdiff_t at = str_find_last(address, STR("@"));

	return at < 0 ? STR("") : str_skip(address, (size_t)at + 1);
}

/* "user%far.example@inside.example", "far.example!user@inside.example" and
 * "user@far.example"@inside.example leave: Postfix rewrites them. */
static bool
is_inside(struct pipeline *p, struct str recipient)
{
	struct str domain = domain_of(recipient);
	struct str local = str_head(recipient, recipient.n - domain.n);

	return chains_is_inside(p->chains, domain) &&
	       str_find_char(local, '%') < 0 && str_find_char(local, '!') < 0 &&
	       str_find_char(local, '@') == (ptrdiff_t)local.n - 1;
}

static int64_t
bounded(uint64_t n)
{
	return n < INT32_MAX ? (int64_t)n : INT32_MAX;
}

/* What is admitted on all nodes counts. */
static void
set_asked(struct judge_input *in, const struct admission_count *asked,
    const struct admission_count *admitted)
{
	int64_t recipients, messages;

	others_admitted(in->subject, &recipients, &messages);
	in->asked = asked->recipients;
	in->asked_messages = asked->messages;
	in->admitted = admitted->recipients + recipients;
	in->admitted_messages = admitted->messages + messages;
}

/* Judges one subject with what is asked; its view stays for the answer. */
static void
judge_one(struct pipeline *p, const struct admission_subject *s,
    const struct admission_count *asked, const struct admission_count *admitted,
    struct pipeline_view *v, struct answer_subject *out)
{
	static const struct standing_state good; /* nobody reads its texts */
	struct subject *subject =
	    ledger_find_hashed(p->ledger, s->kind, s->key, s->hash);

	*out = (struct answer_subject){s->kind, s->key, &v->state, NULL};
	if (!subject && s->kind == SUBJECT_ACCOUNT)
		subject = ledger_get(p->ledger, s->kind, s->key);
	if (!subject && standings_has_kind(p->standings, s->kind))
		standings_get(p->standings, s->kind, s->key,
		    ledger_now(p->ledger), &v->state);
	else if (!subject)
		out->state = &good;
	if (!subject)
		return;
	v->in.ledger = p->ledger;
	v->in.subject = subject;
	v->in.now = ledger_now(p->ledger);
	set_asked(&v->in, asked, admitted);
	if (pipeline_is_far(p, &v->in)) {
		out->state = &good;
		return;
	}
	pipeline_prepare(p, subject, v);
	trial_judge(p->settings->trial, &v->in, &v->verdict);
	if (v->verdict.rung > STANDING_THROTTLED)
		pipeline_trust_seen(v);
	out->verdict = &v->verdict;
}

/* The recipients that Outpost refuses or defers are counted, shown apart: they
 * end a doubt. Friends to whom an account writes from a journey don't. */
static void
count_attempt(struct pipeline *p, const struct policy_request *q,
    const struct pipeline_asker *a, int64_t recipients,
    const struct answer *answer)
{
	struct ip client = {0};

	ip_parse(q->client_address, &client);
	const struct fact f = {
	    .kind = FACT_ATTEMPT,
	    .at = pipeline_now_us(p) / TIME_US,
	    .account = str_from(a->account),
	    .domain = account_domain(str_from(a->account)),
	    .client = client,
	    .sender = q->sender,
	    .recipient = q->recipient,
	    .n = recipients > 0 ? (int32_t)recipients : 1,
	};
	struct ledger_touched touched;

	if (pipeline_is_friend_afar(p, &f, answer))
		return;
	metric_add(p->fact[FACT_ATTEMPT], 1);
	ledger_add(p->ledger, &f, &touched);
}

/* The text is printed before anything is decided: views of standings end with
 * the next fold. */
static void
print_refusal(struct pipeline *p, const struct answer *answer,
    const struct pipeline_asker *a, struct text *action)
{
	answer_print(answer, &p->settings->limits, str_from(a->account),
	    pipeline_now_us(p) / TIME_US, p->links, action);
}

static void
print_reference(
    struct pipeline *p, const struct pipeline_asker *a, struct text *action)
{
	if (!p->refs || p->refs->n == 0)
		return;
	text_add(action, "PREPEND ");
	ref_print(p->refs, str_from(a->account), pipeline_now_us(p) / TIME_US,
	    ref_node(str_from(p->node)), action);
	if (p->hooks.on_hashed && strlen(a->account) > REF_ACCOUNT)
		p->hooks.on_hashed(p->hooks.ctx, str_from(a->account));
}

/* Before an outbound host nobody's mail is marked, too: a reference that its
 * sender copied from elsewhere would be the first that host sees. */
static bool
is_marked(const struct pipeline *p, const struct pipeline_asker *a)
{
	return a->has_account || p->settings->mta.outbound_hosts.n > 0;
}

static void
settle(struct pipeline *p, const struct policy_request *q,
    const struct pipeline_asker *a, const struct admission_request *ask,
    const struct admission_found *found, const struct answer *answer,
    struct text *action)
{
	bool is_taken =
	    answer->action == ANSWER_DUNNO || answer->action == ANSWER_HOLD;
	bool is_refused =
	    is_taken && a->has_account &&
	    pipeline_refuses_sender(p, q, str_from(a->account), ask, action);

	metric_add(p->answer[is_refused ? ANSWER_REJECT : answer->action], 1);
	if (!is_taken)
		print_refusal(p, answer, a, action);
	else if (answer->action == ANSWER_HOLD && ask->stage == ADMISSION_END)
		answer_print_hold(answer, action);
	else if (ask->stage == ADMISSION_DATA && is_marked(p, a))
		print_reference(p, a, action);
	if (!a->has_account)
		return;
	if (!is_taken || is_refused) {
		count_attempt(p, q, a, found->asked.recipients, answer);
		admission_refuse(p->admission, ask, found);
		return;
	}
	if (answer->action == ANSWER_HOLD && found->asked.recipients > 0)
		count_attempt(p, q, a, found->asked.recipients, answer);
	admission_admit(p->admission, ask, found);
	if (p->hooks.on_admitted && found->change != 0)
		p->hooks.on_admitted(p->hooks.ctx, a->v, a->n, found->change);
}

/* Recipients that RCPT let through are not deferred at a later stage because
 * the next ones were too many: what is admitted goes out. */
static bool
is_admitted(const struct admission_request *ask,
    const struct admission_count *asked, const struct answer *answer)
{
	return ask->stage != ADMISSION_RCPT && asked->recipients == 0 &&
	       asked->messages == 0 && answer->action == ANSWER_DEFER;
}

/* Views of standings end with a fold: each is looked up again. */
static void
decide_all(struct pipeline *p, struct pipeline_view *views,
    const struct answer_subject *judged, size_t n)
{
	uint64_t seq = p->seq;

	for (size_t i = 0; i < n; i++) {
		if (judged[i].verdict)
			pipeline_decide(p, &views[i]);
	}
	for (size_t i = 0; i < n && p->seq != seq; i++)
		standings_get(p->standings, judged[i].kind, judged[i].key,
		    ledger_now(p->ledger), &views[i].state);
}

/* Without a verdict the mode makes no difference. */
static bool
is_enforcing(struct pipeline *p, const struct answer_subject *judged, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (judged[i].verdict)
			return standings_is_enforcing(p->standings);
	}
	return false;
}

static struct admission_request
make_request(struct pipeline *p, const struct policy_request *q,
    enum admission_stage stage, const struct pipeline_asker *a)
{
	return (struct admission_request){
	    .stage = stage,
	    .instance = q->instance,
	    .queue_id = q->queue_id,
	    .recipient = q->recipient,
	    .is_inside = is_inside(p, q->recipient),
	    .recipient_count = bounded(q->recipient_count),
	    .subjects = a->v,
	    .n_subjects = a->n,
	    .now = pipeline_now_us(p) / TIME_US,
	};
}

static void
note_limit(void *ctx, const struct limit_state *state)
{
	struct pipeline_asked *out = ctx;

	if (state->value > state->max)
		out->is_over = true;
	else if (state->value * 5 >= state->max * 4)
		out->is_near = true;
	if (state->max < out->least)
		out->least = state->max;
}

/* false: no limit holds for it. */
static bool
foresee_one(struct pipeline *p, struct subject *s,
    const struct pipeline_ask *ask, const struct admission_count *admitted,
    struct pipeline_asked *out)
{
	static struct pipeline_view v;
	const struct admission_count asked = {ask->recipients, ask->messages};

	*out = (struct pipeline_asked){s, false, false, UINT64_MAX};
	v.in.ledger = p->ledger;
	v.in.subject = s;
	v.in.now = ledger_now(p->ledger);
	set_asked(&v.in, &asked, admitted);
	pipeline_prepare(p, s, &v);
	judge_each_limit(&v.in, note_limit, out);
	return out->least < UINT64_MAX;
}

static void
foresee_all(struct pipeline *p, const struct pipeline_asker *a,
    const struct admission_found *found, struct pipeline_ask *out)
{
	/* To make one may push out another. */
	for (size_t i = 0; i < a->n; i++) {
		if (p->is_judged[a->v[i].kind])
			ledger_get(p->ledger, a->v[i].kind, a->v[i].key);
	}
	for (size_t i = 0; i < a->n; i++) {
		struct subject *s = ledger_find_hashed(
		    p->ledger, a->v[i].kind, a->v[i].key, a->v[i].hash);

		if (s && p->is_judged[a->v[i].kind])
			out->n += foresee_one(
			    p, s, out, &found->pending[i], &out->v[out->n]);
	}
}

void
pipeline_foresee(struct pipeline *p, const struct policy_request *q,
    struct pipeline_ask *out)
{
	struct admission_request ask;
	struct admission_found found;
	enum admission_stage stage;
	struct pipeline_asker a;

	out->n = 0;
	if (!has_stage(q, &stage))
		return;
	pipeline_name_asker(p, q, &a);
	if (!a.has_account)
		return;
	ask = make_request(p, q, stage, &a);
	admission_find(p->admission, &ask, &found);
	out->recipients = found.asked.recipients;
	out->messages = found.asked.messages;
	if (out->recipients > 0 || out->messages > 0)
		foresee_all(p, &a, &found, out);
}

void
pipeline_admitted(struct pipeline *p, enum subject_kind kind, struct str key,
    int64_t *recipients, int64_t *messages)
{
	struct admission_count count;

	admission_pending(p->admission, kind, key, &count);
	*recipients = count.recipients;
	*messages = count.messages;
}

void
pipeline_answer(
    struct pipeline *p, const struct policy_request *q, struct text *action)
{
	static struct pipeline_view views[SUBJECT_COUNTED];
	struct answer_subject judged[SUBJECT_COUNTED + PIPELINE_NETS + 1];
	struct pipeline_net nets[PIPELINE_NETS];
	struct standing_state node;
	struct admission_request ask;
	struct admission_found found;
	enum admission_stage stage;
	struct pipeline_asker a;
	struct answer answer;

	if (!has_stage(q, &stage))
		return;
	pipeline_name_asker(p, q, &a);
	ask = make_request(p, q, stage, &a);
	admission_find(p->admission, &ask, &found);
	if (!a.has_account)
		found.asked = (struct admission_count){0, 0};
	for (size_t i = 0; i < a.n; i++)
		judge_one(p, &a.v[i], &found.asked, &found.pending[i],
		    &views[i], &judged[i]);
	/* What is decided now is in the answer, its case number too. */
	decide_all(p, views, judged, a.n);
	if (a.has_account)
		pipeline_pass_exempt(judged, a.n, ask.now);
	size_t n = a.n + pipeline_add_nets(p, &a.client, nets, judged + a.n);

	if (a.has_account)
		n += pipeline_add_node(p, &node, judged + n);
	else
		pipeline_pass_inbound(judged, n);
	answer_choose(judged, n, is_enforcing(p, judged, n), &answer);
	if (!pipeline_hold_instead(p, q, judged, n, &answer) &&
	    is_admitted(&ask, &found.asked, &answer))
		answer.action = ANSWER_DUNNO;
	settle(p, q, &a, &ask, &found, &answer, action);
}
