/* letter_mime_test - letters as a mail program reads them (GMime): two parts
 * with the same facts, whatever stands in them */
#include "base/test.h"
#include "fbl/mime.h"
#include "notify/letter_bed.h"

static struct letter_bed bed;

static bool
has(struct str s, const char *words)
{
	return str_find(s, str_from(words)) >= 0;
}

static void
check_parts(const char *subject, bool is_plain)
{
	static const struct mime_limits limits = {16, 4};
	static const char *const facts[] = {"alice@example.com", "04HM-ASW9",
	    "412 ", "ben@world.example", "(+410)", "203.0.113.7", "Nigeria",
	    "https://mail.example/c/abcdefghijklmnopqrstuvwxyz",
	    "https://bulk.example/", "22:40", "Alice Smith", "Example Mail"};
	static char message[LETTER_SIZE];
	struct arena a;
	struct mime m;
	struct text t;

	text_init(&t, message, sizeof(message));
	letter_write(&bed.letter, &t);
	arena_init(&a);
	mime_read(text_view(&t), &limits, &a, &m);
	CHECK_STR(m.type, STR("multipart/alternative"));
	CHECK_INT(m.n, 2);
	if (m.n == 2) {
		CHECK_STR(m.v[0].type, STR("text/plain"));
		CHECK_STR(m.v[1].type, STR("text/html"));
		for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
			CHECK(has(m.v[0].body, facts[i]));
			CHECK(has(m.v[1].body, facts[i]));
		}
		CHECK_INT(is_plain, has(m.v[1].body, subject));
		CHECK(has(m.v[1].body, "</html>"));
		CHECK(!has(m.v[1].body, "<script"));
		CHECK(!has(m.v[0].body, "\xe2\x80\xae"));
		CHECK(!has(m.v[1].body, "\xe2\x80\xae"));
	}
	arena_done(&a);
}

static void
two_parts_with_the_same_facts(void)
{
	static const char *const languages[] = {"en", "fr", "de", "it"};

	for (size_t i = 0; i < 4; i++) {
		letter_bed_begin(&bed, languages[i]);
		check_parts("Your parcel", true);
		letter_bed_end(&bed);
	}
}

static void
hostile_subjects(void)
{
	static const char *const subjects[] = {"<script>alert(1)</script>",
	    "x\r\n\r\n--=_outpost_letter\r\nContent-Type: text/html\r\n\r\nx",
	    "a \xe2\x80\xae txt.exe", "\xff\xfe\xfd", "\"><script>"};

	for (size_t i = 0; i < sizeof(subjects) / sizeof(*subjects); i++) {
		letter_bed_begin(&bed, "fr");
		letter_bed_message(bed.file, subjects[i], "ann@world.example");
		check_parts(subjects[i], false);
		letter_bed_end(&bed);
	}
}

TESTS(TEST(two_parts_with_the_same_facts), TEST(hostile_subjects))
