/* app_dmarc_spread_test - how much of DMARC reports other nodes are told */
#include "daemon/app_dmarc_spread.h"

#include "base/test.h"

enum { ROWS = 400, MANY = 100, DAY = 86400, NOW = 1795300000 };

static struct dmarc_row rows[ROWS];

static void
tell(struct app_dmarc_spread *s, bool is_vouched)
{
	static char text[200];
	struct dmarc_report r = {
	    .id = "1", .domain = "a.test", .v = rows, .n = ROWS};

	memset(text, 'x', sizeof(text) - 1);
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (struct dmarc_row){.count = 1,
		    .header_from = text,
		    .envelope_from = text,
		    .dkim_domain = text,
		    .dkim_selector = text,
		    .spf_domain = text};
	for (int i = 0; i < MANY; i++)
		app_dmarc_spread_tell(s, &r, STR("who.test"), is_vouched);
}

/* Anybody can send reports, and Redis is memory. */
static void
what_anybody_sends_is_told_in_part(void)
{
	enum { MOST = 8 << 20 };
	struct app_dmarc_spread *s = app_dmarc_spread_new(NULL);

	app_dmarc_spread_tick(s, NULL, NOW, 90);
	tell(s, false);
	size_t first = app_dmarc_spread_waiting(s);

	CHECK(first > MOST / 2 && first <= MOST);
	tell(s, false);
	CHECK_INT(app_dmarc_spread_waiting(s), first);
	app_dmarc_spread_tick(s, NULL, NOW + DAY, 90);
	tell(s, false);
	CHECK_INT(app_dmarc_spread_waiting(s), 2 * first);
	tell(s, true);
	CHECK(app_dmarc_spread_waiting(s) > 4 * first);
	app_dmarc_spread_free(&s);
}

TESTS(TEST(what_anybody_sends_is_told_in_part))
