/* pipeline - the way from a log line to a verdict */
#include "daemon/pipeline.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/time.h"
#include "daemon/metrics.h"
#include "daemon/pipeline_state.h"
#include "daemon/outcomes.h"
#include "limits/answer.h"
#include "mta/postfix.h"

enum { FUTURE = 600 }; /* seconds that a host's clock may be ahead */

int64_t
pipeline_now_us(const struct pipeline *p)
{
	if (p->hooks.now_us)
		return p->hooks.now_us(p->hooks.ctx);
	return ledger_now(p->ledger) * TIME_US;
}

void
pipeline_about(struct pipeline *p, enum subject_kind kind, struct str key,
    struct standing_state *state, struct sanction_about *out)
{
	int64_t now_us = pipeline_now_us(p);

	standings_get(p->standings, kind, key, now_us / TIME_US, state);
	*out = (struct sanction_about){
	    .kind = kind,
	    .key = key,
	    .node = p->node,
	    .seq = ++p->seq,
	    .now_us = now_us,
	    .state = state,
	    .config = p->settings->generation,
	};
}

static void on_fact(void *ctx, const struct fact *f);

static void
add_also(struct pipeline *p, const struct fact *f, enum fact_kind kind)
{
	struct fact also = *f;

	also.kind = kind;
	also.was_pending = false;
	on_fact(p, &also);
}

/* What the log doesn't tell of a recipient. */
static void
add_looked_up(struct pipeline *p, const struct fact *f)
{
	const struct pipeline_hooks *h = &p->hooks;

	if (h->is_unauthorised && h->is_unauthorised(h->ctx, f->sender))
		add_also(p, f, FACT_SPF_FAILED);
	if (h->is_listed && h->is_listed(h->ctx, &f->client))
		add_also(p, f, FACT_CLIENT_LISTED);
}

static void
on_fact(void *ctx, const struct fact *f)
{
	struct pipeline *p = ctx;
	struct ledger_touched touched;

	p->counters.facts++;
	metric_add(p->fact[f->kind], 1);
	if (p->is_facts_only) {
		p->hooks.on_fact(p->hooks.ctx, f);
		return;
	}
	ledger_add(p->ledger, f, &touched);
	if (f->kind == FACT_PENDING && f->n >= 0)
		admission_seen(p->admission, f->queue_id, f->account, f->n);
	if (f->kind == FACT_LOST_LINES)
		p->counters.lost_lines += (uint64_t)f->n;
	if (p->hooks.on_fact)
		p->hooks.on_fact(p->hooks.ctx, f);
	if (f->kind == FACT_RECIPIENT && p->hooks.on_sent && touched.n > 0 &&
	    subject_kind(touched.v[0]) == SUBJECT_ACCOUNT)
		p->hooks.on_sent(p->hooks.ctx, touched.v[0]);
	pipeline_judge_touched(p, f, &touched);
	if (f->kind == FACT_LOGIN_FAILED || f->kind == FACT_LOGIN ||
	    f->kind == FACT_ACCEPTED)
		pipeline_guess(p, f);
	if (f->kind == FACT_RECIPIENT && f->is_outward && f->account.n > 0)
		add_looked_up(p, f);
}

/* What Dovecot reports itself counts once. */
static void
on_line_fact(void *ctx, const struct fact *f)
{
	struct pipeline *p = ctx;

	if ((f->kind == FACT_LOGIN || f->kind == FACT_LOGIN_FAILED) &&
	    p->settings->daemon.auth_policy_facts)
		return;
	on_fact(p, f);
}

void
pipeline_fact(struct pipeline *p, const struct fact *f)
{
	on_fact(p, f);
}

static void
find_metrics(struct pipeline *p)
{
	static const struct {
		enum answer_action action;
		struct str text;
	} answers[] = {
	    {ANSWER_DUNNO, {"dunno", 5}},
	    {ANSWER_DEFER, {"defer", 5}},
	    {ANSWER_REJECT, {"reject", 6}},
	    {ANSWER_HOLD, {"hold", 4}},
	};

	p->lines = metrics_get(METRICS_LOG_LINES);
	for (size_t i = 0; i < FACT_KINDS; i++)
		p->fact[i] =
		    metrics_by(METRICS_FACTS, str_from(fact_kind_text(i)));
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		p->answer[answers[i].action] =
		    metrics_by(METRICS_ANSWERS, answers[i].text);
}

static void
tell_outcome(void *ctx, struct str host, struct str dsn, struct str text,
    enum outcome *out)
{
	const struct pipeline *p = ctx;

	*out = outcome_of_reply(p->settings, host, dsn, text);
}

static void
foresee(void *ctx, struct str account, const struct ip *client)
{
	const struct pipeline *p = ctx;

	ledger_foresee(p->ledger, account, client);
}

static void
make_parts(struct pipeline *p, const struct pipeline_options *o)
{
	const struct settings *s = o->settings;
	const struct chains_options chains = {
	    .settings = &s->mta,
	    .seed = o->chain_seed,
	    .is_kept = o->is_kept,
	    .uid_name = o->uid_name,
	    .uid_ctx = o->uid_ctx,
	    .refs = o->refs,
	    .ref_account = o->ref_account,
	    .ref_ctx = o->ref_ctx,
	    .on_message = o->hooks.on_message,
	    .message_ctx = o->hooks.ctx,
	    .on_account = o->is_facts_only ? NULL : foresee,
	    .account_ctx = p,
	    .outcome = tell_outcome,
	    .outcome_ctx = p,
	};
	struct ledger_options ledger = {
	    .max_subjects = (size_t)s->daemon.max_subjects};
	const struct standings_options standings = {
	    (size_t)s->limits.standings_max, s->limits.probation_for};
	const struct admission_options admission = {
	    (size_t)s->limits.admission_max, s->limits.admission_lapse};

	memcpy(ledger.hash_key, o->hash_key, sizeof(ledger.hash_key));
	/* In a replay nobody but the log reports. */
	p->chains =
	    chains_new(&chains, p->hooks.now_us ? on_line_fact : on_fact, p);
	p->ledger = ledger_new(&ledger);
	ledger_set_country(p->ledger, p->hooks.country, p->hooks.ctx);
	p->standings = standings_new(&standings);
	p->admission = admission_new(&admission);
	p->guess = guess_new((size_t)s->limits.guess_places_max);
}

void
pipeline_set_secret(struct pipeline_options *o, const struct crypto_key *secret)
{
	struct crypto_key key;

	crypto_derive(secret, STR("chains"), &key);
	memcpy(&o->chain_seed, key.b, sizeof(o->chain_seed));
	crypto_derive(secret, STR("sketches"), &key);
	memcpy(o->hash_key, key.b, sizeof(o->hash_key));
}

struct pipeline *
pipeline_new(const struct pipeline_options *o, struct error *err)
{
	struct pipeline *p = xalloc(1, sizeof(*p));
	struct text node;

	p->settings = o->settings;
	p->hooks = o->hooks;
	p->is_facts_only = o->is_facts_only;
	p->refs = o->refs;
	p->links = o->links;
	p->seq = o->first_seq;
	p->generation = 1;
	text_init(&node, p->node, sizeof(p->node));
	text_add(&node, o->node);
	account_rules_init(&p->accounts, &o->settings->mta);
	find_metrics(p);
	make_parts(p, o);
	if (settings_finish_rules(o->settings, p->ledger, err) < 0) {
		pipeline_free(&p);
		return NULL;
	}
	pipeline_note_kinds(p);
	if (o->is_verdicts_only) {
		pipeline_count_what_is_read(p);
		pipeline_tell_verdicts(p);
	}
	return p;
}

void
pipeline_free(struct pipeline **pp)
{
	struct pipeline *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	chains_free(&p->chains);
	admission_free(&p->admission);
	guess_free(&p->guess);
	standings_free(&p->standings);
	ledger_free(&p->ledger);
	free(p->known);
	free(p);
}

void
pipeline_set_node(struct pipeline *p, struct str node, uint64_t first_seq)
{
	struct text t;

	text_init(&t, p->node, sizeof(p->node));
	text_str(&t, node);
	p->seq = first_seq;
	pipeline_note_nets(p);
}

void
pipeline_set_label(struct pipeline *p, struct str label)
{
	struct text t;

	text_init(&t, p->label, sizeof(p->label));
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];

		text_char(&t, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
}

int
pipeline_set(struct pipeline *p, const struct settings *s, struct error *err)
{
	const struct standings_options standings = {
	    (size_t)s->limits.standings_max, s->limits.probation_for};

	if (settings_finish_rules(s, p->ledger, err) < 0)
		return -1;
	pipeline_void_notes(p);
	p->settings = s;
	pipeline_note_kinds(p);
	account_rules_init(&p->accounts, &s->mta);
	memset(p->logins, 0, sizeof(p->logins));
	chains_set(p->chains, &s->mta);
	standings_set_options(p->standings, &standings);
	return 0;
}

/* The books' clock never goes back: one line from the future (a clock set
 * wrong, a foreign host's) must not end every window. A replay has no clock to
 * hold it against. */
static int64_t
believe(
    const struct pipeline *p, const struct logline_clock *clock, int64_t at_us)
{
	if (!p->hooks.now_us || at_us <= (clock->now + FUTURE) * TIME_US)
		return at_us;
	return clock->now * TIME_US;
}

/* A Message-ID, and somebody who asks for them. */
static bool
is_told(const struct pipeline *p, const struct logline *log)
{
	return p->hooks.on_message && str_is(log->program, STR("cleanup"));
}

/* A line that may be news; half of them aren't. */
__attribute__((noinline)) static void
take_news(struct pipeline *p, struct logline *log)
{
	struct postfix_line postfix;

	chains_expect(p->chains, log);
	postfix_parse(log, &postfix);
	if (postfix.kind == LINE_OTHER) {
		p->counters.other++;
		metric_add(metrics_by(METRICS_LOG_OTHER, log->program), 1);
	}
	if (postfix.kind == LINE_FOREIGN && p->hooks.on_foreign)
		p->hooks.on_foreign(p->hooks.ctx, log);
	if ((postfix.kind == LINE_WARNING || postfix.kind == LINE_OTHER) &&
	    p->hooks.on_postfix)
		p->hooks.on_postfix(p->hooks.ctx, log);
	if (postfix.kind == LINE_DELIVERY)
		pipeline_tell_delivery(p, log, &postfix);
	if (postfix.kind == LINE_REJECT)
		pipeline_tell_sender(p, log, &postfix);
	chains_line(p->chains, log, &postfix);
}

void
pipeline_line(struct pipeline *p, size_t source, struct str line)
{
	struct logline_clock *clock = &p->clocks[source % PIPELINE_SOURCES];
	struct logline log;

	p->counters.lines++;
	metric_add(p->lines, 1);
	if (!logline_parse(clock, line, &log)) {
		p->counters.unreadable++;
		return;
	}
	log.at_us = believe(p, clock, log.at_us);
	if (postfix_is_idle(&log) && !is_told(p, &log))
		chains_tick(p->chains, log.at_us / TIME_US);
	else
		take_news(p, &log);
	admission_advance(p->admission, log.at_us / TIME_US);
}

/* What was seen up to a lift or an undo counts no more. */
static void
start_afresh(struct pipeline *p, struct subject *s, int64_t mark)
{
	if (mark > subject_mark(s))
		ledger_mark(p->ledger, s, mark);
}

static void
start_one_afresh(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	struct pipeline *p = ctx;

	if (state->mark && (int)kind < SUBJECT_COUNTED)
		start_afresh(p, ledger_get(p->ledger, kind, key), state->mark);
}

/* An undo is about many: who is judged meanwhile is asked about first. */
static void
fold_undo(struct pipeline *p)
{
	pipeline_void_notes(p);
	standings_walk_begin(p->standings, &p->undone);
}

bool
pipeline_undo_some(struct pipeline *p)
{
	return p->undone.left > 0 &&
	       standings_walk(p->standings, &p->undone, STANDINGS_SLICE,
		   STANDING_WATCHED, ledger_now(p->ledger), start_one_afresh,
		   p);
}

bool
pipeline_fold(struct pipeline *p, const struct event *e)
{
	enum subject_kind kind;

	if (!standings_fold(p->standings, e))
		return false;
	p->folds++;
	if (e->type == EVENT_UNDO)
		fold_undo(p);
	if (!subject_kind_parse(str_from(e->kind), &kind)) {
		p->mode++;
		if (p->known) /* their rests last for more than a minute */
			pipeline_void_notes(p);
		return true;
	}
	if ((int)kind >= SUBJECT_COUNTED)
		return true; /* the ledger knows none */
	pipeline_note_net(p, kind, str_from(e->subject));
	/* A lift counts for what this node has yet to see, too. */
	struct subject *s =
	    e->type == EVENT_LIFT
		? ledger_get(p->ledger, kind, str_from(e->subject))
		: ledger_find(p->ledger, kind, str_from(e->subject));

	if (!s)
		return true;
	subject_set_note(s, 0);
	struct standing_state state;

	standings_get(p->standings, kind, str_from(e->subject),
	    ledger_now(p->ledger), &state);
	start_afresh(p, s, state.mark);
	return true;
}

struct ledger *
pipeline_ledger(struct pipeline *p)
{
	return p->ledger;
}

struct chains *
pipeline_chains(struct pipeline *p)
{
	return p->chains;
}

struct standings *
pipeline_standings(struct pipeline *p)
{
	return p->standings;
}

const struct account_rules *
pipeline_accounts(const struct pipeline *p)
{
	return &p->accounts;
}

const struct settings *
pipeline_settings(const struct pipeline *p)
{
	return p->settings;
}

void
pipeline_counters(const struct pipeline *p, struct pipeline_counters *out)
{
	*out = p->counters;
}
