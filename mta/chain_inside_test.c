/* chain_inside_test - which recipients are inside, and what is learned of it */
#include "mta/chain_script.h"

#define ALICE(id)                                        \
	"0 postfix/smtpd: " id ": client=c[192.0.2.7], " \
	"sasl_method=PLAIN, sasl_username=alice\n"
#define ACTIVE(t, id, n)                                        \
	t " postfix/qmgr: " id ": from=<a@x>, size=9, nrcpt=" n \
	  " (queue active)\n"
#define TO(t, id, to, rest) t " postfix/smtp: " id ": to=<" to ">, " rest "\n"
#define REMOTE "relay=mx[198.51.100.1]:25, delay=1, delays=0/0/0/1, "
#define NORELAY "relay=none, delay=1, delays=0/0/0/1, "
#define SENT "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 77)"
#define REMOVED(t, id) t " postfix/qmgr: " id ": removed\n"

static struct script s;

static void
begin(void)
{
	script_init(&s);
	script_start(&s, false);
}

static void
end(uint64_t flights)
{
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), flights);
	script_done(&s);
}

static void
test_inside(void)
{
	script_init(&s);
	script_set(&s, "inside_networks", "10.0.0.0/8");
	script_set(&s, "inside_domains", "In.Example");
	script_start(&s, false);
	script_lines(&s,
	    ALICE("4C0001") ACTIVE("1", "4C0001", "4") TO("2", "4C0001",
		"a@in.example",
		NORELAY "dsn=4.4.1, status=deferred (timed out)") TO("2",
		"4C0001", "b@x",
		"relay=b[10.1.2.3]:25, delay=1, delays=0/0/0/1, " SENT) TO("2",
		"4C0001", "c@x",
		NORELAY
		"dsn=4.4.1, status=deferred (x)") "2 postfix/error: 4C0001: to=<d@new.example>, relay=none, delay=1, "
						  "delays=0/0/0/1, dsn=5.1.1, status=bounced (User unknown in "
						  "virtual mailbox table)\n" REMOVED(
						      "3", "4C0001"));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +4\n"
			 "recipient alice a@in.example in -1\n"
			 "deferred alice a@in.example in\n"
			 "deferral alice a@in.example in\n"
			 "recipient alice b@x in -1\n"
			 "delivered alice b@x in\n"
			 "recipient alice c@x in -1\n"
			 "deferred alice c@x in\ndeferral alice c@x in\n"
			 "recipient alice d@new.example in -1\n"
			 "unknown_user alice d@new.example in\n");
	end(0);
}

/* A content filter takes any domain: none is inside by that. */
static void
test_learned(void)
{
	static const char lmtp[] =
	    "2 postfix/lmtp: 500001: to=<b@far.example>, "
	    "relay=127.0.0.1[127.0.0.1]:10024, delay=1, "
	    "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 500002)\n";
	static const char pipe[] =
	    "2 postfix/pipe: 500003: to=<b@away.example>, "
	    "relay=filter, delay=1, dsn=2.0.0, status=sent (ok)\n";

	begin();
	script_lines(&s, ALICE("500001") ACTIVE("1", "500001", "1"));
	script_lines(&s, lmtp);
	CHECK(!chains_is_inside(s.chains, STR("far.example")));
	script_lines(&s, ALICE("500003") ACTIVE("1", "500003", "1"));
	script_lines(&s, pipe);
	CHECK(chains_is_inside(s.chains, STR("away.example")));
	script_lines(&s, TO("3", "500003", "c@away.example", REMOTE SENT));
	CHECK(!chains_is_inside(s.chains, STR("away.example")));
	script_lines(&s, pipe);
	CHECK(!chains_is_inside(s.chains, STR("away.example")));
	text_clear(&s.facts);
	end(3);
}

TESTS(TEST(test_inside), TEST(test_learned))
