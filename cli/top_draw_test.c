/* What stands on the screen, at several sizes; hostile names. */
#include "base/test.h"

#include <stdlib.h>

#include "base/time.h"
#include "cli/top_draw.h"

#define SERIES                                                                \
	"[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0," \
	"0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1,2,4,8,4]"

static const char frame_text[] =
    "{\"time\":\"2026-11-21T22:40:05Z\",\"latest_fact\":"
    "\"2026-11-21T22:40:00Z\",\"seconds_behind\":5,\"mode\":\"enforce\","
    "\"sort\":\"hour\",\"found\":3,\"all\":{\"ten_minutes\":1234567,"
    "\"hour\":12345,\"day\":45678,\"series\":" SERIES "},\"accounts\":["
    "{\"account\":\"alice@example.com\",\"standing\":\"good\","
    "\"observed\":\"throttled\",\"ten_minutes\":19,\"hour\":20,\"limit\":"
    "\"person-hour\",\"limit_percent\":6,\"delivered\":18,\"refused\":1,"
    "\"unknown_user\":1,\"networks\":2,\"series\":" SERIES "},"
    "{\"account\":\"a\\u001b[31m-very-long-name-indeed-of-somebody@"
    "customer.example\",\"standing\":\"suspended\",\"observed\":\"good\","
    "\"ten_minutes\":0,\"hour\":9,\"networks\":16,\"series\":" SERIES "},"
    "{\"account\":\"c@example.com\",\"standing\":\"good\",\"observed\":"
    "\"good\",\"is_exempt\":true,\"hour\":1,\"series\":" SERIES "}]}";

static void
draw(const struct top_shape *shape, struct text *out)
{
	struct error err;
	struct json *frame = json_parse(str_from(frame_text), &err);

	setenv("TZ", "UTC", 1);
	time_zone_reset();
	text_grow(out, 1 << 16);
	top_draw(frame, shape, out);
	json_free(&frame);
}

static void
once(void)
{
	const struct top_shape shape = {.width = 80, .filter = ""};
	struct text out;

	draw(&shape, &out);
	CHECK_STR(text_view(&out),
	    STR("outpost top  2026-11-21 22:40:05  enforce\n"
		"recipients 1.2M in 10 min, 12k in 1 h, 45k in 1 day\n"
		"last hour |                           .=@| most a minute: 8\n"
		"ACCOUNT             STANDING     10 MIN  HOUR  LIMIT  FAIL  NETS       LAST HOUR\n"
		"alice@example.com   (throttled)      19    20     6%   10%     2  |           @|\n"
		"a?[31m-very-long-…  suspended         0     9      -     -    16  |           @|\n"
		"c@example.com       exempt            0     1      -     -     0  |           @|\n"));
	text_done(&out);
}

static size_t
lines_of(struct str s)
{
	struct str line;
	size_t n = 0;

	while (str_cut(&s, '\n', &line))
		n++;
	return n;
}

/* As many lines as the terminal has, the foot without a line feed. */
static void
live(void)
{
	struct top_shape shape = {.width = 80,
	    .height = 7,
	    .is_live = true,
	    .is_colored = true,
	    .is_utf8 = true,
	    .filter = ""};
	struct text out;

	CHECK_INT(top_rows(&shape), 2);
	draw(&shape, &out);
	CHECK_INT(lines_of(text_view(&out)), 6);
	CHECK(str_find(text_view(&out), STR("\x1b[31ma?[31m")) >= 0);
	CHECK(str_find(text_view(&out), STR("q quit  s sort (hour)")) >= 0);
	text_done(&out);
	shape.skip = 2;
	shape.trouble = "outpostd does not answer: gone";
	draw(&shape, &out);
	CHECK_INT(lines_of(text_view(&out)), 5);
	CHECK(str_find(text_view(&out), STR("c@example.com")) >= 0);
	CHECK(str_find(text_view(&out), STR("alice")) < 0);
	CHECK(str_find(text_view(&out), STR("does not answer: gone")) >= 0);
	text_done(&out);
}

/* No size makes it fail. */
static void
any_size(void)
{
	for (size_t i = 1; i < 40; i++) {
		const struct top_shape shape = {.width = i * i,
		    .height = i,
		    .is_live = true,
		    .skip = i,
		    .filter = "x"};
		struct text out;

		draw(&shape, &out);
		CHECK(!out.is_cut);
		text_done(&out);
	}
}

static void
sparklines(void)
{
	const uint64_t v[] = {0, 1, 50, 100, 200};
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	top_sparkline(v, 5, 100, 5, false, &t);
	text_char(&t, '|');
	top_sparkline(v, 5, 100, 2, true, &t);
	text_char(&t, '|');
	top_sparkline(v, 5, 0, 9, true, &t);
	CHECK_STR(text_view(&t), STR(" .=@@|▁█|     "));
}

TESTS(TEST(once), TEST(live), TEST(any_size), TEST(sparklines))
