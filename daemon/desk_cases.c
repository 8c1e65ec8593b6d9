/* desk_cases - `outpost cases`: which cases wait, the oldest first */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_cases.h"
#include "daemon/app_state.h"
#include "daemon/desk.h"
#include "daemon/report.h"
#include "notify/case_json.h"

enum { SHOWN = 50, SHOWN_MAX = 10000 };

struct lister {
	const struct control_request *q;
	struct str account, rule;
	bool has_state, is_any_state, is_mine;
	enum case_state state;
	int64_t older, now;
	const struct case_head *from; /* NULL: from the first */
	/* The oldest so far, in their order. */
	const struct case_head **v;
	size_t n, max, matched;
};

static bool
is_before(const struct case_head *a, const struct case_head *b)
{
	if (a->since != b->since)
		return a->since < b->since;
	return strcmp(a->cause, b->cause) < 0;
}

static bool
matches(const struct lister *l, const struct case_head *c)
{
	if (l->account.n > 0 && !str_is(str_from(c->account), l->account))
		return false;
	if (l->rule.n > 0 && !str_is(str_from(c->rule), l->rule))
		return false;
	if (l->is_mine && strcmp(c->assignee, l->q->user) != 0)
		return false;
	if (l->older > 0 && l->now - case_waits_since(c) < l->older)
		return false;
	if (l->has_state)
		return c->state == l->state;
	return l->is_any_state || case_is_pending(c);
}

static void
sink(struct lister *l, const struct case_head *c)
{
	size_t i = l->n < l->max ? l->n++ : l->n - 1;

	for (; i > 0 && is_before(c, l->v[i - 1]); i--)
		l->v[i] = l->v[i - 1];
	l->v[i] = c;
}

static void
look(void *ctx, const struct case_head *c)
{
	struct lister *l = ctx;

	if (!matches(l, c))
		return;
	l->matched++;
	if (l->from && !is_before(l->from, c))
		return;
	if (l->n < l->max || is_before(c, l->v[l->n - 1]))
		sink(l, c);
}

static bool
take_filter(struct desk *d, const struct control_request *q, struct lister *l,
    struct control_reply *r)
{
	struct cases *store = app_cases_store(d->app->cases);
	struct str state = control_option(q, "state");
	struct str from = control_option(q, "from");
	uint64_t n = SHOWN;

	l->q = q;
	l->now = d->now(d->ctx);
	l->account = control_option(q, "account");
	l->rule = control_option(q, "rule");
	l->is_mine = control_has(q, "mine");
	/* An account's are all of interest. */
	l->is_any_state =
	    str_is(state, STR("all")) || (state.n == 0 && l->account.n > 0);
	l->has_state = state.n > 0 && !l->is_any_state;
	if (l->has_state && !case_state_parse(state, &l->state))
		return control_fail(r, EXIT_USAGE,
		    "--state is open, review, password, approved, denied, "
		    "closed, ended or all");
	if (control_has(q, "older") &&
	    !time_parse_duration(control_option(q, "older"), &l->older))
		return control_fail(r, EXIT_USAGE,
		    "--older \"%.*s\" is no duration (such as 2h, 7d)",
		    STR_ARG(control_option(q, "older")));
	if (control_has(q, "last") &&
	    (!str_to_u64(control_option(q, "last"), &n) || n == 0 ||
		n > SHOWN_MAX))
		return control_fail(
		    r, EXIT_USAGE, "--last needs a number up to %d", SHOWN_MAX);
	l->from = from.n > 0 ? cases_find(store, from) : NULL;
	if (from.n > 0 && !l->from)
		return control_fail(
		    r, EXIT_UNKNOWN, "no case \"%.*s\"", STR_ARG(from));
	l->max = (size_t)n;
	return true;
}

static void
print_age(const struct lister *l, const struct case_head *c, struct text *out)
{
	time_duration_words(out, l->now - case_waits_since(c));
}

static void
print_row(struct lister *l, const struct case_head *c, struct report *r)
{
	char buf[160];
	struct text t;

	report_str(r, str_from(c->id));
	text_init(&t, buf, sizeof(buf));
	print_age(l, c, &t);
	report_str(r, text_view(&t));
	report_str(r, str_from(case_state_text(c->state)));
	report_str(r, str_from(c->account));
	report_str(r, str_from(c->rung));
	report_str(r, str_from(c->rule));
	report_int(r, c->score);
	report_str(r, str_from(c->assignee));
	text_init(&t, buf, sizeof(buf));
	if (c->answered.at_us > 0)
		text_add(&t, case_answer_text(c->answer));
	if (c->is_answer_in_evidence)
		text_add(&t, ", from the evidence's network");
	else if (c->password.at_us > 0)
		text_add(&t, ", new password");
	report_str(r, text_view(&t));
}

static void
print_rows(struct lister *l, struct control_reply *r)
{
	static const char *const columns[] = {"case", "waits", "state",
	    "account", "standing", "rule", "score", "assigned", "answer"};
	struct report *report = report_new(false);

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		report_column(
		    report, columns[i], i == 6 ? TABLE_RIGHT : TABLE_LEFT);
	for (size_t i = 0; i < l->n; i++)
		print_row(l, l->v[i], report);
	report_end(&report, l->q->width,
	    l->has_state || l->is_any_state ? "no such case"
					    : "no case waits for anybody",
	    &r->out);
	if (l->n == l->max && l->matched > l->n)
		text_printf(&r->out,
		    "(%zu cases in all; the next: --from %s)\n", l->matched,
		    l->v[l->n - 1]->id);
}

static void
print_json(struct lister *l, struct control_reply *r)
{
	struct json_out j;

	json_out_init(&j, &r->out);
	json_open_array(&j, NULL);
	for (size_t i = 0; i < l->n; i++) {
		json_open(&j, NULL);
		case_json_head(l->v[i], &j);
		json_i64(&j, "waits", l->now - case_waits_since(l->v[i]));
		json_close(&j);
	}
	json_close_array(&j);
	text_char(&r->out, '\n');
}

void
desk_cases(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct lister l = {0};
	size_t at = 0;

	if (!take_filter(d, q, &l, r))
		return;
	l.v = xalloc(l.max, sizeof(struct case_head *));
	while (
	    cases_walk(app_cases_store(d->app->cases), &at, SIZE_MAX, look, &l))
		continue;
	if (q->is_json)
		print_json(&l, r);
	else
		print_rows(&l, r);
	free(l.v);
}
