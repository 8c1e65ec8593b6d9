/* casepage_test - what stands on the owner's page, and what never does */
#include "notify/casepage.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "notify/case_bed.h"
#include "notify/case_piece.h"

#define TOKEN "abcdefghijklmnopqrstuvwxyz012345"

static struct {
	struct template_set *set;
	struct case_file *file;
	struct text out;
} t;

static void
file(void *ctx, struct event *e)
{
	e->at_us = (BED_SINCE + 1) * TIME_US;
	case_file_add(ctx, e);
}

static void
add_message(struct case_piece *p, const char *subject, const char *to)
{
	struct case_message m = {.at = BED_SINCE - 300,
	    .queue_id = "4F",
	    .sender = "alice@example.com",
	    .subject = subject,
	    .client = "198.51.100.77",
	    .country = "NG",
	    .country_name = "Nigeria",
	    .recipients = 50,
	    .to = {to, "bob@shop.example"},
	    .n_to = 2};
	char buf[2048];
	struct text piece;

	text_init(&piece, buf, sizeof(buf));
	case_piece_message(&m, &piece);
	case_piece_add(p, text_view(&piece));
}

static void
add_network(struct case_piece *p, const char *net, const char *country,
    bool is_in_evidence)
{
	struct case_network n = {.country = country,
	    .first_seen = BED_SINCE - 86400,
	    .last_seen = BED_SINCE - 60,
	    .is_known = !is_in_evidence,
	    .is_in_evidence = is_in_evidence};
	char buf[512];
	struct text piece;

	CHECK(ip_net_parse(str_from(net), &n.net));
	text_init(&piece, buf, sizeof(buf));
	case_piece_network(&n, &piece);
	case_piece_add(p, text_view(&piece));
}

static void
add_evidence(const char *subject, const char *to)
{
	struct case_head head = t.file->head;
	struct case_piece p = {
	    .about = &head, .emit = file, .ctx = t.file, .max = 20};

	case_piece_begin(&p, "messages");
	add_message(&p, subject, to);
	add_message(&p, "Your parcel could not be delivered, act now",
	    "jane.roe@university.example");
	add_message(&p, "", "x@y.example");
	case_piece_end(&p);
	case_piece_begin(&p, "networks");
	add_network(&p, "198.51.100.0/24", "NG", true);
	add_network(&p, "192.0.2.0/24", "CH", false);
	case_piece_end(&p);
	case_piece_put(&p, "counts",
	    STR("{\"counts\":[{\"name\":\"recipients\",\"hour\":1890}],"
		"\"leaked\":1890,\"bars\":[0,0,3,40,120,260,410,398,377,282],"
		"\"bars_end\":\"2025-11-21T22:40:00Z\",\"bar_seconds\":60}"));
}

static void
begin(const char *subject, const char *to)
{
	const struct template_places p = {NULL, "", ""};
	struct event e = bed_suspension();
	struct error err = {""};

	t.set = casepage_load(&p, &err);
	if (!t.set)
		fatal("%s", err.text);
	t.file = case_file_new();
	case_file_add(t.file, &e);
	add_evidence(subject, to);
	text_grow(&t.out, CASEPAGE_BYTES);
}

static void
end(void)
{
	case_file_free(&t.file);
	template_set_free(&t.set);
	text_done(&t.out);
}

static void
say(enum event_type type, int64_t after, const char *rung)
{
	struct event e = bed_said(type, after, rung);

	BED_PUT(e.evidence,
	    "{\"what\":\"the secret of the club\",\"client\":\"198.51.100.9\","
	    "\"in_evidence\":true}");
	BED_PUT(e.reason, "The list was bought.");
	case_file_add(t.file, &e);
}

static struct str
show(enum casepage_kind kind, const char *language)
{
	const struct casepage p = {.kind = kind,
	    .file = kind == CASEPAGE_GONE ? NULL : t.file,
	    .language = str_from(language),
	    .token = STR(TOKEN),
	    .form = STR("formformformformformfo"),
	    .once = STR("once"),
	    .what = STR("</textarea><script>alert(1)</script>"),
	    .fault = kind == CASEPAGE_ME ? CASEPAGE_EMPTY : CASEPAGE_NO_FAULT,
	    .provider = STR("Example Mail"),
	    .help = STR("Call +41 44 000 00 00\nMonday to Friday"),
	    .bulk_service = STR("https://lists.example.com"),
	    .password_page = STR("https://account.example.com/password")};

	text_clear(&t.out);
	casepage_write(t.set, &p, &t.out);
	CHECK(!t.out.is_cut);
	return text_view(&t.out);
}

static bool
has(struct str page, const char *part)
{
	return str_find(page, str_from(part)) >= 0;
}

/* Every tag that is opened is closed, in order. */
static void
check_tags(struct str page)
{
	static const char *const empty[] = {
	    "meta", "input", "rect", "br", "!DOCTYPE"};
	struct str open[64], rest = page, skipped;
	size_t n = 0;

	while (str_cut(&rest, '<', &skipped)) {
		struct str name = {rest.p, 0};
		bool is_empty = false;

		while (name.n < rest.n && !strchr(" />\n", rest.p[name.n]))
			name.n++;
		for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
			is_empty |= str_is(name, str_from(empty[i]));
		if (name.n == 0) {
			name = str_skip(rest, 1);
			name.n = (size_t)str_find_char(name, '>');
			if (n == 0 || !str_is(open[--n], name)) {
				test_fail(__FILE__, __LINE__, "</%.*s>",
				    STR_ARG(name));
				return;
			}
		} else if (!is_empty && n < 64) {
			open[n++] = name;
		}
	}
	CHECK_INT(n, 0);
}

static void
tells_what_happened(void)
{
	begin("Invoice 4711", "anna.muster@klinik.example");
	struct str page = show(CASEPAGE_CASE, "en");

	CHECK(has(page, "Sending from alice@example.com is stopped"));
	CHECK(has(page, t.file->head.id));
	CHECK(has(page, "We are waiting for your answer"));
	CHECK(has(page, "Invoice 4711"));
	CHECK(has(page, "Subject not recorded"));
	CHECK(has(page, "198.51.100.0/24"));
	CHECK(has(page, "Nigeria"));
	CHECK(has(page, "<rect "));
	CHECK(has(page, "stands for 410"));
	CHECK(has(page, "./" TOKEN "/not-me?lang=en"));
	CHECK(has(page, "./" TOKEN "/human?lang=en"));
	check_tags(page);
	CHECK(has(show(CASEPAGE_CASE, "de"), "Das Senden von alice@"));
	CHECK(has(show(CASEPAGE_CASE, "fr"), "L\u2019envoi depuis alice@"));
	CHECK(has(show(CASEPAGE_CASE, "it"), "L\u2019invio da alice@"));
	end();
}

static void
tells_a_thief_nothing(void)
{
	begin("Invoice 4711", "anna.muster@klinik.example");
	say(EVENT_CASE_ANSWER, 60, "me");
	struct str page = show(CASEPAGE_CASE, "en");

	CHECK(has(page, "a\u2026@klinik.example"));
	CHECK(!has(page, "muster"));
	CHECK(!has(page, "198.51.100.77")); /* a whole address */
	CHECK(!has(page, "192.0.2"));	    /* where the owner is at home */
	CHECK(!has(page, "Switzerland"));
	CHECK(!has(page, "burst") && !has(page, "120 ")); /* rule, score */
	CHECK(!has(page, "secret of the club"));
	CHECK(has(page, "\u201cIt was me\u201d"));
	end();
}

static void
hostile_bytes_are_text(void)
{
	begin("<script>alert(1)</script>\x1b[31m\xff",
	    "\"><img src=x>@a.example");
	for (int kind = 0; kind < CASEPAGES; kind++) {
		struct str page = show((enum casepage_kind)kind, "en");

		CHECK(!has(page, "<script") && !has(page, "<img"));
		CHECK(!has(page, "\x1b") && !has(page, "\xff"));
		CHECK(!has(page, "style=") && !has(page, " on"
							 "click"));
		check_tags(page);
	}
	end();
}

static void
tells_the_state(void)
{
	begin("a", "b@c.example");
	say(EVENT_CASE_ANSWER, 60, "not-me");
	CHECK(
	    has(show(CASEPAGE_CASE, "en"), "Waiting for the password change"));
	CHECK(has(show(CASEPAGE_CASE, "en"),
	    "href=\"https://account.example.com/password\""));
	say(EVENT_CASE_ANSWER, 120, "me");
	CHECK(has(show(CASEPAGE_CASE, "en"), "Our team has your answer"));
	CHECK(has(show(CASEPAGE_CASE, "en"), "Has something changed?"));
	say(EVENT_CASE_DECISION, 180, "denied");
	CHECK(has(show(CASEPAGE_CASE, "en"), "Sending stays stopped"));
	CHECK(has(show(CASEPAGE_CASE, "en"), "The list was bought."));
	struct event lift = bed_event(EVENT_LIFT, 240);

	case_file_add(t.file, &lift);
	struct str page = show(CASEPAGE_CASE, "en");

	CHECK(has(page, "Sending from alice@example.com works again"));
	CHECK(!has(page, "/human?"));
	end();
}

static void
forms_keep_what_was_typed(void)
{
	begin("a", "b@c.example");
	struct str page = show(CASEPAGE_ME, "de");

	CHECK(has(page, "Bitte beantworten Sie alle drei Fragen."));
	CHECK(has(page, "&lt;/textarea&gt;&lt;script&gt;"));
	CHECK(has(page, "name=\"form\" value=\"formformformformformfo\""));
	CHECK(has(page, "https://lists.example.com"));
	end();
}

static void
chooses_a_language(void)
{
	begin("a", "b@c.example");
	CHECK_STR(
	    casepage_language(t.set, STR("it"), t.file, STR("de")), STR("it"));
	CHECK_STR(casepage_language(t.set, STR(""), t.file, STR("fr-CH, de")),
	    STR("fr"));
	CHECK_STR(casepage_language(
		      t.set, STR("xx"), NULL, STR("rm, *;q=0.1, de-AT;q=0.9")),
	    STR("de"));
	CHECK_STR(casepage_language(t.set, STR(""), NULL, STR("")), STR("en"));
	struct event e = bed_said(EVENT_CASE_LETTER, 9, "suspended");

	BED_PUT(e.rule, "de");
	case_file_add(t.file, &e);
	CHECK_STR(
	    casepage_language(t.set, STR(""), t.file, STR("fr")), STR("de"));
	end();
}

/* With OUTPOST_PAGES=DIRECTORY all pages are written there, to be looked at. */
static void
all_pages_in_all_languages(void)
{
	static const char *const languages[] = {"en", "de", "fr", "it"};
	const char *dir = getenv("OUTPOST_PAGES");

	begin("Herzliche Einladung zum Sommerfest", "anna@klinik.example");
	for (int i = 0; i < 4 * CASEPAGES; i++) {
		struct str page =
		    show((enum casepage_kind)(i / 4), languages[i % 4]);
		char path[300];

		CHECK(page.n > 2000 && casepage_style(page).n > 1000);
		CHECK(!has(page, "%d") && !has(page, "%n"));
		check_tags(page);
		if (!dir)
			continue;
		snprintf(path, sizeof(path), "%s/%d-%s.html", dir, i / 4,
		    languages[i % 4]);
		FILE *f = fopen(path, "w");

		if (f) {
			fwrite(page.p, 1, page.n, f);
			fclose(f);
		}
	}
	end();
}

TESTS(TEST(tells_what_happened), TEST(tells_a_thief_nothing),
    TEST(hostile_bytes_are_text), TEST(tells_the_state),
    TEST(forms_keep_what_was_typed), TEST(chooses_a_language),
    TEST(all_pages_in_all_languages))
