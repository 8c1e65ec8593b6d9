/* show_lists - the parts of `outpost show` that are lists
 *
 * The newest, or the nearest, first: what has no room is at the end.
 */
#include "cli/show_draw.h"

enum { LINE = 1024, LIMITS_SHOWN = 64, NET_COLUMNS = 18, COUNTRY = 14 };

/* Only the first of them stands apart from what is above it. */
struct lists {
	struct page *page;
	const struct json *doc;
	int64_t now;
	bool has_some;
};

static void
begin(struct lists *l, const char *label, size_t least)
{
	page_part(l->page, label, least, !l->has_some);
	l->has_some = true;
}

/* "05:12  to 40  "You won"  a@example.net, b@example.org": the addresses, of
 * which there may be many, last. */
static void
draw_sample(struct lists *l, const struct json *m)
{
	const struct json *to = json_get(m, "to");
	struct str subject = show_text(m, "subject");
	struct str from = show_text(m, "from");
	char buf[LINE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	show_when(&t, show_time(m, "at"), l->now);
	text_printf(&t, "  to %lld", (long long)show_number(m, "recipients"));
	if (!str_is_nocase(from, show_text(l->doc, "subject")))
		text_printf(&t, " as %.*s",
		    STR_ARG(from.n ? from : STR("nobody (<>)")));
	if (subject.n > 0)
		text_printf(&t, "  \"%.*s\"", STR_ARG(subject));
	for (size_t i = 0; i < json_count(to); i++)
		text_printf(&t, "%s%.*s", i ? ", " : "  ",
		    STR_ARG(json_text(json_at(to, i))));
	if (show_number(m, "recipients") > (int64_t)json_count(to))
		text_add(&t, " ...");
	page_line(l->page, text_view(&t));
}

static void
draw_samples(struct lists *l)
{
	const struct json *samples = json_get(l->doc, "samples");

	if (json_count(samples) == 0)
		return;
	begin(l, "mail", 3);
	for (size_t i = json_count(samples); i-- > 0;)
		draw_sample(l, json_at(samples, i));
}

static void
draw_networks(struct lists *l)
{
	const struct json *networks = json_get(l->doc, "networks");

	if (json_count(networks) == 0)
		return;
	begin(l, "networks", 2);
	for (size_t i = 0; i < json_count(networks); i++) {
		const struct json *n = json_at(networks, i);
		struct str country = show_text(n, "country");
		struct str name = show_text(n, "country_name");
		char buf[LINE];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		text_str(&t, show_text(n, "network"));
		text_pad(
		    &t, ' ', t.n + 1 < NET_COLUMNS ? NET_COLUMNS - t.n : 1);
		if (json_is_true(json_get(l->doc, "has_countries")))
			text_printf(&t, "%-2.*s %-*.*s ", STR_ARG(country),
			    COUNTRY, name.n < COUNTRY ? (int)name.n : COUNTRY,
			    name.p);
		text_add(&t, "since ");
		show_about(&t, show_time(n, "first_seen"), l->now);
		text_add(&t, ", last ");
		show_about(&t, show_time(n, "last_seen"), l->now);
		page_line(l->page, text_view(&t));
	}
}

static void
draw_accounts(struct lists *l)
{
	const struct json *accounts = json_get(l->doc, "accounts");
	int64_t all = show_number(l->doc, "accounts_known");

	if (!json_is_array(accounts))
		return;
	begin(l, "accounts", 3);
	if (all == 0) {
		page_line(l->page, STR("none known"));
		return;
	}
	page_format(l->page, "%lld %s it%s", (long long)all,
	    str_is(show_text(l->doc, "kind"), STR("domain")) ? "of"
							     : "sent from",
	    all > 0 ? "; recipients in the last 24 hours:" : "");
	for (size_t i = 0; i < json_count(accounts); i++) {
		const struct json *a = json_at(accounts, i);
		struct str standing = show_text(a, "standing");

		page_format(l->page, "%7lld  %.*s%s%.*s",
		    (long long)show_number(a, "recipients"),
		    STR_ARG(show_text(a, "account")),
		    str_is(standing, STR("good")) ? "" : ", ",
		    str_is(standing, STR("good")) ? 0 : (int)standing.n,
		    standing.p);
	}
}

/* How near it is to its limits: the nearest first. */
static void
draw_limits(struct lists *l)
{
	const struct json *rows = json_get(l->doc, "limits");
	bool is_shown[LIMITS_SHOWN] = {false};

	if (json_count(rows) == 0)
		return;
	begin(l, "limits", 0);
	for (size_t k = 0; k < json_count(rows) && k < LIMITS_SHOWN; k++) {
		size_t best = LIMITS_SHOWN;
		double most = -1;

		for (size_t i = 0; i < json_count(rows) && i < LIMITS_SHOWN;
		     i++) {
			const struct json *r = json_at(rows, i);
			double max = (double)show_number(r, "max");
			double share =
			    (double)show_number(r, "now") / (max > 0 ? max : 1);

			if (!is_shown[i] && share > most) {
				most = share;
				best = i;
			}
		}
		const struct json *r = json_at(rows, best);
		struct str note = show_text(r, "note");

		is_shown[best] = true;
		page_format(l->page, "%lld of %lld %.*s in %.*s (%.*s%s%.*s)",
		    (long long)show_number(r, "now"),
		    (long long)show_number(r, "max"),
		    STR_ARG(show_text(r, "count")),
		    STR_ARG(show_text(r, "window")),
		    STR_ARG(show_text(r, "limit")), note.n ? ", " : "",
		    STR_ARG(note));
	}
}

static void
draw_history(struct lists *l)
{
	const struct json *events = json_get(l->doc, "history");

	if (json_count(events) == 0)
		return;
	begin(l, "history", 2);
	for (size_t i = json_count(events); i-- > 0;) {
		const struct json *e = json_at(events, i);
		char buf[LINE];
		struct text t;

		if (str_is(show_text(e, "type"), STR("warning")))
			continue;
		text_init(&t, buf, sizeof(buf));
		show_day(&t, show_time(e, "at"));
		text_add(&t, "  ");
		show_event(e, &t);
		page_line(l->page, text_view(&t));
	}
}

void
show_lists(struct page *p, const struct json *doc, int64_t now)
{
	struct lists l = {p, doc, now, false};

	draw_samples(&l);
	draw_accounts(&l);
	draw_networks(&l);
	draw_history(&l);
	draw_limits(&l);
}
