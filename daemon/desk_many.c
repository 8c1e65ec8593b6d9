/* desk_many - many subjects at once: which, and one order to each of them */
#include "daemon/desk_gather.h"
#include "daemon/desk_page.h"
#include "daemon/trace_find.h"
#include "limits/scope.h"

enum { ACCOUNTS_LOOKED = 96 }; /* for a page; each may be a row */

struct selection {
	struct desk *desk;
	struct desk_page page;
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
	desk_list_row(&s->page, text_view(&t),
	    str_from(standing_text(state->rung)), state->since, state->until,
	    state->by, state->reason);
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
select_account(void *ctx, struct subject *account)
{
	struct selection *s = ctx;
	struct standing_state state;

	if (subject_kind(account) != SUBJECT_ACCOUNT ||
	    subject_last_seen(account) < s->since ||
	    !is_selected(s, SUBJECT_ACCOUNT, subject_key(account)))
		return;
	standings_get(pipeline_standings(s->desk->pipeline), SUBJECT_ACCOUNT,
	    subject_key(account), s->now, &state);
	print_row(s, SUBJECT_ACCOUNT, subject_key(account), &state);
}

static void
select_standings(struct selection *s, struct str at, struct control_reply *r)
{
	struct desk *d = s->desk;
	struct standings_walk w;

	if (!desk_page_walk(d, at, &w))
		return;
	desk_list_open(&s->page, "nobody", r);
	standings_walk(pipeline_standings(d->pipeline), &w, DESK_PAGE_EFFORT,
	    STANDING_WATCHED, s->now, select_standing, s);
	desk_page_close_at(&s->page, d, w.left);
}

static void
select_accounts(struct selection *s, struct str at, struct control_reply *r)
{
	struct ledger *l = pipeline_ledger(s->desk->pipeline);
	struct ledger_walk w;
	char next[96];
	struct text t;

	walk_begin(l, &w);
	if (at.n > 0 && !walk_parse(l, at, &w))
		return;
	desk_list_open(&s->page, "nobody", r);
	text_init(&t, next, sizeof(next));
	if (!walk_each(l, &w, ACCOUNTS_LOOKED, select_account, s))
		walk_print(&w, &t);
	desk_page_close(&s->page, s->desk, text_view(&t));
}

void
desk_select(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct selection s = {.desk = d, .now = d->now(d->ctx)};
	struct str at;

	if (!take_selection(q, &s, r) || !desk_page_take(d, q, &at, r))
		return;
	if (s.rule.n > 0)
		select_standings(&s, at, r);
	else
		select_accounts(&s, at, r);
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
		if (!is_dry)
			each(d, &single, &one);
		/* What it wants is gathered when it is the first one. */
		if (d->wanted) {
			control_reply_done(&one);
			if (i > 0)
				desk_gather_free(&d->wanted);
			return;
		}
		json_out_init(&j, &r->out);
		json_open(&j, NULL);
		json_str(&j, "subject", q->args[i]);
		if (is_dry)
			look_at(d, q->args[i], &one, &j);
		json_i64(&j, "exit", one.exit);
		json_str(&j, "out", text_view(&one.out));
		json_str(&j, "err", text_view(&one.err));
		json_close(&j);
		text_char(&r->out, '\n');
		r->is_order |= one.is_order;
		control_reply_done(&one);
	}
}
