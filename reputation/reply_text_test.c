/* reply_text_test - replies as they stand in a log, and how they are read */
#include "reputation/reply_text.h"

#include "base/test.h"

static const struct {
	const char *dsn, *text, *want, *host;
	unsigned code;
} rows[] = {
    {"5.1.1",
	"host mx.b.example[192.0.2.1] said: 550 5.1.1 <a@b.example>: "
	"User  Unknown (in reply to RCPT TO command)",
	"550 5.1.1 <>: user unknown", "mx.b.example", 550},
    {"4.7.28",
	"host mx[2001:db8::1] said: 421-4.7.28 From your 421-4.7.28 IP "
	"address. 421 4.7.28 a1 - gsmtp (in reply to end of DATA command)",
	"421 4.7.28 from your ip address. a1 - gsmtp", "mx", 421},
    {"4.0.0",
	"host mx.gmx.net[192.0.2.1] refused to talk to me: 554-gmx.net "
	"Not available 554-No SMTP service 554 For 554 reasons",
	"554 gmx.net not available no smtp service for reasons", "mx.gmx.net",
	554},
    {"5.0.0", "550 550 is no code here", "550 550 is no code here", "", 550},
    {"4.0.0",
	"delivery temporarily suspended: host mx[192.0.2.1] refused to talk "
	"to me: 421 Busy",
	"421 busy", "mx", 421},
    {"5.1.1",
	"<a@b.example>: host mx[192.0.2.1] said: 550 No (in reply to RCPT TO "
	"command)",
	"550 no", "mx", 550},
    {"4.4.1", "connect to mx[192.0.2.1]:25: Connection timed out",
	"4.4.1 connect to mx[192.0.2.1]:25: connection timed out", "", 0},
    /* Whoever chose an address chose no word of the reply. */
    {"5.0.0", "550 spam.is-here+x@blocked.example. gone", "550 @. gone", "",
	550},
    {"5.0.0", "550 see http://x/?r=user.unknown@b.example&c=1",
	"550 see http://x/?r=@&c=1", "", 550},
    {"5.0.0", "550 <spam said: 550 blocked@b.example> gone", "550 <> gone", "",
	550},
    {"5.0.0", "host said: 550 no", "5.0.0 host said: 550 no", "", 0},
    {"", "5.2.2 full", "5.2.2 full", "", 0},
    {"5.2.2", "full", "5.2.2 full", "", 0},
    {"x", "", "", "", 0},
    {"", "550", "550", "", 550},
    {"", "5", "5", "", 0},
    {"", "55", "55", "", 0},
    {"", "550 5.7", "550 5.7", "", 550},
    {"", "550 5.7.1", "550 5.7.1", "", 550},
    {"", "550-5.7.1", "550 5.7.1", "", 550},
    {"", "550 a < b", "550 a < b", "", 550},
    {"", "@", "@", "", 0},
    {"", "550 a\tb", "550 a b", "", 550},
};

static void
plain(void)
{
	struct reply_text got;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		reply_text_read(
		    &got, str_from(rows[i].dsn), str_from(rows[i].text));
		CHECK_STR(str_make(got.plain, got.n), str_from(rows[i].want));
		CHECK_STR(got.host, str_from(rows[i].host));
		CHECK_INT(got.code, rows[i].code);
	}
}

static void
bounded(void)
{
	static char text[5000];
	struct reply_text got;

	memset(text, '@', sizeof(text));
	reply_text_read(&got, STR(""), str_make(text, sizeof(text)));
	CHECK(got.n < REPLY_TEXT_MAX);
	memset(text, 'x', sizeof(text));
	reply_text_read(&got, STR(""), str_make(text, sizeof(text)));
	CHECK_INT(got.n, REPLY_TEXT_MAX - 1);
	memset(text, '<', sizeof(text));
	reply_text_read(&got, STR(""), str_make(text, sizeof(text)));
	CHECK_INT(got.n, REPLY_TEXT_MAX - 1);
}

TESTS(TEST(plain), TEST(bounded))
