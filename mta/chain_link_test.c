/* chain_link_test - messages with several queue ids, in any order of lines */
#include "mta/chain_script.h"

static struct script s;

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

#define CLIENT(t, id, client, rest) \
	t " postfix/smtpd: " id ": client=" client rest "\n"
#define ALICE(id)                       \
	CLIENT("0", id, "c[192.0.2.7]", \
	    ", sasl_method=PLAIN, sasl_username=alice")
#define INBOUND(id) CLIENT("0", id, "m[203.0.113.5]", "")
#define OWN(t, id, rest) CLIENT(t, id, "localhost[127.0.0.1]", rest)
#define ORIG(id) ", orig_queue_id=" id ", orig_client=c[192.0.2.7]"
#define ACTIVE(t, id, n)                                        \
	t " postfix/qmgr: " id ": from=<a@x>, size=9, nrcpt=" n \
	  " (queue active)\n"
#define TO(t, id, to, rest) t " postfix/smtp: " id ": to=<" to ">, " rest "\n"
#define DELAY "delay=1, delays=0/0/0/1, "
#define REMOTE "relay=mx[198.51.100.1]:25, " DELAY
#define SENT "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 77AA77)"
#define FILTER "relay=127.0.0.1[127.0.0.1]:10024, " DELAY
#define AS(id)                                    \
	"dsn=2.0.0, status=sent (250 2.0.0 from " \
	"MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as " id ")"
#define LOCAL(t, id, to, rest) \
	t " postfix/local: " id ": to=<" to ">, " rest "\n"
#define FORWARDED(id) \
	"relay=local, " DELAY "dsn=2.0.0, status=sent (forwarded as " id ")"
#define MAILBOX \
	"relay=local, " DELAY "dsn=2.0.0, status=sent (delivered to mailbox)"
#define REMOVED(t, id) t " postfix/qmgr: " id ": removed\n"

#define A "A10001"
#define B "B20002"
#define C "C30003"

#define ALICE_ONE                                    \
	"accepted alice 9 bytes\npending alice +1\n" \
	"recipient alice b@x out -1\n"               \
	"delivered alice b@x out\n"

#define LOCALHOST_ONE                                    \
	"accepted ip:127.0.0.1 claims a@x 9 bytes\n"     \
	"pending ip:127.0.0.1 claims a@x +1\n"           \
	"recipient ip:127.0.0.1 claims a@x b@x out -1\n" \
	"delivered ip:127.0.0.1 claims a@x b@x out\n"

static void
test_filter_xforward(void)
{
	begin();
	script_lines(&s, ALICE(A) ACTIVE("1", A, "1") OWN("2", B, ORIG(A))
			     ACTIVE("2", B, "1") TO("2", A, "b@x", FILTER AS(B))
				 REMOVED("2", A) TO("3", B, "b@x", REMOTE SENT)
				     REMOVED("3", B));
	SCRIPT_FACTS(&s, ALICE_ONE);
	end();
}

/* The last link's outcome is logged before the hop that names it. */
static void
test_filter_early(void)
{
	begin();
	script_lines(&s, ALICE(A) ACTIVE("1", A, "1") OWN("2", B, ORIG(A))
			     ACTIVE("2", B, "1") TO("2", B, "b@x", REMOTE SENT)
				 REMOVED("2", B) TO("3", A, "b@x", FILTER AS(B))
				     REMOVED("3", A));
	SCRIPT_FACTS(&s, ALICE_ONE);
	end();
}

static void
test_filter_no_xforward(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "1") OWN("2", B, "") ACTIVE("2", B, "1")
		TO("2", A, "b@x", FILTER AS(B)) REMOVED("2", A)
		    TO("3", B, "b@x", REMOTE SENT) REMOVED("3", B));
	SCRIPT_FACTS(&s, ALICE_ONE);
	/* Everything of the second link first, its end included. */
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "1") OWN("2", B, "") ACTIVE("2", B, "1")
		TO("3", B, "b@x", REMOTE SENT) REMOVED("3", B)
		    TO("4", A, "b@x", FILTER AS(B)) REMOVED("4", A));
	SCRIPT_FACTS(&s, ALICE_ONE);
	/* "queued as" is read before the second link's first line. */
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "1") TO("2", A, "b@x", FILTER AS(B))
		REMOVED("2", A) OWN("2", B, "") ACTIVE("2", B, "1")
		    TO("3", B, "b@x", REMOTE SENT) REMOVED("3", B));
	SCRIPT_FACTS(&s, ALICE_ONE);
	end();
}

/* The first link's lines come last, as from another file. */
static void
test_filter_orig_late(void)
{
	begin();
	script_lines(&s,
	    OWN("2", B, ORIG(A)) ACTIVE("2", B, "1") TO("3", B, "b@x",
		REMOTE SENT) REMOVED("3", B) ALICE(A) ACTIVE("1", A, "1")
		TO("2", A, "b@x", FILTER AS(B)) REMOVED("2", A));
	SCRIPT_FACTS(&s, ALICE_ONE);
	/* Never: the log began in the middle, or it is made up. */
	script_lines(&s, OWN("2", B, ORIG(A)) ACTIVE("2", B, "1")
			     TO("3", B, "b@x", REMOTE SENT) REMOVED("3", B));
	script_tick(&s, 30);
	SCRIPT_FACTS(&s, LOCALHOST_ONE);
	end();
}

/* Aliases before and after the filter, and an archive copy added after. */
static void
test_filter_aliases(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "2") OWN("2", B, ORIG(A)) ACTIVE(
		"2", B, "4") TO("2", B, "r1@x", REMOTE SENT) TO("2", B,
		"archive@x", REMOTE SENT) TO("2", A, "r1@x",
		"orig_to=<r@y>, " FILTER AS(B)) TO("2", A, "list@x",
		FILTER AS(B)) REMOVED("2", A) TO("3", B, "e1@x",
		"orig_to=<list@x>, " REMOTE
		"dsn=4.2.0, status=deferred (host mx[198.51.100.1] said: 450 "
		"later)") TO("3", B, "e2@x", "orig_to=<list@x>, " REMOTE SENT)
		REMOVED("9", B));
	SCRIPT_FACTS(&s,
	    "accepted alice 9 bytes\npending alice +2\n"
	    "recipient alice r@y out -1\n"
	    "delivered alice r@y out\n"
	    "recipient alice list@x out -1\n"
	    "deferred alice list@x out\ndeferral alice list@x out\n"
	    "delivered alice list@x out\n");
	end();
}

/* Two names that became one recipient at the filter. */
static void
test_filter_two_names(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "2") OWN("2", B, ORIG(A)) ACTIVE(
		"2", B, "1") TO("2", A, "x@x", "orig_to=<r1@y>, " FILTER AS(B))
		TO("2", A, "x@x", "orig_to=<r2@y>, " FILTER AS(B)) REMOVED(
		    "2", A) TO("3", B, "x@x", REMOTE SENT) REMOVED("9", B));
	const char *r1 = "recipient alice r1@y out -1\n";
	struct str got = text_view(&s.facts);

	CHECK(str_find(got, str_from(r1)) > 0);
	CHECK(str_find(got, STR("recipient alice r2@y out -1\n")) > 0);
	CHECK(str_find(got, STR("delivered alice r1@y out\n")) > 0);
	CHECK(str_find(got, STR("delivered alice r2@y out\n")) > 0);
	end();
}

/* Two filters in a row; the hop between them is read late. */
static void
test_filter_twice(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "1") OWN("2", B, ORIG(A))
		ACTIVE("2", B, "1") TO("2", A, "b@x", FILTER AS(B))
		    REMOVED("2", A) OWN("3", C, "") ACTIVE("3", C, "1")
			TO("3", C, "z@x", REMOTE SENT)
			    TO("4", B, "z@x", "orig_to=<b@x>, " FILTER AS(C))
				REMOVED("4", B) REMOVED("5", C));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n"
			 "recipient alice b@x out -1\n"
			 "delivered alice b@x out\n");
	end();
}

/* The filter is down, then bounces; then discards without a word. */
static void
test_filter_answers(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "2") TO("2", A, "b@x",
		"relay=none, " DELAY "dsn=4.4.1, status=deferred (connect to "
		"127.0.0.1[127.0.0.1]:10024: Connection refused)")
		TO("3", A, "b@x",
		    FILTER "dsn=5.7.0, status=bounced (host "
			   "127.0.0.1[127.0.0.1] said: 554 5.7.0 Reject, "
			   "spam (in reply to end of DATA command))")
		    TO("3", A, "c@x",
			FILTER "dsn=2.7.0, status=sent (250 2.7.0 Ok, "
			       "discarded, id=1)") REMOVED("3", A));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +2\n"
			 "recipient alice b@x out -1\n"
			 "deferred alice b@x out\ndeferral alice b@x out\n"
			 "refused alice b@x in\n"
			 "recipient alice c@x in -1\n"
			 "delivered alice c@x in\n");
	CHECK(!chains_is_inside(s.chains, STR("x")));
	end();
}

/* It says "queued as", but nothing of the kind appears: a server of ours that
 * is no Postfix of ours. */
static void
test_hop_to_nowhere(void)
{
	begin();
	script_lines(&s, ALICE(A) ACTIVE("1", A, "1")
			     TO("2", A, "b@x", FILTER AS(B)) REMOVED("2", A));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n");
	script_tick(&s, 17);
	SCRIPT_FACTS(&s, "recipient alice b@x in -1\n"
			 "delivered alice b@x in\n");
	end();
}

/* The second link is deleted by hand: a recipient all the same. */
static void
test_deleted(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "1") OWN("2", B, ORIG(A))
		ACTIVE("2", B, "1") TO("2", A, "b@x", FILTER AS(B))
		    REMOVED("2", A) "5 postfix/postsuper: " B ": removed\n");
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n"
			 "recipient alice  out -1\n");
	end();
}

static void
test_trusted(void)
{
	begin();
	script_lines(&s, OWN("0", A, "") ACTIVE("1", A, "1")
			     TO("2", A, "b@x", REMOTE SENT) REMOVED("2", A));
	SCRIPT_FACTS(&s, "");
	script_tick(&s, 15);
	SCRIPT_FACTS(&s, "");
	script_tick(&s, 16);
	SCRIPT_FACTS(&s, "accepted ip:127.0.0.1 claims a@x 9 bytes\n"
			 "pending ip:127.0.0.1 claims a@x +1\n"
			 "recipient ip:127.0.0.1 claims a@x b@x out -1\n"
			 ""
			 "delivered ip:127.0.0.1 claims a@x b@x out\n");
	end();
}

/* A remote server and a remote client name queue ids of ours. */
static void
test_forged(void)
{
	begin();
	script_lines(&s, ALICE(A) ACTIVE("1", A,
			     "1") "0 postfix/smtpd: " B
				  ": client=c[192.0.2.8], sasl_method=PLAIN, "
				  "sasl_username=bob\n" ACTIVE("1", B, "1")
				      TO("2", A, "b@x", REMOTE AS(B))
					  TO("2", B, "c@x", REMOTE SENT)
					      REMOVED("3", A) REMOVED("3", B));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n"
			 "accepted bob 9 bytes\npending bob +1\n"
			 "recipient alice b@x out -1\n"
			 "delivered alice b@x out\n"
			 "recipient bob c@x out -1\n"
			 "delivered bob c@x out\n");
	/* XFORWARD from elsewhere; and a hop to a message of bob's. */
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "1") CLIENT("1", C, "evil[203.0.113.1]",
		ORIG(A)) ACTIVE("1", C, "1") TO("2", C, "c@x", REMOTE SENT)
		REMOVED("3", C) "0 postfix/smtpd: " B
				": client=c[192.0.2.8], sasl_method=PLAIN, "
				"sasl_username=bob\n" ACTIVE("1", B, "1")
				    TO("2", A, "b@x", FILTER AS(B))
					REMOVED("3", A) REMOVED("3", B));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n"
			 "accepted bob 9 bytes\npending bob +1\n"
			 "recipient alice b@x in -1\n"
			 "delivered alice b@x in\npending bob -1\n");
	end();
}

static void
test_forward_of_account(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "2") ACTIVE("1", B, "2")
		TO("1", B, "ext@x", "orig_to=<bob@in>, " REMOTE SENT) TO(
		    "1", B, "two@x", "orig_to=<bob@in>, " REMOTE SENT)
		    REMOVED("1", B) LOCAL("2", A, "carol@in", MAILBOX)
			LOCAL("2", A, "bob@in", FORWARDED(B)) REMOVED("2", A));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +2\n"
			 "recipient alice carol@in in -1\n"
			 "delivered alice carol@in in\n"
			 "recipient alice bob@in out -1\n"
			 "delivered alice bob@in out\n");
	/* The usual order, and twice forwarded. */
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "1") LOCAL("2", A, "bob@in", FORWARDED(B))
		REMOVED("2", A) ACTIVE("2", B, "1") ACTIVE("2", C, "1")
		    TO("2", C, "ext@x", REMOTE SENT) LOCAL(
			"2", B, "carol@in", "orig_to=<bob@in>, " FORWARDED(C))
			REMOVED("2", B) REMOVED("2", C));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n"
			 "recipient alice bob@in out -1\n"
			 "delivered alice bob@in out\n");
	end();
}

#define FWD_BOB                             \
	"accepted fwd:bob@in 9 bytes\n"     \
	"recipient fwd:bob@in bob@in out\n" \
	"delivered fwd:bob@in bob@in out\n"

static void
test_forward_inbound(void)
{
	begin();
	script_lines(&s,
	    INBOUND(A) ACTIVE("1", A, "2") ACTIVE("1", B, "1")
		TO("1", B, "ext@x", "orig_to=<Bob@in>, " REMOTE SENT)
		    REMOVED("1", B) LOCAL("2", A, "carol@in", MAILBOX)
			LOCAL("2", A, "Bob@in", FORWARDED(B)) REMOVED("2", A));
	SCRIPT_FACTS(&s, "accepted fwd:bob@in 9 bytes\n"
			 "recipient fwd:bob@in Bob@in out\n"
			 "delivered fwd:bob@in Bob@in out\n");
	/* Behind a filter without XFORWARD. */
	script_lines(&s,
	    INBOUND(A) ACTIVE("1", A, "1") OWN("1", B, "") ACTIVE("1", B, "1")
		ACTIVE("1", C, "1") TO("1", C, "ext@x", REMOTE SENT)
		    REMOVED("1", C) LOCAL("2", B, "bob@in", FORWARDED(C))
			REMOVED("2", B) TO("2", A, "bob@in", FILTER AS(B))
			    REMOVED("2", A));
	SCRIPT_FACTS(&s, FWD_BOB);
	/* To another mailbox: nothing left. */
	script_lines(&s,
	    INBOUND(A) ACTIVE("1", A, "1") LOCAL("2", A, "bob@in", FORWARDED(B))
		ACTIVE("2", B, "1")
		    LOCAL("2", B, "carol@in", "orig_to=<bob@in>, " MAILBOX)
			REMOVED("2", B) REMOVED("2", A));
	SCRIPT_FACTS(&s, "");
	end();
}

static void
test_forward_alias(void)
{
	begin();
	script_lines(&s,
	    INBOUND(A) ACTIVE("1", A, "3")
		TO("2", A, "ext@x", "orig_to=<bob@in>, " REMOTE SENT)
		    LOCAL("2", A, "carol@in", "orig_to=<c@in>, " MAILBOX)
			TO("2", A, "else@x", REMOTE SENT) REMOVED("2", A));
	SCRIPT_FACTS(&s, FWD_BOB);
	/* The alias is expanded before the filter; or behind it. */
	script_lines(&s,
	    INBOUND(A) ACTIVE("1", A, "1") OWN("1", B, ORIG(A)) ACTIVE("1", B,
		"1") TO("1", A, "ext@x", "orig_to=<bob@in>, " FILTER AS(B))
		TO("1", B, "ext@x", REMOTE SENT) REMOVED("1", A)
		    REMOVED("1", B));
	SCRIPT_FACTS(&s, FWD_BOB);
	script_lines(&s,
	    INBOUND(A) ACTIVE("1", A, "1") OWN("1", B, ORIG(A))
		ACTIVE("1", B, "1") TO("1", A, "bob@in", FILTER AS(B))
		    TO("1", B, "ext@x", "orig_to=<bob@in>, " REMOTE SENT)
			REMOVED("1", A) REMOVED("1", B));
	SCRIPT_FACTS(&s, FWD_BOB);
	end();
}

static void
test_requeue(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "2") TO("2", A, "a@x", REMOTE SENT) TO("2",
		A, "b@x",
		"relay=none, " DELAY
		"dsn=4.4.1, status=deferred (x)") "3 postfix/postsuper: " A
						  ": requeued\n"
						  "60 postfix/pickup: " B
						  ": uid=107 from=<a@x> orig_id=" A
						  "\n" ACTIVE("60", B, "1")
						      TO("61", B, "b@x",
							  REMOTE SENT)
							  REMOVED("61", B));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +2\n"
			 "recipient alice a@x out -1\n"
			 "delivered alice a@x out\n"
			 "recipient alice b@x out -1\n"
			 "deferred alice b@x out\ndeferral alice b@x out\n"
			 "delivered alice b@x out\n");
	/* A second link; and one that isn't known. */
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "1") OWN("2", B, ORIG(A))
		ACTIVE("2", B, "1") TO("2", A, "b@x", FILTER AS(B)) REMOVED("2",
		    A) "60 postfix/pickup: " C ": uid=107 from=<a@x> orig_id=" B
		       "\n" ACTIVE("60", C, "1") TO("61", C, "b@x", REMOTE SENT)
			   REMOVED("61", C) "70 postfix/pickup: " C
					    ": uid=107 from=<a@x> orig_id=" B
					    "\n" ACTIVE("70", C, "1")
						TO("71", C, "b@x", REMOTE SENT)
						    REMOVED("71", C));
	SCRIPT_FACTS(&s, ALICE_ONE);
	end();
}

/* The second instance has a name and a log of its own. */
static void
test_instances(void)
{
	begin();
	script_lines(&s,
	    ALICE(A) ACTIVE("1", A, "1") TO("2", A, "b@x",
		"relay=127.0.0.1[127.0.0.1]:10026, " DELAY
		"dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as " B ")")
		REMOVED("2", A) "1 postfix-out/smtpd: " B
				": client=localhost[127.0.0.1]\n"
				"1 postfix-out/qmgr: " B
				": from=<a@x>, size=11, nrcpt=1 (queue "
				"active)\n"
				"2 postfix-out/smtp: " B
				": to=<b@x>, " REMOTE SENT "\n"
				"2 postfix-out/qmgr: " B ": removed\n");
	SCRIPT_FACTS(&s, ALICE_ONE);
	end();
}

static void
test_proxy(void)
{
	const char *accept = "1 postfix/smtpd: proxy-accept: END-OF-MESSAGE: "
			     "250 2.0.0 Ok: queued as " B
			     "; from=<a@x> to=<b@x> proto=ESMTP helo=<h> "
			     "sasl_username=<Alice>\n";

	begin();
	script_lines(
	    &s, OWN("1", B, ", orig_client=c[192.0.2.7]") ACTIVE("1", B, "1"));
	script_lines(&s, accept);
	script_lines(&s, TO("2", B, "b@x", REMOTE SENT) REMOVED("2", B));
	SCRIPT_FACTS(&s, ALICE_ONE);
	script_lines(&s, accept);
	script_lines(&s, OWN("1", B, "") ACTIVE("1", B, "1")
			     TO("2", B, "b@x", REMOTE SENT) REMOVED("2", B));
	SCRIPT_FACTS(&s, ALICE_ONE);
	/* It never says so: whom XFORWARD tells isn't believed. */
	script_lines(&s,
	    OWN("1", B, ", orig_client=c[192.0.2.7]") ACTIVE("1", B, "1")
		TO("2", B, "b@x", REMOTE SENT) REMOVED("2", B));
	script_tick(&s, 60);
	SCRIPT_FACTS(&s, LOCALHOST_ONE);
	end();
}

/* Two hops that name each other, and themselves. */
static void
test_loop(void)
{
	begin();
	script_lines(&s, OWN("0", A, "") OWN("0", B, "") ACTIVE("1", A, "1")
			     ACTIVE("1", B, "1") TO("2", A, "b@x", FILTER AS(B))
				 TO("2", B, "b@x", FILTER AS(A))
				     TO("2", B, "b@x", FILTER AS(B))
					 REMOVED("3", A) REMOVED("3", B));
	script_tick(&s, 60);
	SCRIPT_FACTS(&s, "accepted ip:127.0.0.1 claims a@x 9 bytes\n"
			 "pending ip:127.0.0.1 claims a@x +1\n"
			 "recipient ip:127.0.0.1 claims a@x b@x in -1\n"
			 ""
			 "delivered ip:127.0.0.1 claims a@x b@x in\n");
	end();
}

TESTS(TEST(test_filter_xforward), TEST(test_filter_early),
    TEST(test_filter_no_xforward), TEST(test_filter_orig_late),
    TEST(test_filter_aliases), TEST(test_filter_two_names),
    TEST(test_filter_twice), TEST(test_filter_answers),
    TEST(test_hop_to_nowhere), TEST(test_deleted), TEST(test_trusted),
    TEST(test_forged), TEST(test_forward_of_account),
    TEST(test_forward_inbound), TEST(test_forward_alias), TEST(test_requeue),
    TEST(test_instances), TEST(test_proxy), TEST(test_loop))
