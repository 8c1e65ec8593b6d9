/* show_draw_test - one subject on a screen */
#include "cli/show_draw.h"

#include <stdlib.h>
#include <time.h>

#include "base/table.h"
#include "base/test.h"
#include "base/time.h"

static const char doc_text[] =
    "{\"kind\":\"account\",\"subject\":\"ben@example.com\",\"class\":\"person\""
    ",\"first_seen\":\"2026-03-01T08:00:00Z\","
    "\"last_seen\":\"2026-11-22T05:12:00Z\","
    "\"standing\":\"suspended\",\"observed\":\"suspended\","
    "\"since\":\"2026-11-22T05:12:00Z\",\"until\":\"2026-11-23T05:12:00Z\","
    "\"reason\":\"412 recipients in 1 hour, the limit is 300; 230 recipients "
    "in 10 minutes, usually at most 12\",\"by\":\"outpost\","
    "\"now\":\"2026-11-22T05:52:00Z\",\"probation_for\":604800,"
    "\"pending\":3,"
    "\"chart\":{\"count\":\"recipients\",\"until\":\"2026-11-22T05:52:00Z\","
    "\"hours\":[1,2,0,0,5,9,4,0,0,0,0,0,7,8,0,0,0,0,0,0,0,0,12,400],"
    "\"minutes\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,10,230,160]},"
    "\"counts\":[{\"count\":\"messages\",\"1d\":60},"
    "{\"count\":\"delivered\",\"1d\":300},{\"count\":\"refused\",\"1d\":112}],"
    "\"held\":{\"messages\":37,\"bytes\":1234567,"
    "\"oldest\":\"2026-11-22T05:11:00Z\",\"networks\":["
    "{\"network\":\"203.0.113.0/24\",\"origin\":\"new\",\"messages\":31},"
    "{\"network\":\"192.0.2.0/24\",\"origin\":\"clean\",\"messages\":6}]},"
    "\"samples\":[{\"at\":\"2026-11-22T05:11:00Z\",\"from\":\"x@y.example\","
    "\"to\":[\"a@b.example\",\"c@d.example\"],\"recipients\":40,"
    "\"subject\":\"You \\u001b[31mwon\"}],"
    "\"has_countries\":true,\"networks\":[{\"network\":\"203.0.113.0/24\","
    "\"first_seen\":\"2026-11-22T05:02:00Z\","
    "\"last_seen\":\"2026-11-22T05:12:00Z\",\"country\":\"NL\","
    "\"country_name\":\"Netherlands\"},{\"network\":\"192.0.2.0/24\","
    "\"first_seen\":\"2026-03-01T08:00:00Z\","
    "\"last_seen\":\"2026-11-21T12:00:00Z\"}],"
    "\"limits\":[{\"limit\":\"person-hour\",\"count\":\"recipients\","
    "\"window\":\"1h\",\"now\":412,\"max\":300,\"note\":\"\"}],"
    "\"history\":[{\"at\":\"2026-11-01T10:00:00Z\",\"type\":\"lift\","
    "\"by\":\"anna\",\"reason\":\"password changed\"},"
    "{\"at\":\"2026-11-22T05:12:00Z\",\"type\":\"sanction\","
    "\"rung\":\"suspended\",\"by\":\"outpost\",\"reason\":\"412 recipients\"},"
    "{\"at\":\"2026-11-22T05:12:00Z\",\"type\":\"expire\","
    "\"rung\":\"throttled\",\"by\":\"outpost\",\"reason\":\"x\"}],"
    "\"notes\":[]}";

static char page[65536];

static struct str
draw(const char *json, size_t width, size_t height, bool is_utf8)
{
	const struct page_shape s = {
	    .width = width, .height = height, .is_utf8 = is_utf8};
	struct json *doc = json_parse(str_from(json), NULL);
	struct text t;

	setenv("TZ", "UTC", 1);
	tzset();
	time_zone_reset();
	CHECK(doc != NULL);
	text_init(&t, page, sizeof(page));
	show_draw(doc, &s, &t);
	json_free(&doc);
	return text_view(&t);
}

static void
check_has(struct str page_shown, const char *words)
{
	if (str_find(page_shown, str_from(words)) < 0)
		test_fail(__FILE__, __LINE__, "no \"%s\" in:\n%.*s", words,
		    STR_ARG(page_shown));
}

static void
test_says_all(void)
{
	static const char *const words[] = {
	    "ben@example.com",
	    "suspended since 05:12\n",
	    "why       412 recipients in 1 hour, the limit is 300\n"
	    "          230 recipients in 10 minutes, usually at most 12\n",
	    "ends      2026-11-23 05:12, in 23 h 20 min, by itself; then "
	    "probation for 7 d",
	    "lift it   outpost lift --reason \"...\" ben@example.com\n",
	    "held      37 messages, 1.2 MB, oldest 05:11 (outpost queue ben@example.com)\n"
	    "          31 from 203.0.113.0/24, new to it\n"
	    "          6 from 192.0.2.0/24, used before; leaves when this ends\n",
	    "sent      448 recipients in the last 24 hours",
	    "24 h      60 messages, 300 delivered, 112 refused as spam, 3 not "
	    "yet tried\n",
	    "mail      05:11  to 40 as x@y.example  \"You ?[31mwon\"  "
	    "a@b.example, c@d.example ...\n",
	    "203.0.113.0/24    NL Netherlands    since 05:02, last 05:12",
	    "since 2026-03-01, last 2026-11-21",
	    "history   2026-11-22 05:12  ended by itself (throttled)\n",
	    "suspended by outpost: 412 recipients\n",
	    "lifted by anna: password changed\n",
	    "412 of 300 recipients in 1h (person-hour)",
	};
	struct str shown = draw(doc_text, 0, 0, true);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		check_has(shown, words[i]);
}

static void
check_size(struct str shown, size_t width, size_t height)
{
	struct str line;
	size_t n = 0, columns;

	while (str_cut(&shown, '\n', &line)) {
		table_fit(line, SIZE_MAX, &columns);
		if (columns > width)
			test_fail(__FILE__, __LINE__, "%zu wide, not %zu: %.*s",
			    columns, width, STR_ARG(line));
		n++;
	}
	if (n >= height)
		test_fail(__FILE__, __LINE__, "%zu lines of %zu", n, height);
}

static void
test_fits(void)
{
	for (size_t width = 40; width <= 200; width += 20) {
		for (size_t height = 5; height < 60; height++) {
			check_size(
			    draw(doc_text, width, height, true), width, height);
			check_size(draw(doc_text, width, height, false), width,
			    height);
		}
	}
	for (const char *c = draw(doc_text, 80, 24, false).p; *c; c++)
		CHECK((unsigned char)*c < 0x80);
}

/* On a usual terminal nothing that matters is left out. */
static void
test_80x24(void)
{
	static const char *const words[] = {"since 05:12", "why", "ends",
	    "outpost lift", "held", "new to it", "sent", "mail", "You",
	    "203.0.113.0/24", "last 2026-11-21", "history", "ended by"};
	struct str shown = draw(doc_text, 80, 24, true);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		check_has(shown, words[i]);
}

static void
test_others(void)
{
	check_has(draw("{\"kind\":\"domain\",\"subject\":\"example.com\","
		       "\"standing\":\"good\",\"observed\":\"good\","
		       "\"accounts_known\":2,\"accounts\":[{\"account\":"
		       "\"a@example.com\",\"standing\":\"held\","
		       "\"recipients\":7}]}",
		      80, 24, true),
	    "      7  a@example.com, held\n");
	check_has(draw("{\"kind\":\"account\",\"subject\":\"a\","
		       "\"standing\":\"good\",\"observed\":\"held\","
		       "\"observed_reason\":\"too much\","
		       "\"observed_since\":\"2026-11-22T05:12:00Z\"}",
		      80, 24, true),
	    "would be held since 2026-11-22 05:12 (mode observe: nothing is\n"
	    "          stopped)\n          too much\n");
	check_has(draw("{\"kind\":\"account\",\"subject\":\"a'; id\","
		       "\"standing\":\"held\"}",
		      80, 24, true),
	    "outpost lift --reason \"...\" 'a'\\''; id'\n");
	check_has(draw("{\"kind\":\"provider\",\"subject\":\"big\","
		       "\"standing\":\"paused\"}",
		      80, 24, true),
	    "end it    outpost resume --reason \"...\" provider:big\n");
	draw("{}", 20, 5, false);
	draw("{\"networks\":{},\"history\":[1,[],null],\"samples\":[[],7],"
	     "\"chart\":[],\"limits\":[{}],\"counts\":3,\"accounts\":[1]}",
	    20, 5, false);
}

TESTS(TEST(test_says_all), TEST(test_fits), TEST(test_80x24), TEST(test_others))
