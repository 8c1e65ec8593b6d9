/* chain_test - from log lines to facts: one queue id, ends, bounds */
#include <stdio.h>

#include "mta/chain_script.h"

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
test_plain(void)
{
	begin();
	script_lines(&s,
	    "0 postfix/submission/smtpd: 410001: client=c.example[192.0.2.7], "
	    "sasl_method=PLAIN, sasl_username=Alice@Example.com\n"
	    "0 postfix/cleanup: 410001: message-id=<1@x>\n"
	    "1 postfix/qmgr: 410001: from=<a@example.com>, size=700, nrcpt=1 "
	    "(queue active)\n"
	    "2 postfix/smtp: 410001: to=<bob@there.example>, "
	    "relay=mx.there.example[198.51.100.1]:25, delay=1, "
	    "delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)\n"
	    "2 postfix/qmgr: 410001: removed\n");
	SCRIPT_FACTS(&s,
	    "accepted alice@example.com 700 bytes\n"
	    "pending alice@example.com +1\n"
	    "recipient alice@example.com bob@there.example out -1\n"
	    ""
	    "delivered alice@example.com bob@there.example out\n");
	end(0);
}

static void
test_inbound(void)
{
	begin();
	script_lines(&s,
	    "0 postfix/smtpd: 410002: client=unknown[203.0.113.5]\n"
	    "1 postfix/qmgr: 410002: from=<x@y>, size=700, nrcpt=1 (queue "
	    "active)\n"
	    "2 postfix/virtual: 410002: to=<u@inside.example>, relay=virtual, "
	    "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to "
	    "maildir)\n"
	    "2 postfix/qmgr: 410002: removed\n");
	SCRIPT_FACTS(&s, "");
	CHECK(chains_is_inside(s.chains, STR("Inside.example")));
	CHECK(!chains_is_inside(s.chains, STR("there.example")));
	end(0);
}

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

/* Several recipients, inside and outside, one named through an alias. */
static void
test_recipients(void)
{
	begin();
	script_lines(&s,
	    ALICE("420001") ACTIVE("1", "420001", "4") TO("2", "420001", "b@x",
		REMOTE SENT) TO("2", "420001", "B@X", REMOTE SENT) TO("3",
		"420001", "e1@x",
		"orig_to=<list@y>, " REMOTE SENT) TO("3", "420001", "e2@x",
		"orig_to=<list@y>, " REMOTE
		"dsn=5.1.1, status=bounced (host mx[198.51.100.1] "
		"said: 550 5.1.1 no)") "3 postfix/local: 420001: to=<carol@x>, relay=local, delay=1, "
				       "delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to "
				       "mailbox)\n" REMOVED("4", "420001"));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\n"
			 "pending alice +4\n"
			 "recipient alice b@x out -1\n"
			 ""
			 "delivered alice b@x out\n"
			 "recipient alice list@y out -1\n"
			 ""
			 "delivered alice list@y out\n"
			 "recipient alice carol@x in -1\n"
			 ""
			 "delivered alice carol@x in\n"
			 "pending alice -1\n");
	end(0);
}

static void
test_deferred(void)
{
	begin();
	script_lines(&s,
	    ALICE("430001") ACTIVE("1", "430001", "1") TO("2", "430001", "b@x",
		NORELAY "dsn=4.4.1, status=deferred (connect to "
			"mx[198.51.100.1]:25: Connection timed out)")
		ACTIVE("300", "430001", "1") TO("301", "430001", "b@x",
		    NORELAY "dsn=4.4.1, status=deferred (delivery "
			    "temporarily suspended: connect to mx)")
		    ACTIVE("900", "430001", "1") TO("901", "430001", "b@x",
			REMOTE SENT) REMOVED("901", "430001"));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\n"
			 "pending alice +1\n"
			 "recipient alice b@x out -1\n"
			 ""
			 "deferred alice b@x out\n"
			 "deferral alice b@x out\n"
			 "deferral alice b@x out suspended\n"
			 "delivered alice b@x out\n");
	end(0);
}

static void
test_bounces(void)
{
	begin();
	script_lines(&s,
	    ALICE("440001") ACTIVE("1", "440001", "3") TO("2", "440001", "u@x",
		REMOTE
		"dsn=5.1.1, status=bounced (host mx[198.51.100.1] said: "
		"550 5.1.1 User unknown (in reply to RCPT TO command))") TO("2",
		"440001", "r@x",
		REMOTE "dsn=5.7.1, status=bounced (host mx[198.51.100.1] said: "
		       "550 5.7.1 Blocked as spam (in reply to end of DATA "
		       "command))") TO("2", "440001", "o@x",
		REMOTE
		"dsn=5.2.2, status=bounced (host "
		"mx[198.51.100.1] said: 552 5.2.2 Mailbox full "
		"(in reply to RCPT TO command))") "3 postfix/bounce: 440001: sender non-delivery notification: 440002\n"
						  "3 postfix/cleanup: 440002: message-id=<2@x>\n"
						  "3 postfix/qmgr: 440002: from=<>, size=2000, nrcpt=1 (queue active)\n" REMOVED(
						      "3", "440001") TO("4",
						      "440002", "a@x",
						      REMOTE SENT)
						      REMOVED("4", "440002"));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\n"
			 "pending alice +3\n"
			 "recipient alice u@x out -1\n"
			 ""
			 "unknown_user alice u@x out\n"
			 "recipient alice r@x out -1\n"
			 ""
			 "refused alice r@x out\n"
			 "recipient alice o@x out -1\n"
			 ""
			 "bounced alice o@x out\n");
	end(0);
}

/* 3.11 says it before the notice's own lines, older versions after. */
static void
test_bounce_order(void)
{
	begin();
	script_lines(&s,
	    ACTIVE("3", "440004", "1") TO("4", "440004", "a@x",
		REMOTE SENT) ALICE("440003") ACTIVE("1", "440003",
		"1") "4 postfix/bounce: 440003: sender non-delivery notification: 440004\n" REMOVED("4",
		"440004") REMOVED("4", "440003"));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n"
			 "pending alice -1\n");
	end(0);
}

static void
test_expired(void)
{
	begin();
	script_lines(&s,
	    ALICE("450001") ACTIVE("1", "450001", "2") TO(
		"2", "450001", "a@x", REMOTE SENT) TO("2", "450001", "b@x",
		NORELAY
		"dsn=4.4.1, status=deferred (timed out)") "9 postfix/qmgr: 450001: from=<a@x>, status=expired, returned to "
							  "sender\n" REMOVED(
							      "9", "450001"));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +2\n"
			 "recipient alice a@x out -1\n"
			 "delivered alice a@x out\n"
			 "recipient alice b@x out -1\n"
			 "deferred alice b@x out\ndeferral alice b@x out\n"
			 "bounced alice  out\n");
	end(0);
}

static void
test_aborted(void)
{
	begin();
	script_lines(&s,
	    ALICE("460001") "1 postfix/cleanup: 460001: removed (canceled)\n" ALICE(
		"460002") "2 postfix/cleanup: 460002: milter-reject: END-OF-MESSAGE from "
			  "c[192.0.2.7]: 5.7.1 no; from=<a@x> to=<b@x> proto=ESMTP "
			  "helo=<h>\n" ALICE(
			      "460003") "3 postfix/cleanup: 460003: reject: header Subject: x from "
					"c[192.0.2.7]; from=<a@x> to=<b@x> proto=ESMTP helo=<h>: 5.7.1 "
					"no\n" ALICE(
					    "460004") "4 postfix/smtpd: 460004: reject: RCPT from c[192.0.2.7]: 554 5.7.1 "
						      "no; from=<a@x> to=<c@x> proto=ESMTP helo=<h>\n" ACTIVE(
							  "5", "460004", "1"));
	SCRIPT_FACTS(&s,
	    "pending alice +0\nfiltered alice  in\npending alice +0\n"
	    "pending alice +0\n"
	    "accepted alice 9 bytes\npending alice +1\n");
	CHECK_INT(chains_count(s.chains, CHAINS_ABORTED), 3);
	end(1);
}

/* MAIL, RCPT, RSET: three ids whose end 3.7 never logs. */
static void
test_timeouts(void)
{
	begin();
	script_lines(&s, ALICE("470001") ALICE("470002") ALICE("470003") ACTIVE(
			     "1", "470003", "2") TO("1", "470003", "b@x",
			     NORELAY "dsn=4.4.1, status=deferred (timed out)"));
	text_clear(&s.facts);
	script_tick(&s, 3599);
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 3);
	script_tick(&s, 3600);
	SCRIPT_FACTS(&s, "pending alice +0\npending alice +0\n");
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 1);
	script_tick(&s, 6 * 86400);
	CHECK_INT(chains_count(s.chains, CHAINS_FLIGHTS), 1);
	script_tick(&s, 6 * 86400 + 1);
	SCRIPT_FACTS(&s, "pending alice -1\n");
	CHECK_INT(chains_count(s.chains, CHAINS_TIMED_OUT), 1);
	end(0);
}

static void
test_reuse(void)
{
	begin();
	script_lines(&s,
	    ALICE(
		"480001") "5 postfix/smtpd: 480001: client=c[192.0.2.8], sasl_method=PLAIN, "
			  "sasl_username=bob\n" ACTIVE("6", "480001", "1")
			      TO("6", "480001", "b@x", REMOTE SENT));
	SCRIPT_FACTS(&s, "pending alice +0\n"
			 "accepted bob 9 bytes\npending bob +1\n"
			 "recipient bob b@x out -1\n"
			 "delivered bob b@x out\n");
	/* Its end was lost, the id is used again. */
	script_lines(&s, ALICE("480001") ACTIVE("7", "480001", "1"));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n");
	end(1);
}

/* Two instances use the same id; a transport logs under its own name. */
static void
test_instances(void)
{
	begin();
	script_lines(&s,
	    ALICE(
		"490001") "0 postfix-two/smtpd: 490001: client=c[192.0.2.8], sasl_method=PLAIN, "
			  "sasl_username=bob\n"
			  "1 postfix-two/qmgr: 490001: from=<b@x>, size=5, nrcpt=1 (queue "
			  "active)\n"
			  "1 postfix/qmgr: 490001: from=<a@x>, size=9, nrcpt=1 (queue active)\n"
			  "2 postfix-two/smtp: 490001: to=<two@x>, " REMOTE SENT
			  "\n"
			  "2 other/ postfix/smtp: 490001: to=<stray@x>, " REMOTE
			      SENT "\n"
			  "3 postfix-two/qmgr: 490001: removed\n"
			  "3 postfix-out1/smtp: 490001: to=<one@x>, " REMOTE
			      SENT "\n" REMOVED("4", "490001"));
	SCRIPT_FACTS(&s, "accepted bob 5 bytes\npending bob +1\n"
			 "accepted alice 9 bytes\npending alice +1\n"
			 "recipient bob two@x out -1\n"
			 "delivered bob two@x out\n"
			 "recipient alice one@x out -1\n"
			 "delivered alice one@x out\n");
	CHECK_INT(chains_count(s.chains, CHAINS_STRAY), 1);
	end(0);
}

static void
test_local(void)
{
	begin();
	script_lines(&s,
	    "0 postfix/pickup: 4A0001: uid=33 from=<Shop@Example.com>\n"
	    "1 postfix/qmgr: 4A0001: from=<Shop@Example.com>, size=9, nrcpt=1 "
	    "(queue active)\n" TO("2", "4A0001", "b@x", REMOTE SENT) REMOVED(
		"2",
		"4A0001") "0 postfix/pickup: 4A0002: uid=1000 from=<carol>\n" ACTIVE("3",
		"4A0002", "1") REMOVED("3",
		"4A0002") "0 postfix/pickup: 4A0003: uid=77 from=<x>\n" ACTIVE("3",
		"4A0003", "1") REMOVED("3", "4A0003"));
	SCRIPT_FACTS(&s,
	    "accepted uid:www-data claims shop@example.com 9 bytes\n"
	    "pending uid:www-data claims shop@example.com +1\n"
	    "recipient uid:www-data claims shop@example.com b@x out -1\n"
	    ""
	    "delivered uid:www-data claims shop@example.com b@x out\n"
	    "accepted uid:carol 9 bytes\npending uid:carol +1\n"
	    "pending uid:carol -1\n"
	    "accepted uid:77 9 bytes\npending uid:77 +1\n"
	    "pending uid:77 -1\n");
	end(0);
}

static void
test_logins(void)
{
	begin();
	script_lines(&s, "0 postfix/smtpd: warning: u[192.0.2.1]: SASL LOGIN "
			 "authentication failed: bad, sasl_username=Bob@X\n"
			 "0 postfix/smtpd: warning: u[192.0.2.1]: SASL LOGIN "
			 "authentication failed: bad\n");
	SCRIPT_FACTS(&s, "login_failed bob@x 1\nlogin_failed  1\n");
	end(0);
}

static void
test_bcc(void)
{
	script_init(&s);
	script_set(&s, "bcc_recipients", "archive@*");
	script_start(&s, false);
	script_lines(&s, ALICE("4B0001") ACTIVE("1", "4B0001", "2")
			     TO("2", "4B0001", "archive@x", REMOTE SENT)
				 TO("2", "4B0001", "b@x", REMOTE SENT)
				     REMOVED("3", "4B0001"));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +2\n"
			 "recipient alice b@x out -1\n"
			 "delivered alice b@x out\npending alice -1\n");
	end(0);
}

/* Aborted transactions don't push out what is queued. */
static void
test_flights_max(void)
{
	char line[200];
	struct text t;

	script_init(&s);
	s.settings.flights_max = 100;
	script_start(&s, false);
	script_lines(&s, ALICE("410000") ACTIVE("1", "410000", "1"));
	for (int i = 0; i < 500; i++) {
		text_init(&t, line, sizeof(line));
		text_printf(&t,
		    "%d postfix/smtpd: %06X: client=c[203.0.113.9]\n", 20 + i,
		    0x100000 + i);
		script_lines(&s, line);
	}
	text_clear(&s.facts);
	CHECK_INT(chains_count(s.chains, CHAINS_DROPPED), 401);
	script_lines(&s,
	    TO("600", "410000", "b@x", REMOTE SENT) REMOVED("600", "410000"));
	SCRIPT_FACTS(&s, "recipient alice b@x out -1\n"
			 "delivered alice b@x out\n");
	end(99);
}

static void
test_many_recipients(void)
{
	char line[300];
	struct text t;
	int64_t confirmed = 0;

	script_init(&s);
	s.settings.recipients_max = 1000;
	script_start(&s, false);
	script_lines(&s, ALICE("4D0001") ACTIVE("1", "4D0001", "1500"));
	for (int i = 0; i < 3000; i++) {
		text_init(&t, line, sizeof(line));
		text_printf(&t, TO("2", "4D0001", "u%d@x", REMOTE SENT), i / 2);
		script_lines(&s, line);
	}
	struct str rest = text_view(&s.facts), one;

	while (str_cut(&rest, '\n', &one))
		confirmed += str_starts(one, STR("recipient "));
	CHECK_INT(confirmed, 1000);
	text_clear(&s.facts);
	script_lines(&s, REMOVED("3", "4D0001"));
	SCRIPT_FACTS(&s, "pending alice -500\n");
	end(0);
}

/* A client that asks for notices sends them, whichever line comes first. */
static void
test_notices(void)
{
	begin();
	script_lines(&s,
	    ALICE("4F0001") ACTIVE("1", "4F0001", "1") TO("2", "4F0001", "b@x",
		REMOTE
		    SENT) "2 postfix/qmgr: 4F0002: from=<>, size=9, nrcpt=1 (queue active)\n"
			  "2 postfix/bounce: 4F0001: sender delivery status notification: 4F0002\n"
			  "2 postfix/bounce: 4F0001: sender delivery status notification: 4F0003\n"
			  "2 postfix/qmgr: 4F0003: from=<>, size=9, nrcpt=1 (queue active)\n" REMOVED(
			      "2", "4F0001") TO("3", "4F0002", "v@x",
			      REMOTE SENT) REMOVED("3", "4F0002")
			      TO("3", "4F0003", "w@x", REMOTE SENT)
				  REMOVED("3", "4F0003"));
	SCRIPT_FACTS(&s, "accepted alice 9 bytes\npending alice +1\n"
			 "recipient alice b@x out -1\n"
			 "delivered alice b@x out\n"
			 "accepted alice 9 bytes\npending alice +1\n"
			 "accepted alice 9 bytes\npending alice +1\n"
			 "recipient alice v@x out -1\n"
			 "delivered alice v@x out\n"
			 "recipient alice w@x out -1\n"
			 "delivered alice w@x out\n");
	end(0);
}

/* Addresses so long that Postfix cuts the line: they were sent to. */
static void
test_cut(void)
{
	char lines[8000], x[1901];

	memset(x, 'x', sizeof(x) - 1);
	x[sizeof(x) - 1] = '\0';
	snprintf(lines, sizeof(lines),
	    "%s1 postfix/qmgr: 4E0001: from=<%s\n"
	    "2 postfix/smtp: 4E0001: to=<b@x>, orig_to=<b%%x%%%s\n"
	    "2 postfix/smtp: 4E0001: to=<c@x>, orig_to=<c%%x%%%s\n%s",
	    ALICE("4E0001"), x, x, x, REMOVED("3", "4E0001"));
	begin();
	script_lines(&s, lines);
	SCRIPT_FACTS(&s, "accepted alice 0 bytes\npending alice +0\n"
			 "recipient alice b@x out\n"
			 "recipient alice c@x out\n");
	end(0);
}

TESTS(TEST(test_plain), TEST(test_inbound), TEST(test_recipients),
    TEST(test_deferred), TEST(test_bounces), TEST(test_bounce_order),
    TEST(test_expired), TEST(test_aborted), TEST(test_timeouts),
    TEST(test_reuse), TEST(test_instances), TEST(test_local), TEST(test_logins),
    TEST(test_bcc), TEST(test_flights_max), TEST(test_many_recipients),
    TEST(test_cut), TEST(test_notices))
