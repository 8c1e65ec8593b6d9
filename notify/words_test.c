/* words_test - dates, countries and reasons, by the built-in words */
#include "notify/words.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "base/time.h"

static const struct template_spec no_specs[] = {{"letter.x.txt", NULL}};
static struct template_set *set;
static char buf[256];

static struct words
begin(const char *language)
{
	const struct template_places p = {NULL, "", ""};
	struct error err = {""};

	setenv("TZ", "UTC", 1);
	time_zone_reset();
	set = template_set_load(&p, no_specs, 0, &err);
	CHECK_STR(str_from(err.text), STR(""));
	return (struct words){set, str_from(language)};
}

static void
end(void)
{
	template_set_free(&set);
}

enum { SEEN = 1763764800, FIRST = 1764547200 };

static void
dates(void)
{
	static const struct {
		const char *language;
		int64_t at;
		const char *want;
	} cases[] = {
	    {"en", SEEN, "21 November 2025 at 22:40"},
	    {"de", SEEN, "21. November 2025 um 22:40 Uhr"},
	    {"fr", SEEN, "21 novembre 2025 à 22:40"},
	    {"it", SEEN, "21 novembre 2025 alle ore 22:40"},
	    {"fr", FIRST, "1er décembre 2025 à 00:00"},
	    {"it", FIRST, "1º dicembre 2025 alle ore 00:00"},
	    {"de", FIRST, "1. Dezember 2025 um 00:00 Uhr"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct words w = begin(cases[i].language);
		struct text t;

		text_init(&t, buf, sizeof(buf));
		words_date(&w, cases[i].at, &t);
		CHECK_STR(text_view(&t), str_from(cases[i].want));
		end();
	}
}

static void
countries(void)
{
	struct words w = begin("it");
	struct text t;

	text_init(&t, buf, sizeof(buf));
	words_country(&w, STR("DE"), STR("Germany"), &t);
	text_char(&t, '|');
	words_country(&w, STR("Q1"), STR("Nowhere"), &t);
	text_char(&t, '|');
	words_country(&w, STR("Q1"), STR(""), &t);
	CHECK_STR(text_view(&t), STR("Germania|Nowhere|Q1"));
	end();
}

static void
reasons(void)
{
	static const struct {
		const char *language;
		struct words_reason r;
		const char *want;
	} cases[] = {
	    {"de", {STR_INIT("recipients"), 600, 412, 9, WORDS_OWN, {"", 0}},
		"412 Empfänger in 10 Minuten, sonst höchstens 9"},
	    {"de", {STR_INIT("recipients"), 604800, 9, 8, WORDS_LIMIT, {"", 0}},
		"9 Empfänger in 7 Tagen, erlaubt sind 8"},
	    {"fr",
		{STR_INIT("distinct_networks"), 3600, 5, 2, WORDS_USUAL,
		    {"", 0}},
		"5 réseaux différents en 1 heure, pour un tel compte l’usage "
		"est de 2 au plus"},
	    {"en",
		{STR_INIT("complaints"), 86400, 5, 200, WORDS_SHARE, {"", 0}},
		"5 complaints in 1 day, with 200 recipients delivered"},
	    {"en", {STR_INIT("refused"), 86400, 5, 20, WORDS_OF, {"", 0}},
		"5 recipients refused as spam in 1 day, of 20 recipients"},
	    {"de", {STR_INIT("new_networks"), 3600, 14, 0, WORDS_NONE, {"", 0}},
		"14 nie gesehene Netze in 1 Stunde, sonst keine"},
	    {"de", {STR_INIT("incident"), 3600, 40, 0, WORDS_BARE, {"", 0}},
		"40 Prozent dessen, weshalb ein Anbieter E-Mails von hier "
		"abweist oder bremst"},
	    {"it", {STR_INIT("kib"), 90, 5, 2, WORDS_LIMIT, {"", 0}},
		"5 KiB di posta in 90 secondi, il limite è 2"},
	    {"it",
		{STR_INIT("nonsense"), 90, 5, 2, WORDS_LIMIT,
		    STR_INIT("as it is")},
		"as it is"},
	    {"it", {{"", 0}, 0, 5, 2, WORDS_LIMIT, STR_INIT("by hand")},
		"by hand"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct words w = begin(cases[i].language);
		struct text t;

		text_init(&t, buf, sizeof(buf));
		words_reason(&w, &cases[i].r, &t);
		CHECK_STR(text_view(&t), str_from(cases[i].want));
		end();
	}
}

/* Whatever a limit or a signal counts, its owner reads of it in his words. */
static void
all_that_is_counted_has_words(void)
{
	static const char *const languages[] = {"en", "fr", "de", "it"};
	static const char *const counts[] = {
#define COUNT(name, text, help) text,
#include "ledger/counts.def"
#undef COUNT
	    "distinct_recipients", "distinct_networks", "new_networks",
	    "odd_strangers", "known", "incident", "new_countries", "countries",
	    "forwarded_spam"};

	for (size_t i = 0; i < sizeof(languages) / sizeof(*languages); i++) {
		struct words w = begin(languages[i]);

		for (size_t k = 0; k < sizeof(counts) / sizeof(*counts); k++) {
			char key[64];

			snprintf(key, sizeof(key), "count.%s", counts[k]);
			if (template_set_word(w.set, w.language, key).n == 0)
				test_fail(__FILE__, __LINE__, "%s: no %s",
				    languages[i], key);
		}
		end();
	}
}

TESTS(TEST(dates), TEST(countries), TEST(reasons),
    TEST(all_that_is_counted_has_words))
