/* show_draw - one subject on a screen */
#include "cli/show_draw.h"

#include <ctype.h>

#include "base/time.h"

enum { LINE = 1024 };

struct view {
	const struct json *doc;
	struct page *page;
	const struct page_shape *shape;
	struct str name, standing, observed;
	int64_t now;
	bool is_account, is_stopped;
};

static bool
is_one_of(struct str s, const char *a, const char *b, const char *c)
{
	return str_is(s, str_from(a)) || str_is(s, str_from(b)) ||
	       str_is(s, str_from(c));
}

/* As an argument of outpost: networks and domains are known by their form. */
static void
add_name(const struct view *v, struct text *out)
{
	struct str kind = show_text(v->doc, "kind");

	if (v->name.n == 0)
		text_str(out, kind);
	else if (str_is(kind, STR("domain")))
		text_char(out, '@');
	else if (!is_one_of(kind, "account", "client", "network"))
		text_printf(out, "%.*s:", STR_ARG(kind));
	text_str(out, v->name);
}

/* As a word of a shell: names are outsiders' bytes, and commands are copied. */
static void
add_argument(const struct view *v, struct text *out)
{
	char buf[LINE];
	struct text t;
	bool is_plain = true;

	text_init(&t, buf, sizeof(buf));
	add_name(v, &t);
	for (size_t i = 0; i < t.n; i++) {
		if (!isalnum((unsigned char)buf[i]) &&
		    !strchr("@._+:/-", buf[i]))
			is_plain = false;
	}
	if (is_plain && buf[0] != '-') {
		text_str(out, text_view(&t));
		return;
	}
	text_add(out, buf[0] == '-' ? "-- '" : "'");
	for (size_t i = 0; i < t.n; i++) {
		if (buf[i] == '\'')
			text_add(out, "'\\''");
		else
			text_char(out, buf[i]);
	}
	text_char(out, '\'');
}

static enum page_color
color_of(struct str standing)
{
	if (is_one_of(standing, "suspended", "held", "held"))
		return PAGE_RED;
	return str_is(standing, STR("good")) ? PAGE_GREEN : PAGE_YELLOW;
}

static void
draw_head(const struct view *v)
{
	char left[LINE], right[128];
	int64_t since = show_time(v->doc, "since");
	struct text l, r;

	text_init(&l, left, sizeof(left));
	add_name(v, &l);
	text_init(&r, right, sizeof(right));
	text_printf(&r, "%s%.*s",
	    str_is(v->standing, STR("probation")) ? "on " : "",
	    STR_ARG(v->standing));
	if (since && !str_is(v->standing, STR("good"))) {
		text_add(&r, " since ");
		show_when(&r, since, v->now);
	}
	page_head(v->page, text_view(&l), text_view(&r), color_of(v->standing));
}

static void
draw_known(const struct view *v)
{
	struct str country = show_text(v->doc, "country_name");
	char buf[LINE];
	struct text t;

	page_part(v->page, "", 0, false);
	text_init(&t, buf, sizeof(buf));
	if (v->is_account)
		text_printf(&t, "class %.*s%s, ",
		    STR_ARG(show_text(v->doc, "class")),
		    json_is_true(json_get(v->doc, "is_shared"))
			? ", a shared account: never held or suspended by "
			  "itself"
			: "");
	else if (v->name.n > 0)
		text_printf(&t, "%.*s%s%.*s, ",
		    STR_ARG(show_text(v->doc, "kind")), country.n ? " in " : "",
		    STR_ARG(country));
	if (show_time(v->doc, "first_seen")) {
		text_add(&t, "first seen ");
		show_when(&t, show_time(v->doc, "first_seen"), v->now);
		text_add(&t, ", last ");
		show_when(&t, show_time(v->doc, "last_seen"), v->now);
	} else {
		text_add(&t, "sent nothing yet");
	}
	page_wrap(v->page, text_view(&t));
	if (json_is_true(json_get(v->doc, "is_partial")))
		page_line(v->page, STR("the other nodes' counts can't be read: "
				       "these are of this node alone"));
}

/* "A; B; C": a line each, and more when they are long. */
static void
draw_reasons(const struct view *v, struct str reason)
{
	ptrdiff_t at;

	while ((at = str_find(reason, STR("; "))) >= 0) {
		page_wrap(v->page, str_head(reason, (size_t)at));
		reason = str_skip(reason, (size_t)at + 2);
	}
	page_wrap(v->page, reason);
}

static void
draw_score(const struct view *v)
{
	const struct json *reasons = json_get(v->doc, "reasons");

	for (size_t i = 0; i < json_count(reasons); i++)
		page_wrap(v->page, show_text(json_at(reasons, i), "text"));
	if (json_count(reasons) == 0)
		page_line(v->page, STR("nothing speaks against it"));
}

static void
draw_observed(const struct view *v)
{
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "would be %.*s since ", STR_ARG(v->observed));
	show_when(&t, show_time(v->doc, "observed_since"), v->now);
	text_add(&t, json_is_true(json_get(v->doc, "is_enforcing"))
			 ? " (observed only)"
			 : " (mode observe: nothing is stopped)");
	page_wrap(v->page, text_view(&t));
	draw_reasons(v, show_text(v->doc, "observed_reason"));
}

/* What a rule on trial would do. */
static void
draw_tried(const struct view *v)
{
	const struct json *tried = json_get(v->doc, "tried");
	char buf[LINE];
	struct text t;

	if (!tried)
		return;
	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "would have been %.*s by %.*s since ",
	    STR_ARG(show_text(tried, "standing")),
	    STR_ARG(show_text(tried, "rule")));
	show_when(&t, show_time(tried, "at"), v->now);
	text_add(&t, ", which is on trial until ");
	show_when(&t, show_time(tried, "until"), v->now);
	page_wrap(v->page, text_view(&t));
	draw_reasons(v, show_text(tried, "reason"));
}

static void
draw_why(const struct view *v)
{
	struct str by = show_text(v->doc, "by");
	char buf[LINE];
	struct text t;

	page_part(v->page, "why", 4, true);
	if (str_is(v->standing, STR("good"))) {
		if (str_is(v->observed, STR("good")))
			draw_score(v);
		else
			draw_observed(v);
		draw_tried(v);
		return;
	}
	if (!json_is_true(json_get(v->doc, "is_operator"))) {
		draw_reasons(v, show_text(v->doc, "reason"));
		draw_tried(v);
		return;
	}
	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%.*s: %.*s", STR_ARG(by),
	    STR_ARG(show_text(v->doc, "reason")));
	page_wrap(v->page, text_view(&t));
}

static void
draw_exempt(const struct view *v)
{
	int64_t until = show_time(v->doc, "exempt_until");
	char buf[LINE];
	struct text t;

	if (until <= v->now)
		return;
	page_part(v->page, "exempt", 1, false);
	text_init(&t, buf, sizeof(buf));
	text_add(&t, "until ");
	show_when(&t, until, v->now);
	text_printf(&t, ", by %.*s: %.*s",
	    STR_ARG(show_text(v->doc, "exempt_by")),
	    STR_ARG(show_text(v->doc, "exempt_reason")));
	page_wrap(v->page, text_view(&t));
}

/* Deliveries to a provider are resumed, not lifted. */
static void
draw_lift(const struct view *v)
{
	bool is_provider = str_is(show_text(v->doc, "kind"), STR("provider"));
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "outpost %s --reason \"...\" ",
	    is_provider ? "resume" : "lift");
	add_argument(v, &t);
	page_part(v->page, is_provider ? "end it" : "lift it", 1, false);
	page_line(v->page, text_view(&t));
}

/* When it ends by itself, and the command that ends it now. */
static void
draw_ends(const struct view *v)
{
	int64_t until = show_time(v->doc, "until");
	int64_t probation = show_number(v->doc, "probation_for");
	char buf[LINE];
	struct text t;

	if (is_one_of(v->standing, "good", "watched", "watched"))
		return;
	page_part(v->page, "ends", 1, false);
	text_init(&t, buf, sizeof(buf));
	if (json_is_true(json_get(v->doc, "is_braked")))
		text_add(&t, "when somebody decides (outpost brake), or ");
	if (until) {
		show_when(&t, until, v->now);
		text_add(&t, ", in ");
		time_duration_words(&t, until > v->now ? until - v->now : 0);
		text_add(&t, ", by itself");
	} else {
		text_add(&t, "not by itself");
	}
	if (str_is(v->standing, STR("suspended")) && v->is_account &&
	    probation > 0) {
		text_add(&t, until ? "; then probation for "
				   : "; after a lift probation for ");
		time_duration_words(&t, probation);
	}
	page_wrap(v->page, text_view(&t));
	draw_lift(v);
}

static const char *
origin_words(struct str origin)
{
	if (str_is(origin, STR("clean")))
		return ", used before; leaves when this ends";
	if (str_is(origin, STR("late")))
		return ", used before, but sent after the evidence began";
	return str_is(origin, STR("new")) ? ", new to it" : "";
}

static void
draw_held_networks(const struct view *v, const struct json *networks)
{
	for (size_t i = 0; i < json_count(networks); i++) {
		const struct json *n = json_at(networks, i);
		struct str net = show_text(n, "network");

		page_format(v->page, "%lld from %.*s%s",
		    (long long)show_number(n, "messages"),
		    STR_ARG(net.n ? net : STR("no known network")),
		    origin_words(show_text(n, "origin")));
	}
}

static void
draw_held(const struct view *v)
{
	const struct json *held = json_get(v->doc, "held");
	int64_t n = show_number(held, "messages");
	int64_t oldest = show_time(held, "oldest");
	char buf[LINE];
	struct text t;

	if (!json_is_object(held) ||
	    (n == 0 && (!v->is_account || !v->is_stopped)))
		return;
	page_part(v->page, "held", 3, false);
	if (n == 0) {
		page_line(v->page, STR("nothing of it waits in the queue"));
		return;
	}
	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%lld message%s, ", (long long)n, n == 1 ? "" : "s");
	show_bytes(&t, show_number(held, "bytes"));
	if (oldest) {
		text_add(&t, ", oldest ");
		show_when(&t, oldest, v->now);
	}
	if (v->is_account) {
		text_add(&t, " (outpost queue ");
		add_argument(v, &t);
		text_char(&t, ')');
	}
	page_wrap(v->page, text_view(&t));
	draw_held_networks(v, json_get(held, "networks"));
}

static int64_t
count_of(const struct view *v, const char *count, const char *window)
{
	const struct json *rows = json_get(v->doc, "counts");

	for (size_t i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);

		if (str_is(show_text(row, "count"), str_from(count)))
			return show_number(row, window);
	}
	return 0;
}

/* What became of it, in the order in which it matters. */
static void
draw_outcomes(const struct view *v)
{
	static const struct {
		const char *count, *words;
	} rows[] = {
	    {"messages", "messages"},
	    {"delivered", "delivered"},
	    {"deferred", "deferred"},
	    {"refused", "refused as spam"},
	    {"unknown_user", "unknown"},
	    {"bounced", "bounced"},
	    {"attempts", "stopped here"},
	    {"inside", "in our own domains"},
	    {"logins", "mailbox logins"},
	};
	int64_t pending = show_number(v->doc, "pending");
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t n = count_of(v, rows[i].count, "1d");

		if (n > 0)
			text_printf(&t, "%s%lld %s", t.n ? ", " : "",
			    (long long)n, rows[i].words);
	}
	if (pending > 0)
		text_printf(&t, "%s%lld not yet tried", t.n ? ", " : "",
		    (long long)pending);
	if (t.n == 0)
		return;
	page_part(v->page, "24 h", 2, false);
	page_wrap(v->page, text_view(&t));
}

/* A week's, as far as it is believed, and against what was delivered. */
static void
draw_complaints(const struct view *v)
{
	int64_t n = count_of(v, "complaints", "7d");
	int64_t claims = count_of(v, "claims", "7d");
	int64_t delivered = count_of(v, "delivered", "7d");
	char buf[LINE];
	struct text t;

	if (n == 0 && claims == 0)
		return;
	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%lld complaints in 7 days", (long long)n);
	if (n > 0 && delivered > 0)
		text_printf(&t, ", %.2f%% of %lld delivered",
		    100.0 * (double)n / (double)delivered,
		    (long long)delivered);
	if (claims > 0)
		text_printf(
		    &t, "; %lld that nobody vouches for", (long long)claims);
	if (v->is_account) {
		text_add(&t, " (outpost complaints ");
		add_argument(v, &t);
		text_char(&t, ')');
	}
	page_part(v->page, "reports", 2, false);
	page_wrap(v->page, text_view(&t));
}

static void
draw_notes(const struct view *v)
{
	const struct json *notes = json_get(v->doc, "notes");

	if (json_count(notes) == 0)
		return;
	page_part(v->page, "note", 1, false);
	for (size_t i = 0; i < json_count(notes); i++)
		page_wrap(v->page, json_text(json_at(notes, i)));
}

void
show_draw(const struct json *doc, const struct page_shape *s, struct text *out)
{
	struct view v = {.doc = doc,
	    .shape = s,
	    .page = page_new(s),
	    .name = show_text(doc, "subject"),
	    .standing = show_text(doc, "standing"),
	    .observed = show_text(doc, "observed"),
	    .now = show_time(doc, "now")};

	v.is_account = str_is(show_text(doc, "kind"), STR("account"));
	v.is_stopped = is_one_of(v.standing, "held", "suspended", "suspended");
	draw_head(&v);
	draw_known(&v);
	draw_why(&v);
	draw_exempt(&v);
	draw_ends(&v);
	draw_held(&v);
	show_chart(v.page, doc, s);
	draw_outcomes(&v);
	draw_complaints(&v);
	show_lists(v.page, doc, v.now);
	draw_notes(&v);
	page_print(v.page, out);
	page_free(&v.page);
}
