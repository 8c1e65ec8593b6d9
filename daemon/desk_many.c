/* desk_many - many subjects at once: which, and one order to each of them */
#include "daemon/desk.h"
#include "daemon/report.h"
#include "daemon/trace_find.h"
#include "limits/scope.h"

struct selection {
	struct desk *desk;
	struct report *report;
	struct ip_net net;
	struct str rule, domain;
	bool has_net;
	int64_t since, now;
};

bool
desk_selects(const struct control_request *q)
{
	return control_has(q, "client") || control_has(q, "rule") ||
	       control_has(q, "domain");
}

static bool
take_selection(const struct control_request *q, struct selection *s,
    struct control_reply *r)
{
	struct str client = control_option(q, "client");
	struct str since = control_option(q, "since");

	s->has_net = control_has(q, "client");
	s->rule = control_option(q, "rule");
	s->domain = control_option(q, "domain");
	if (s->has_net && !ip_net_parse(client, &s->net))
		return control_fail(r, EXIT_USAGE,
		    "--client \"%.*s\" is neither an address nor a network",
		    STR_ARG(client));
	if (since.n > 0 && !trace_parse_since(since, s->now, &s->since))
		return control_fail(r, EXIT_USAGE,
		    "--since must be such as 2h (ago), 22:40 or \"2026-11-21 "
		    "22:40\"");
	return true;
}

/* Behind a shared account stand many: it is never one of many, but named. */
static bool
is_selected(const struct selection *s, enum subject_kind kind, struct str key)
{
	struct ledger *l = pipeline_ledger(s->desk->pipeline);

	if (s->domain.n > 0 && !str_is_nocase(account_domain(key), s->domain))
		return false;
	if (s->rule.n == 0 &&
	    account_is_shared(pipeline_accounts(s->desk->pipeline), key))
		return false;
	if (!s->has_net)
		return true;
	struct subject *subject = ledger_find(l, kind, key);

	return subject && scope_has_used(subject, &s->net, s->since);
}

static void
print_row(struct selection *s, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	char name[700];
	struct text t;

	text_init(&t, name, sizeof(name));
	desk_subject_print(kind, key, &t);
	report_str(s->report, text_view(&t));
	report_str(s->report, str_from(standing_text(state->rung)));
	report_time(s->report, state->since);
	report_time(s->report, state->until);
	report_str(s->report, str_from(state->by));
	report_str(s->report, str_from(state->reason));
}

static void
select_standing(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	struct selection *s = ctx;

	if (str_is(str_from(state->rule), s->rule) &&
	    state->rung >= STANDING_WATCHED && state->since >= s->since &&
	    is_selected(s, kind, key))
		print_row(s, kind, key, state);
}

static void
select_account(struct selection *s, struct subject *account)
{
	struct standing_state state;

	if (subject_kind(account) != SUBJECT_ACCOUNT ||
	    subject_last_seen(account) < s->since ||
	    !is_selected(s, SUBJECT_ACCOUNT, subject_key(account)))
		return;
	standings_get(pipeline_standings(s->desk->pipeline), SUBJECT_ACCOUNT,
	    subject_key(account), s->now, &state);
	print_row(s, SUBJECT_ACCOUNT, subject_key(account), &state);
}

void
desk_select(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct selection s = {.desk = d, .now = d->now(d->ctx)};
	struct subject *account;

	if (!take_selection(q, &s, r))
		return;
	s.report = report_new(q->is_json);
	report_column(s.report, "subject", TABLE_LEFT);
	report_column(s.report, "standing", TABLE_LEFT);
	report_column(s.report, "since", TABLE_LEFT);
	report_column(s.report, "until", TABLE_LEFT);
	report_column(s.report, "by", TABLE_LEFT);
	report_column(s.report, "reason", TABLE_LEFT);
	if (s.rule.n > 0)
		standings_each(pipeline_standings(d->pipeline), s.now,
		    select_standing, &s);
	else
		for (size_t i = 0;
		     (account = ledger_next(pipeline_ledger(d->pipeline), &i));)
			select_account(&s, account);
	report_end(&s.report, q->width, "nobody", &r->out);
}

/* What it is now, and nothing more. */
static void
look_at(struct desk *d, struct str name, struct control_reply *one,
    struct json_out *j)
{
	struct standing_state state;
	struct desk_subject s;

	if (!desk_subject_parse(d, name, &s, one))
		return;
	standings_get(pipeline_standings(d->pipeline), s.kind, str_from(s.key),
	    d->now(d->ctx), &state);
	json_str(j, "standing", str_from(standing_text(state.rung)));
}

void
desk_batch(struct desk *d, const struct control_request *q, desk_fn *each,
    struct control_reply *r)
{
	bool is_dry = str_is(control_option(q, "batch"), STR("look"));
	struct json_out j;

	for (size_t i = 0; i < q->n_args; i++) {
		struct control_request single = *q;
		struct control_reply one;

		single.n_args = 1;
		single.args[0] = q->args[i];
		control_reply_init(&one);
		json_out_init(&j, &r->out);
		json_open(&j, NULL);
		json_str(&j, "subject", q->args[i]);
		if (is_dry)
			look_at(d, q->args[i], &one, &j);
		else
			each(d, &single, &one);
		json_i64(&j, "exit", one.exit);
		json_str(&j, "out", text_view(&one.out));
		json_str(&j, "err", text_view(&one.err));
		json_close(&j);
		text_char(&r->out, '\n');
		r->is_order |= one.is_order;
		control_reply_done(&one);
	}
}
