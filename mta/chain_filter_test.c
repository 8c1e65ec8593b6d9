/* chain_filter_test - what a content filter says of whose message, and what
 * comes back without a sender */
#include "mta/chain_script.h"

static struct script s;

static void
begin(void)
{
	script_init(&s);
	script_start(&s, false);
}

#define CLIENT(id)                                       \
	"0 postfix/smtpd: " id ": client=c[192.0.2.7], " \
	"sasl_method=PLAIN, sasl_username=alice@x.example\n"
#define REJECT(id)                                                           \
	"2 postfix/cleanup: " id ": milter-reject: END-OF-MESSAGE from "     \
	"c[192.0.2.7]: 5.7.1 Spam message rejected; from=<alice@x.example> " \
	"to=<b@far.example> proto=ESMTP helo=<h>\n"
#define TASK(id)                                                                \
	"2 rspamd: <5fd8a1>; task; rspamd_task_write_log: id: <1@x>, qid: <" id \
	">, ip: 192.0.2.7, (default: T (reject): [16.00/15.00] [A(1.0){}"       \
	"]), len: 9\n"

static void
told_twice_it_counts_once(void)
{
	begin();
	script_lines(
	    &s, CLIENT("4F000001") TASK("4F000001") REJECT("4F000001"));
	SCRIPT_FACTS(&s, "filtered alice@x.example  in\n"
			 "pending alice@x.example +0\n");
	script_done(&s);
}

static void
what_passed_marked_counts_for_who_sent_it(void)
{
	begin();
	script_lines(&s,
	    CLIENT(
		"4F000002") "1 postfix/qmgr: 4F000002: from=<alice@x.example>,"
			    " size=9, nrcpt=1 (queue active)\n"
			    "2 amavis: (1-2) Passed SPAM "
			    "{RelayedTaggedOutbound}, <alice@x.example> -> "
			    "<b@far.example>, Queue-ID: 4F000002, 5 ms\n");
	SCRIPT_FACTS(&s, "accepted alice@x.example 9 bytes\n"
			 "pending alice@x.example +1\n"
			 "filtered alice@x.example  in\n");
	script_done(&s);
}

/* Mail from outside is nobody's here; neither is what has a queue id that
 * nobody knows, nor is putting off a verdict. */
static void
nobody_else_is_named(void)
{
	begin();
	script_lines(&s,
	    "0 postfix/smtpd: 4F000003: client=mx[203.0.113.5]\n" TASK(
		"4F000003") TASK("4FABCDEF")
		CLIENT(
		    "4F000004") "2 postfix/cleanup: 4F000004: milter-reject: END-OF-MESSAGE "
				"from c[192.0.2.7]: 4.7.1 Try again later; from=<a@x> "
				"to=<b@far.example> proto=ESMTP helo=<h>\n");
	SCRIPT_FACTS(&s, "pending alice@x.example +0\n");
	script_done(&s);
}

/* An alias on an address outside: it is told of the forward, which is marked
 * and passed on, not refused. */
static void
spam_that_is_passed_on_is_told_of_the_forward(void)
{
	begin();
	script_lines(&s,
	    "0 postfix/smtpd: 4F000007: client=mx[203.0.113.5]\n"
	    "1 postfix/qmgr: 4F000007: from=<spam@far.example>, size=9, nrcpt=1 "
	    "(queue active)\n"
	    "1 amavis: (1-2) Passed SPAM {RelayedTaggedInbound}, "
	    "<spam@far.example> -> <paul@x.example>, Queue-ID: 4F000007, 5 ms\n"
	    "2 postfix/smtp: 4F000007: to=<paul@else.example>, "
	    "orig_to=<paul@x.example>, relay=mx[198.51.100.9]:25, delay=1, "
	    "dsn=2.0.0, status=sent (250 ok)\n"
	    "2 postfix/qmgr: 4F000007: removed\n");
	SCRIPT_FACTS(&s, "accepted fwd:paul@x.example 9 bytes\n"
			 "filtered fwd:paul@x.example  out\n"
			 "recipient fwd:paul@x.example paul@x.example out\n"
			 "delivered fwd:paul@x.example paul@x.example out\n");
	script_done(&s);
}

#define INBOUND(id, from)                                                  \
	"5 postfix/smtpd: " id ": client=relay[198.51.100.7]\n"            \
	"5 postfix/qmgr: " id ": from=<" from ">, size=9, nrcpt=1 (queue " \
	"active)\n"                                                        \
	"6 postfix/lmtp: " id ": to=<alice@x.example>, "                   \
	"relay=mx[private/dovecot-lmtp], delay=1, dsn=2.0.0, "             \
	"status=sent (250 Saved)\n"                                        \
	"6 postfix/qmgr: " id ": removed\n"

static void
what_comes_back_without_a_sender(void)
{
	begin();
	script_lines(&s, INBOUND("4F000005", ""));
	SCRIPT_FACTS(&s, "returned alice@x.example alice@x.example in\n");
	script_lines(&s, INBOUND("4F000006", "friend@far.example"));
	SCRIPT_FACTS(&s, "");
	script_done(&s);
}

/* As a smarthost's notices come in: with an extension, through a before-queue
 * or an after-queue filter, to a mailbox by an alias. */
static void
a_relays_notices_are_told_of_whom_they_are_for(void)
{
	begin();
	script_lines(&s,
	    "5 postfix/smtpd: 4F00000A: client=smtp.relay.example["
	    "198.51.100.7]\n"
	    "5 postfix/cleanup: 4F00000A: message-id=<20261121@relay.example>\n"
	    "5 postfix/qmgr: 4F00000A: from=<>, size=4200, nrcpt=1 (queue "
	    "active)\n"
	    "6 postfix/smtp: 4F00000A: to=<alice@x.example>, relay=127.0.0.1["
	    "127.0.0.1]:10024, delay=0.3, delays=0.1/0/0/0.2, dsn=2.0.0, "
	    "status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 "
	    "2.0.0 Ok: queued as 4F00000B)\n"
	    "6 postfix/qmgr: 4F00000A: removed\n"
	    "6 postfix/smtpd: 4F00000B: client=localhost[127.0.0.1]\n"
	    "6 postfix/cleanup: 4F00000B: message-id=<20261121@relay.example>\n"
	    "6 postfix/qmgr: 4F00000B: from=<>, size=4600, nrcpt=1 (queue "
	    "active)\n"
	    "7 postfix/lmtp: 4F00000B: to=<alice@x.example>, "
	    "relay=mx[private/dovecot-lmtp], delay=1, delays=0.1/0/0.1/0.8, "
	    "dsn=2.0.0, status=sent (250 2.0.0 <alice@x.example> AbC Saved)\n"
	    "7 postfix/qmgr: 4F00000B: removed\n");
	SCRIPT_FACTS(&s, "returned alice@x.example alice@x.example in\n");
	script_lines(&s,
	    "8 postfix/smtpd: 4F00000C: client=smtp.relay.example["
	    "198.51.100.7]\n"
	    "8 postfix/qmgr: 4F00000C: from=<>, size=4200, nrcpt=1 (queue "
	    "active)\n"
	    "8 postfix/virtual: 4F00000C: to=<team@x.example>, "
	    "orig_to=<bob@x.example>, relay=virtual, delay=0.1, "
	    "delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered to "
	    "maildir)\n"
	    "8 postfix/qmgr: 4F00000C: removed\n");
	SCRIPT_FACTS(&s, "returned bob@x.example bob@x.example in\n");
	/* Refused here, it came to nobody. */
	script_lines(&s,
	    "9 postfix/smtpd: 4F00000D: client=smtp.relay.example["
	    "198.51.100.7]\n"
	    "9 postfix/qmgr: 4F00000D: from=<>, size=4200, nrcpt=1 (queue "
	    "active)\n"
	    "9 postfix/lmtp: 4F00000D: to=<alice@x.example>, "
	    "relay=mx[private/dovecot-lmtp], delay=1, delays=0.1/0/0.1/0.8, "
	    "dsn=5.2.2, status=bounced (host mx[private/dovecot-lmtp] said: "
	    "552 5.2.2 <alice@x.example> Quota exceeded)\n"
	    "9 postfix/qmgr: 4F00000D: removed\n");
	SCRIPT_FACTS(&s, "");
	script_done(&s);
}

TESTS(TEST(told_twice_it_counts_once),
    TEST(what_passed_marked_counts_for_who_sent_it), TEST(nobody_else_is_named),
    TEST(spam_that_is_passed_on_is_told_of_the_forward),
    TEST(what_comes_back_without_a_sender),
    TEST(a_relays_notices_are_told_of_whom_they_are_for))
