/* aggregate - tests */
#include "fbl/aggregate.h"

#include "base/test.h"

static void
on_row(void *ctx, const struct aggregate *a)
{
	struct aggregate again;
	char row[AGGREGATE_ROW];
	struct text t;

	text_init(&t, row, sizeof(row));
	aggregate_print(a, &t);
	CHECK(aggregate_parse(text_view(&t), &again));
	CHECK_STR(str_from(again.ip), str_from(a->ip));
	text_str(ctx, text_view(&t));
	text_char(ctx, '|');
}

static void
check(const char *file, const char *format, const char *want)
{
	char buf[2048];
	struct error err = {""};
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (aggregate_read(str_from(file), format, on_row, &t, &err) < 0) {
		CHECK_INT(t.n, 0); /* nothing half taken */
		text_add(&t, err.text);
	}
	CHECK_STR(text_view(&t), str_from(want));
}

#define SNDS                                                          \
	"192.0.2.7,12/31/2019 10:00 AM,12/31/2019 7:00 PM,1894,1894," \
	"1893,GREEN,< 0.1%,,,0,mx.example,a@b.example,\n"

static void
snds(void)
{
	check(SNDS, NULL,
	    "snds\tmicrosoft\t192.0.2.7\t2019-12-31\t1893\t-1\t0\tgreen\t< "
	    "0.1%|");
	check(SNDS SNDS "192.0.2.8,12/31/2019,x,1,1,1,PINK,,,,0,,,\r\n", NULL,
	    "line 3: column 7 (filter result): not GREEN, YELLOW or RED: "
	    "\"PINK\"");
	check("192.0.2,12/31/2019,x,1,1,1,RED,,,,0,,,", NULL,
	    "line 1: column 1 (ip): no address: \"192.0.2\"");
	check("::1,31/12/2019,x,1,1,1,RED,,,,0,,,", NULL,
	    "line 1: column 2 (activity start): no date: \"31/12/2019\"");
	check("::1,1/2/2019,x,1,1,-1,RED,,,,0,,,", NULL,
	    "line 1: column 6 (message recipients): no count: \"-1\"");
	check("::1,1/2/2019,x,1,1,1,RED,,,,2,\"a,\"\"b\",,\n\n", NULL,
	    "snds\tmicrosoft\t::1\t2019-01-02\t1\t-1\t2\tred\t|");
	check(SNDS "::1,1/2/2019\n", NULL, "line 2: 2 columns, not 14");
	check("::1,\"1/2", "snds", "line 1: column 2: a quote without an end");
}

static void
signal_spam(void)
{
	check("\xef\xbb\xbf"
	      "Date;FAI;IP;Plaintes\r\n"
	      "2026-11-21;Orange;192.0.2.7;12\r\n"
	      "21/11/2026;SFR;192.0.2.7;0\r\n",
	    NULL,
	    "signal-spam\torange\t192.0.2.7\t2026-11-21\t-1\t12\t-1\t\t|"
	    "signal-spam\tsfr\t192.0.2.7\t2026-11-21\t-1\t0\t-1\t\t|");
	check("ip,date,complaints,volume\n::1,2026-11-21 00:00:00,3,900\n",
	    NULL, "signal-spam\tunknown\t::1\t2026-11-21\t900\t3\t-1\t\t|");
	check("ip,date,complaints\n::1,2026-11-21,3\n::1,2026-13-21,3\n", NULL,
	    "line 3: column 2 (date): no date: \"2026-13-21\"");
	check("ip,date,complaints\n::1,2026-11-21\n", NULL,
	    "line 2: column 3 (complaints): no count: \"\"");
	check("2026-11-21,orange,192.0.2.7,5\n", "signal-spam",
	    "signal-spam\torange\t192.0.2.7\t2026-11-21\t-1\t5\t-1\t\t|");
	check("2026-11-21,orange,192.0.2.7,5\n", NULL,
	    "line 1: neither SNDS (14 columns) nor a header with date, ip and "
	    "complaints: --format says which it is");
	check("ip;date;complaints;isp\n::1;2026-11-21;3;\"A \"\"B\"\" \tC\"\n",
	    NULL, "signal-spam\ta \"b\" ?c\t::1\t2026-11-21\t-1\t3\t-1\t\t|");
	check("x", "other", "the format is snds or signal-spam");
}

static void
rows(void)
{
	static const char *const bad[] = {"", "a", "a\tb\tc\td\t1\t1\t1\t\t",
	    "a\tb\t::1\t2026-11-21\t-2\t1\t1\t\t",
	    "a\tb\t::1\t2026-11-2\t1\t1\t1\t\t",
	    "\tb\t::1\t2026-11-21\t1\t1\t1\t\t"};
	struct aggregate a;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!aggregate_parse(str_from(bad[i]), &a));
	CHECK_STR(aggregate_key(STR("a\tb\t::1\t2026-11-21\t1\t1\t1\t\t")),
	    STR("a\tb\t::1\t2026-11-21"));
}

TESTS(TEST(snds), TEST(signal_spam), TEST(rows))
