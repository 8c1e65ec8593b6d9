/* letter_sender_test - who sends under a wrong sender is told, in his language
 */
#include <stdio.h>

#include "base/test.h"
#include "notify/letter_bed.h"

static struct letter_bed bed;
static char buf[65536];

static struct str
preview(void)
{
	struct text t;

	text_init(&t, buf, sizeof(buf));
	letter_write_text(&bed.letter, &t);
	return text_view(&t);
}

static bool
has(struct str s, const char *what)
{
	return str_find(s, str_from(what)) >= 0;
}

static void
begin(const char *language, struct event *e, const char *evidence)
{
	letter_bed_begin(&bed, language);
	BED_PUT(e->evidence, evidence);
	bed.letter.digest = e;
	bed.letter.link = STR("https://mail.example/d/token/shop.example");
}

static void
all_is_told_in_each_language(void)
{
	static const char *const languages[] = {"en", "fr", "de", "it"};
	static const char *const facts[][4] = {
	    {"alice@example.com", "shop.example", "include:_spf.host.example",
		"https://mail.example/d/token/shop.example"},
	    {"alice@example.com", "ceo@other.example", "Alice Smith",
		"https://panel.example/password"}};
	static char said[2][4][sizeof(buf)];
	struct event e = bed_event(EVENT_SENDER, 0);

	for (size_t k = 0; k < 4; k++) {
		begin(languages[k], &e,
		    "{\"domain\":\"shop.example\",\"sender\":"
		    "\"ceo@other.example\",\"terms\":"
		    "\"include:_spf.host.example\",\"is_refused\":false}");
		for (int s = 0; s < 2; s++) {
			bed.letter.stage = (enum letter_stage)(LETTER_SPF + s);
			struct str text = preview();

			for (size_t i = 0; i < 4; i++)
				CHECK(has(text, facts[s][i]));
			CHECK(!has(text, "{{") && !has(text, "04HM-ASW9"));
			snprintf(said[s][k], sizeof(said[s][k]), "%s", buf);
			for (size_t i = 0; i < k; i++)
				CHECK(strcmp(said[s][i], said[s][k]) != 0);
		}
		letter_bed_end(&bed);
	}
}

static void
what_is_refused_is_told(void)
{
	struct event e = bed_event(EVENT_SENDER, 0);

	begin("en", &e, "{\"domain\":\"a.example\",\"is_refused\":true}");
	bed.letter.stage = LETTER_SPF;
	CHECK(has(preview(), "Therefore"));
	CHECK(!has(preview(), "spam folder"));
	bed.letter.stage = LETTER_SENDER;
	CHECK(has(preview(), "somebody tried"));
	letter_bed_end(&bed);
}

/* In his language, with what was counted, and of no case. */
static void
who_forwards_spam_is_asked_to_stop(void)
{
	static const struct {
		const char *language, *counted;
	} cases[] = {
	    {"en", "12 forwarded messages that our filter or who gets them "
		   "calls spam"},
	    {"fr", "12 messages transférés que notre filtre"},
	    {"de", "12 weitergeleitete Nachrichten, die unser Filter"},
	    {"it", "12 messaggi inoltrati che il nostro filtro"},
	};
	struct event e = bed_event(EVENT_WARNING, 0);

	for (size_t i = 0; i < 4; i++) {
		struct case_file *f = case_file_new();
		char plain[sizeof(buf)];
		size_t n = 0;

		begin(cases[i].language, &e,
		    "{\"reasons\":[{\"rule\":\"forwarded_spam\",\"count\":"
		    "\"forwarded_spam\",\"window\":604800,\"value\":12,"
		    "\"bound\":140,\"points\":0,\"is_warning\":true,"
		    "\"is_share\":true,\"text\":\"12 of 140\"}]}");
		case_file_note(f, STR("paul@club.example"), &e);
		bed.letter.file = f;
		bed.letter.stage = LETTER_FORWARD;
		struct str text = preview();

		for (size_t k = 0; k < text.n; k++) /* lines are wrapped */
			if (text.p[k] != '\n' || (k && text.p[k - 1] != ' '))
				plain[n++] =
				    text.p[k] == '\n' ? ' ' : text.p[k];
		plain[n] = '\0';
		CHECK(has(str_make(plain, n), cases[i].counted));
		CHECK(has(text, "paul@club.example"));
		CHECK(!has(text, "{{") && !has(text, "04HM-ASW9"));
		letter_bed_end(&bed);
		case_file_free(&f);
	}
}

TESTS(TEST(all_is_told_in_each_language), TEST(what_is_refused_is_told),
    TEST(who_forwards_spam_is_asked_to_stop))
