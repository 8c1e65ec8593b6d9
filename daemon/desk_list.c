/* desk_list - status, list and events: the looks at all subjects */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/desk_gather.h"
#include "daemon/desk_page.h"
#include "daemon/report.h"
#include "limits/brake.h"

enum { PAIRS_MAX = 256 * 1024, HOUR = 3600, EVENTS_SHOWN = 50 };

/* Each says in a sentence what its members say. */
static void
print_items(struct text *out, struct str key, const struct json *array)
{
	for (size_t i = 0; i < json_count(array); i++) {
		struct json *says = json_get(json_at(array, i), "says");

		text_printf(out, "%-22.*s ", STR_ARG(key));
		text_printable(out, json_text(says));
		text_char(out, '\n');
	}
}

static void
print_member(void *ctx, struct str key, struct json *value)
{
	struct text *out = ctx;
	char word[512];
	struct text w;

	if (json_is_array(value)) {
		print_items(out, key, value);
		return;
	}
	text_init(&w, word, sizeof(word));
	if (json_is_string(value))
		text_str(&w, json_text(value));
	else
		json_print(&w, value);
	text_printf(out, "%-22.*s ", STR_ARG(key));
	text_printable(out, text_view(&w));
	text_char(out, '\n');
}

static void
print_pairs(void (*pairs)(void *ctx, struct json_out *j), void *ctx,
    const struct control_request *q, struct control_reply *r)
{
	struct json_out j;
	struct text t;

	text_grow(&t, PAIRS_MAX);
	json_out_init(&j, &t);
	json_open(&j, NULL);
	pairs(ctx, &j);
	json_close(&j);
	if (q->is_json) {
		text_str(&r->out, text_view(&t));
		text_char(&r->out, '\n');
	} else {
		struct json *doc = json_parse(text_view(&t), NULL);

		json_each(doc, print_member, &r->out);
		json_free(&doc);
	}
	text_done(&t);
}

void
desk_status(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	print_pairs(d->status, d->ctx, q, r);
}

void
desk_books(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	print_pairs(d->books, d->ctx, q, r);
}

struct lister {
	struct desk *desk;
	struct desk_page page;
	bool has_kind, has_rung;
	enum subject_kind kind;
	enum standing rung;
};

/* What is said of one subject: its standing in effect, else what would be,
 * else its exemption. */
struct row {
	enum standing rung;
	const char *note;
	int64_t since, until;
	const char *by, *reason;
};

static void
choose_row(const struct standing_state *s, struct row *r)
{
	*r = (struct row){s->rung, "", s->since, s->until, s->by, s->reason};
	if (s->rung != STANDING_GOOD)
		return;
	if (s->observed != STANDING_GOOD)
		*r = (struct row){s->observed, " (observed)", s->observed_since,
		    s->observed_until, "outpost", s->observed_reason};
	else if (s->exempt_until != 0)
		*r = (struct row){STANDING_GOOD, " (exempt)", 0,
		    s->exempt_until, s->exempt_by, s->exempt_reason};
}

/* Who is good but for a rule on trial. */
static void
add_tried(struct desk *d, enum subject_kind kind, struct str key, struct row *r)
{
	struct desk_tried t;

	if (r->rung != STANDING_GOOD || *r->note ||
	    !desk_find_tried(d, kind, key, &t))
		return;
	*r = (struct row){
	    t.rung, " (on trial)", t.at, t.until, t.rule, t.reason};
}

static void
list_one(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	struct lister *l = ctx;
	char name[700], words[32];
	struct row row;
	struct text t, w;

	choose_row(state, &row);
	add_tried(l->desk, kind, key, &row);
	if ((l->has_kind && kind != l->kind) ||
	    (l->has_rung && row.rung != l->rung) ||
	    (row.rung == STANDING_GOOD && !*row.note && !l->has_rung))
		return;
	text_init(&t, name, sizeof(name));
	desk_subject_print(kind, key, &t);
	text_init(&w, words, sizeof(words));
	text_printf(&w, "%s%s", desk_standing_text(kind, row.rung), row.note);
	desk_list_row(&l->page, text_view(&t), text_view(&w), row.since,
	    row.until, row.by, row.reason);
}

void
desk_list_open(struct desk_page *p, const char *empty, struct control_reply *r)
{
	desk_page_open(p, empty, 1, r);
	desk_page_column(p, "subject", DESK_CELL_TEXT);
	desk_page_column(p, "standing", DESK_CELL_TEXT);
	desk_page_column(p, "since", DESK_CELL_TIME);
	desk_page_column(p, "until", DESK_CELL_TIME);
	desk_page_column(p, "by", DESK_CELL_TEXT);
	desk_page_column(p, "reason", DESK_CELL_TEXT);
}

void
desk_list_row(struct desk_page *p, struct str subject, struct str standing,
    int64_t since, int64_t until, const char *by, const char *reason)
{
	desk_page_text(p, subject);
	desk_page_text(p, standing);
	desk_page_i64(p, since);
	desk_page_i64(p, until);
	desk_page_text(p, str_from(by));
	desk_page_text(p, str_from(reason));
}

static bool
take_filter(
    const struct control_request *q, struct lister *l, struct control_reply *r)
{
	struct str kind = control_option(q, "kind");

	l->has_kind = control_has(q, "kind");
	l->has_rung = q->n_args > 0;
	if (l->has_kind && !subject_kind_parse(kind, &l->kind))
		return control_fail(r, EXIT_USAGE,
		    "--kind must be account, claimed, domain, client, "
		    "network, provider, node or all");
	if (l->has_rung && !standing_parse(q->args[0], &l->rung))
		return control_fail(r, EXIT_USAGE,
		    "\"%.*s\" is no standing (watched, throttled, held, "
		    "suspended, probation)",
		    STR_ARG(q->args[0]));
	return true;
}

static void
list_senders(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	const struct desk_senders_of all = {.window = HOUR};
	const struct desk_senders *top = desk_senders(d, &all);
	struct ledger *l = pipeline_ledger(d->pipeline);
	struct report *report;

	if (!top)
		return;
	report = report_new(q->is_json);
	report_column(report, "account", TABLE_LEFT);
	report_column(report, "hour", TABLE_RIGHT);
	report_column(report, "day", TABLE_RIGHT);
	report_column(report, "delivered", TABLE_RIGHT);
	report_column(report, "unknown_user", TABLE_RIGHT);
	report_column(report, "refused", TABLE_RIGHT);
	report_column(report, "networks", TABLE_RIGHT);
	for (size_t i = 0; i < top->n; i++) {
		struct subject *s = ledger_find(
		    l, SUBJECT_ACCOUNT, str_from(top->v[i].account));
		const enum count counts[] = {COUNT_RECIPIENTS, COUNT_DELIVERED,
		    COUNT_UNKNOWN_USER, COUNT_REFUSED};

		if (!s)
			continue;
		report_str(report, subject_key(s));
		report_int(report, (int64_t)top->v[i].recipients);
		for (size_t k = 0; k < 4; k++)
			report_int(report,
			    (int64_t)subject_sum(l, s, counts[k], 24 * HOUR));
		report_int(report, (int64_t)subject_distinct_networks(
				       s, 24 * HOUR, ledger_now(l)));
	}
	report_end(&report, q->width, "nobody sent anything", &r->out);
}

void
desk_list(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct lister l = {.desk = d};
	struct standings_walk w;
	struct str at;

	if (control_has(q, "senders")) {
		list_senders(d, q, r);
		return;
	}
	if (desk_selects(q)) {
		desk_select(d, q, r);
		return;
	}
	if (!take_filter(q, &l, r) || !desk_page_take(d, q, &at, r) ||
	    !desk_page_walk(d, at, &w))
		return;
	desk_list_open(&l.page, l.has_rung ? "nobody" : "everybody is good", r);
	standings_walk(pipeline_standings(d->pipeline), &w, DESK_PAGE_EFFORT,
	    STANDING_GOOD, d->now(d->ctx), list_one, &l);
	desk_page_close_at(&l.page, d, w.left);
}

struct event_printer {
	const struct control_request *q;
	struct control_reply *r;
};

const char *
desk_event_note(const struct event *e)
{
	if (!e->is_observed)
		return "";
	return strcmp(e->how, SANCTION_TRIED) == 0 ? " (on trial)"
						   : " (observed)";
}

/* What it was before somebody decided. */
static void
print_before(const struct event *e, struct text *out)
{
	struct json *doc =
	    e->is_operator ? json_parse(str_from(e->evidence), NULL) : NULL;
	struct str before = json_text(json_get(doc, "before"));

	if (before.n > 0)
		text_printf(out, " (was %.*s)", STR_ARG(before));
	json_free(&doc);
}

static void
print_event(void *ctx, const struct event *e)
{
	struct event_printer *p = ctx;
	enum subject_kind kind = SUBJECT_ALL;
	struct text *out = &p->r->out;

	event_id(e, p->r->last);
	if (p->q->is_json) {
		event_print(e, out);
		text_char(out, '\n');
		return;
	}
	time_local_text(out, e->at_us / TIME_US);
	text_printf(out, "  %-8s %-10s ", event_type_text(e->type), e->rung);
	subject_kind_parse(str_from(e->kind), &kind);
	if (*e->kind)
		desk_subject_print(kind, str_from(e->subject), out);
	if (!*e->kind && e->type != EVENT_DIGEST)
		text_add(out, e->rule);
	text_printf(out, "%s  ", desk_event_note(e));
	text_printable(out, str_from(e->reason));
	text_add(out, " [");
	text_printable(out, str_from(e->by));
	text_char(out, ']');
	print_before(e, out);
	text_char(out, '\n');
}

/* --follow=ID: only what came after it. */
static bool
parse_after(struct str id, struct event *after)
{
	struct str rest = id, word;
	struct text node;
	int64_t at_us;
	uint64_t seq;

	memset(after, 0, sizeof(*after));
	if (!str_cut(&rest, '-', &word) || !str_to_i64(word, &at_us) ||
	    !str_cut(&rest, '-', &word) || !str_to_u64(rest, &seq))
		return false;
	after->at_us = at_us;
	after->seq = seq;
	text_init(&node, after->node, sizeof(after->node));
	text_str(&node, word);
	return true;
}

void
desk_events(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	static struct event after;
	struct event_printer p = {q, r};
	struct desk_subject s;
	struct str kind = {"", 0}, key = {"", 0};
	uint64_t n = EVENTS_SHOWN;
	struct str follow = control_option(q, "follow");
	bool has_after = follow.n > 0 && parse_after(follow, &after);

	if (control_has(q, "last") &&
	    !str_to_u64(control_option(q, "last"), &n)) {
		control_fail(r, EXIT_USAGE, "--last needs a number");
		return;
	}
	if (q->n_args > 0) {
		if (!desk_subject_find(d, q->args[0], &s, r))
			return;
		kind = str_from(subject_kind_text(s.kind));
		key = str_from(s.key);
	}
	if (has_after)
		event_id(&after, r->last);
	history_each(d->history, kind, key, has_after ? &after : NULL,
	    has_after ? UINT32_MAX : n, print_event, &p);
	if (r->out.n == 0 && !q->is_json && !control_has(q, "follow"))
		text_add(&r->out, "no events\n");
}
