/* chain_names_test - XFORWARD: what a filter says that a message continues */
#include "mta/chain_script.h"

static struct script s;

#define ALICE(id)                                        \
	"0 postfix/smtpd: " id ": client=c[192.0.2.7], " \
	"sasl_method=PLAIN, sasl_username=alice\n"
#define NAMES(t, id, client, of)                                            \
	t " postfix/smtpd: " id ": client=f[" client "], orig_queue_id=" of \
	  ", orig_client=c[203.0.113.9]\n"
#define ACTIVE(t, id)                                                  \
	t " postfix/qmgr: " id ": from=<a@x>, size=9, nrcpt=1 (queue " \
	  "active)\n"
#define TO(t, id, to, relay, as)                                        \
	t " postfix/smtp: " id ": to=<" to ">, relay=" relay ", "       \
	  "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 " \
	  "Ok: queued as " as ")\n"
#define REMOVED(t, id) t " postfix/qmgr: " id ": removed\n"
#define MX "mx[198.51.100.1]:25"
#define FILTER "f[127.0.0.1]:10024"
#define A "A10001"
#define B "B20002"
#define C "C30003"

#define ONE(who, to)                        \
	"accepted " who " 9 bytes\n"        \
	"pending " who " +1\n"              \
	"recipient " who " " to " out -1\n" \
	"delivered " who " " to " out\n"

static void
begin(void)
{
	script_init(&s);
	script_start(&s, false);
}

static void
end(void)
{
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 0);
	CHECK_INT(chains_count(s.chains, CHAINS_WAITING), 0);
	script_done(&s);
}

/* Whoever reaches the port names alice's message, to send unseen. */
static void
test_forged(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A) NAMES("1", C, "127.0.0.1", A) ACTIVE("1", C)
		TO("2", C, "victim@y", MX, "77") REMOVED("2", C)
		    NAMES("3", B, "127.0.0.1", A) ACTIVE("3", B)
			TO("4", A, "b@x", FILTER, B) REMOVED("4", A)
			    TO("5", B, "b@x", MX, "78") REMOVED("5", B));
	SCRIPT_FACTS(&s, ONE("alice", "b@x"));
	script_tick(&s, 60);
	SCRIPT_FACTS(&s, ONE("ip:127.0.0.1 claims a@x", "victim@y"));
	end();
}

/* A slow filter: what it names is still there, and says so in the end. */
static void
test_slow(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A) NAMES("2", B, "127.0.0.1", A) ACTIVE("2", B)
		TO("3", B, "b@x", MX, "77") REMOVED("3", B));
	script_tick(&s, 200);
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n");
	script_lines(&s, TO("201", A, "b@x", FILTER, B) REMOVED("201", A));
	SCRIPT_FACTS(&s, "recipient alice b@x out -1\n"
			 "delivered alice b@x out\n");
	/* But not for ever: a message may lie in the queue for days. */
	script_lines(&s,
	    "300 postfix/smtpd: " A ": client=c[192.0.2.7], "
	    "sasl_method=PLAIN, sasl_username=alice\n" ACTIVE("300", A)
		NAMES("300", C, "127.0.0.1", A) ACTIVE("300", C)
		    TO("301", C, "victim@y", MX, "77") REMOVED("301", C));
	script_tick(&s, 640);
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n" ONE(
			     "ip:127.0.0.1 claims a@x", "victim@y"));
	script_lines(&s, TO("641", A, "b@x", MX, "78") REMOVED("641", A));
	SCRIPT_FACTS(&s, "recipient alice b@x out -1\n"
			 "delivered alice b@x out\n");
	end();
}

/* A filter on another host: each says that the other is the same. */
static void
test_elsewhere(void)
{
	begin();
	script_set(&s, "trusted_clients", "127.0.0.1, 192.0.2.30");
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A) NAMES("2", B, "192.0.2.30", A) ACTIVE(
		"2", B) TO("3", A, "b@x", "f[192.0.2.30]:10024", B)
		REMOVED("3", A) TO("4", B, "b@x", MX, "77") REMOVED("4", B));
	SCRIPT_FACTS(&s, ONE("alice", "b@x"));
	/* A world's server can't make a message its own by naming it. */
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A) NAMES("5", B, "192.0.2.30", C)
		ACTIVE("5", B) TO("6", A, "b@x", MX, B) REMOVED("6", A)
		    TO("7", B, "c@x", MX, "77") REMOVED("7", B));
	script_tick(&s, 60);
	SCRIPT_FACTS(
	    &s, ONE("alice", "b@x") ONE("ip:192.0.2.30 claims a@x", "c@x"));
	end();
}

TESTS(TEST(test_forged), TEST(test_slow), TEST(test_elsewhere))
