/* case_draw - `outpost case`: all of one case on a screen */
#include "cli/case_draw.h"

#include "base/time.h"
#include "cli/show_draw.h"

enum { LINE = 1024 };

struct view {
	const struct json *doc;
	struct page *page;
	const struct page_shape *shape;
	int64_t now;
};

static struct str
get(const struct view *v, const char *key)
{
	return show_text(v->doc, key);
}

static bool
is(const struct view *v, const char *key, const char *text)
{
	return str_is(get(v, key), str_from(text));
}

static void
add_when(const struct view *v, const struct json *of, const char *key,
    struct text *out)
{
	show_when(out, show_time(of, key), v->now);
}

static enum page_color
color_of(const struct view *v)
{
	if (is(v, "state", "review"))
		return PAGE_YELLOW;
	if (is(v, "state", "approved") || is(v, "state", "ended"))
		return PAGE_GREEN;
	return PAGE_RED;
}

static void
draw_head(const struct view *v)
{
	char left[LINE], right[LINE];
	struct text l, r;

	text_init(&l, left, sizeof(left));
	text_printf(&l, "case %.*s  %.*s", STR_ARG(get(v, "case")),
	    STR_ARG(get(v, "account")));
	text_init(&r, right, sizeof(right));
	text_str(&r, get(v, "state"));
	if (get(v, "end").n > 0 && !is(v, "state", "ended"))
		text_printf(&r, ", %.*s", STR_ARG(get(v, "end")));
	page_head(v->page, text_view(&l), text_view(&r), color_of(v));
}

static void
add_until(const struct view *v, struct text *t)
{
	int64_t until = show_time(v->doc, "until");

	if (json_is_true(json_get(v->doc, "is_complaints"))) {
		text_add(t, ", until there are few");
		return;
	}
	if (until == 0) {
		text_add(t, ", until lifted");
		return;
	}
	text_add(t, ", until ");
	show_when(t, until, v->now);
}

static void
draw_sanction(const struct view *v)
{
	char buf[LINE];
	struct text t;

	page_part(v->page, "standing", 3, true);
	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%.*s since ", STR_ARG(get(v, "standing")));
	add_when(v, v->doc, "since", &t);
	if (get(v, "end").n > 0) {
		text_printf(&t, "; %.*s ", STR_ARG(get(v, "end")));
		add_when(v, v->doc, "ended", &t);
		if (get(v, "next").n > 0)
			text_printf(
			    &t, " by case %.*s", STR_ARG(get(v, "next")));
	} else {
		add_until(v, &t);
	}
	text_printf(&t, ", by %.*s", STR_ARG(get(v, "by")));
	page_line(v->page, text_view(&t));
	page_wrap(v->page, get(v, "reason"));
	if (show_time(v->doc, "began") > 0) {
		text_init(&t, buf, sizeof(buf));
		text_add(&t, "began ");
		add_when(v, v->doc, "began", &t);
		text_printf(&t, "; %lld recipients since",
		    (long long)show_number(v->doc, "leaked"));
		page_line(v->page, text_view(&t));
	}
}

static void
draw_desk(const struct view *v)
{
	char buf[LINE];
	struct text t;

	page_part(v->page, "desk", 2, true);
	if (get(v, "assigned").n > 0)
		page_format(
		    v->page, "assigned to %.*s", STR_ARG(get(v, "assigned")));
	if (show_time(v->doc, "decided") > 0) {
		text_init(&t, buf, sizeof(buf));
		text_add(&t, json_is_true(json_get(v->doc, "is_approved"))
				 ? "approved "
				 : "denied ");
		add_when(v, v->doc, "decided", &t);
		text_printf(&t, " by %.*s: %.*s", STR_ARG(get(v, "decided_by")),
		    STR_ARG(get(v, "decision")));
		page_wrap(v->page, text_view(&t));
	}
	if (json_is_true(json_get(v->doc, "is_overturned")))
		page_line(v->page, STR("overturned: it was wrong"));
	if (json_is_true(json_get(v->doc, "is_kept")))
		page_line(v->page, STR("is kept, however old it gets"));
	if (json_is_true(json_get(v->doc, "password_in_evidence")))
		page_line(v->page,
		    STR("the password was changed from a network of the "
			"evidence"));
}

static void
draw_answer(const struct view *v, const struct json *a)
{
	static const char *const words[] = {"what", "to", "agreed"};
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	add_when(v, a, "at", &t);
	text_printf(&t, "  %.*s", STR_ARG(show_text(a, "answer")));
	if (show_text(a, "client").n > 0)
		text_printf(&t, ", from %.*s %.*s",
		    STR_ARG(show_text(a, "client")),
		    STR_ARG(show_text(a, "country")));
	if (json_is_true(json_get(a, "in_evidence")))
		text_add(&t, " (a network of the evidence)");
	page_line(v->page, text_view(&t));
	for (size_t i = 0; i < 3; i++) {
		struct str said = show_text(a, words[i]);

		if (said.n == 0)
			continue;
		text_init(&t, buf, sizeof(buf));
		text_printf(&t, "  %s: %.*s", words[i], STR_ARG(said));
		page_wrap(v->page, text_view(&t));
	}
}

static void
draw_answers(const struct view *v)
{
	const struct json *answers = json_get(v->doc, "answers");

	page_part(v->page, "owner", 4, true);
	for (size_t i = 0; i < json_count(answers); i++)
		draw_answer(v, json_at(answers, i));
	if (json_is_true(json_get(v->doc, "is_complaints")))
		page_line(v->page, STR("is not written to"));
	else if (json_count(answers) == 0 && is(v, "state", "open"))
		page_line(v->page, STR("has not answered yet"));
}

static void
draw_message(const struct view *v, const struct json *m)
{
	const struct json *to = json_get(m, "to");
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	add_when(v, m, "at", &t);
	text_printf(&t, "  %.*s  %lld to %.*s%s",
	    STR_ARG(show_text(m, "queue_id")),
	    (long long)show_number(m, "recipients"),
	    STR_ARG(json_text(json_at(to, 0))),
	    show_number(m, "recipients") > 1 ? " ..." : "");
	if (show_text(m, "subject").n > 0)
		text_printf(&t, "  \"%.*s\"", STR_ARG(show_text(m, "subject")));
	text_printf(&t, "  from %.*s %.*s", STR_ARG(show_text(m, "client")),
	    STR_ARG(show_text(m, "country")));
	page_line(v->page, text_view(&t));
}

static void
draw_network(const struct view *v, const struct json *n)
{
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%-18.*s %2.*s  since ",
	    STR_ARG(show_text(n, "network")), STR_ARG(show_text(n, "country")));
	add_when(v, n, "first_seen", &t);
	text_add(&t, ", last ");
	add_when(v, n, "last_seen", &t);
	text_add(&t,
	    json_is_true(json_get(n, "is_known")) ? "  known before" : "  new");
	if (json_is_true(json_get(n, "in_evidence")))
		text_add(&t, ", in the evidence");
	page_line(v->page, text_view(&t));
}

static void
draw_complaint(const struct view *v, const struct json *c)
{
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	add_when(v, c, "at", &t);
	text_printf(&t, "  %.*s %.*s  \"%.*s\"  from %.*s  %.*s",
	    STR_ARG(show_text(c, "provider")), STR_ARG(show_text(c, "kind")),
	    STR_ARG(show_text(c, "subject")), STR_ARG(show_text(c, "header")),
	    STR_ARG(show_text(c, "message_id")));
	page_line(v->page, text_view(&t));
}

static void
draw_letter(const struct view *v, const struct json *l)
{
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	add_when(v, l, "at", &t);
	text_printf(&t, "  %.*s (%.*s) %.*s %.*s",
	    STR_ARG(show_text(l, "stage")), STR_ARG(show_text(l, "language")),
	    STR_ARG(show_text(l, "outcome")), STR_ARG(show_text(l, "to")));
	page_line(v->page, text_view(&t));
}

static void
draw_step(const struct view *v, const struct json *s)
{
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	add_when(v, s, "at", &t);
	text_printf(&t, "  %.*s", STR_ARG(show_text(s, "what")));
	if (show_text(s, "reason").n > 0)
		text_printf(&t, ": %.*s", STR_ARG(show_text(s, "reason")));
	text_printf(&t, " [%.*s]", STR_ARG(show_text(s, "by")));
	page_line(v->page, text_view(&t));
}

static void
draw_reason(const struct view *v, const struct json *r)
{
	int64_t delivered = show_number(r, "delivered");
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%+lld  %.*s", (long long)show_number(r, "points"),
	    STR_ARG(show_text(r, "text")));
	if (delivered > 0)
		text_printf(&t, ", %.3g%%",
		    100.0 * (double)show_number(r, "value") /
			(double)delivered);
	text_printf(&t, " (%.*s)", STR_ARG(show_text(r, "rule")));
	page_line(v->page, text_view(&t));
}

static void
draw_place(const struct view *v, const struct json *p)
{
	page_format(v->page, "%.*s, outpost %.*s, config %.*s",
	    STR_ARG(show_text(p, "host")), STR_ARG(show_text(p, "version")),
	    STR_ARG(show_text(p, "config")));
	if (show_text(p, "rule_text").n > 0)
		page_wrap(v->page, show_text(p, "rule_text"));
}

static const struct list {
	const char *label, *member;
	size_t least;
	void (*draw)(const struct view *v, const struct json *one);
} lists[] = {
    {"reasons", "reasons", 2, draw_reason},
    {"messages", "messages", 3, draw_message},
    {"networks", "networks", 3, draw_network},
    {"complaints", "complaints", 2, draw_complaint},
    {"letters", "letters", 2, draw_letter},
    {"history", "history", 4, draw_step},
    {"judged by", "places", 1, draw_place},
};

static void
draw_list(const struct view *v, const struct list *l)
{
	const struct json *array = json_get(v->doc, l->member);

	page_part(v->page, l->label, l->least, true);
	for (size_t i = 0; i < json_count(array); i++)
		l->draw(v, json_at(array, i));
}

static void
draw_log(const struct view *v)
{
	const struct json *log = json_get(v->doc, "log");

	page_part(v->page, "log", 1, true);
	for (size_t i = 0; i < json_count(log); i++)
		page_wrap(v->page, json_text(json_at(log, i)));
}

static void
draw_domain(const struct view *v)
{
	const struct json *d = json_get(v->doc, "domain");

	if (!d)
		return;
	page_part(v->page, "domain", 1, true);
	page_format(v->page, "%.*s  SPF %.*s, DKIM %.*s, DMARC %.*s",
	    STR_ARG(show_text(d, "name")), STR_ARG(show_text(d, "spf")),
	    STR_ARG(show_text(d, "dkim")), STR_ARG(show_text(d, "dmarc")));
	if (show_text(d, "finding").n > 0)
		page_wrap(v->page, show_text(d, "finding"));
}

/* What can be done now. */
static void
draw_next(const struct view *v)
{
	struct str id = get(v, "case");

	page_part(v->page, "next", 1, true);
	if (json_is_true(json_get(v->doc, "is_in_force")))
		page_format(v->page,
		    "outpost case %.*s approve [--release clean] | deny "
		    "--reason TEXT | note TEXT",
		    STR_ARG(id));
}

void
case_draw(const struct json *doc, const struct page_shape *s, struct text *out)
{
	struct view v = {.doc = doc,
	    .shape = s,
	    .page = page_new(s),
	    .now = show_time(doc, "now")};

	draw_head(&v);
	draw_sanction(&v);
	draw_desk(&v);
	draw_answers(&v);
	show_chart(v.page, doc, s);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		draw_list(&v, &lists[i]);
	draw_domain(&v);
	draw_next(&v);
	draw_log(&v);
	page_print(v.page, out);
	page_free(&v.page);
}
