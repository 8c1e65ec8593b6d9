/* chain_proxy_test - a before-queue filter: client and login in two lines */
#include "mta/chain_script.h"

static struct script s;

#define CLIENT(ip) "0 postfix/smtpd: NOQUEUE: client=c[" ip "]\n"
#define ACCEPT(id)                                                      \
	"1 postfix/smtpd: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: " \
	"queued as " id "; from=<a@x> to=<b@x> proto=ESMTP helo=<h>\n"
#define BEHIND(id)                                                      \
	"1 postfix/smtpd: " id ": client=f[127.0.0.1]\n"                \
	"1 postfix/qmgr: " id ": from=<a@x>, size=9, nrcpt=1 (queue "   \
	"active)\n"                                                     \
	"2 postfix/smtp: " id ": to=<b@x>, relay=mx[198.51.100.1]:25, " \
	"delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)\n"    \
	"2 postfix/qmgr: " id ": removed\n"
#define ONE(ip)                                       \
	"accepted ip:" ip " claims a@x 9 bytes\n"     \
	"pending ip:" ip " claims a@x +1\n"           \
	"recipient ip:" ip " claims a@x b@x out -1\n" \
	"delivered ip:" ip " claims a@x b@x out\n"

static void
begin(void)
{
	script_init(&s);
	script_set(&s, "trusted_clients", "127.0.0.1, 192.0.2.0/24");
	script_start(&s, false);
}

static void
test_client(void)
{
	begin();
	script_lines(&s, CLIENT("192.0.2.7") ACCEPT("410001") BEHIND("410001"));
	SCRIPT_FACTS(&s, ONE("192.0.2.7"));
	/* The filter's own lines may come first. */
	script_lines(&s, CLIENT("192.0.2.8") BEHIND("410002"));
	SCRIPT_FACTS(&s, "");
	script_lines(&s, ACCEPT("410002"));
	SCRIPT_FACTS(&s, ONE("192.0.2.8"));
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 0);
	script_done(&s);
}

/* Of several the last one; none is used twice; refused is refused. */
static void
test_once(void)
{
	begin();
	script_lines(&s, CLIENT("192.0.2.7") CLIENT("192.0.2.8")
			     ACCEPT("410001") BEHIND("410001"));
	SCRIPT_FACTS(&s, ONE("192.0.2.8"));
	script_lines(&s, ACCEPT("410002") BEHIND("410002"));
	SCRIPT_FACTS(&s, "");
	script_lines(&s,
	    CLIENT("192.0.2.7") "1 postfix/smtpd: proxy-reject: "
				"END-OF-MESSAGE: 554 5.7.1 no; from=<a@x> "
				"to=<b@x> proto=ESMTP helo=<h>\n" ACCEPT(
				    "410003") BEHIND("410003"));
	SCRIPT_FACTS(&s, "");
	script_lines(&s, CLIENT("192.0.2.7"));
	script_tick(&s, 4000);
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 0);
	script_done(&s);
}

TESTS(TEST(test_client), TEST(test_once))
