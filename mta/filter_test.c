/* filter_test - lines of content filters, true and forged ones */
#include "mta/filter.h"

#include <stdio.h>

#include "base/test.h"
#include "base/text.h"
#include "base/time.h"

static void
check(const char *tag, const char *text, const char *want)
{
	struct logline_clock clock;
	struct logline in;
	struct postfix_line l;
	char buf[2048], got[128] = "";
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "2026-11-22T10:00:00Z mx %s[99]: %s", tag, text);
	logline_clock_init(&clock, 1795255200);
	CHECK(logline_parse(&clock, text_view(&t), &in));
	postfix_parse(&in, &l);
	text_init(&t, got, sizeof(got));
	if (l.kind == LINE_FILTER)
		text_printf(&t, "%.*s %.*s", STR_ARG(l.queue_id),
		    STR_ARG(line_get(&l, FIELD_ACTION)));
	CHECK_STR(str_from(got), str_from(want));
}

#define TASK "<5fd8a1>; task; rspamd_task_write_log: "
#define REST                                                             \
	" [15.20/15.00] [BAYES_SPAM(5.10){100.00;}]), len: 1901, time: " \
	"84.1ms, dns req: 4, digest: <aa>, rcpts: <b@far.example>"

static void
rspamd_tells_what_it_thinks(void)
{
	const char *head = TASK
	    "id: <1@x.example>, qid: <4cXsZ0zzzz1>, ip: 192.0.2.1, user: ann, "
	    "from: <ann@x.example>, ";
	char buf[1024];

	snprintf(buf, sizeof(buf), "%s(default: T (reject):" REST, head);
	check("rspamd", buf, "4cXsZ0zzzz1 spam");
	snprintf(buf, sizeof(buf), "%s(default: F (add header):" REST, head);
	check("rspamd", buf, "4cXsZ0zzzz1 spam");
	snprintf(buf, sizeof(buf), "%s(default: F (no action):" REST, head);
	check("rspamd", buf, "");
	snprintf(buf, sizeof(buf), "%s(default: F (greylist):" REST, head);
	check("rspamd", buf, "");
	snprintf(buf, sizeof(buf), "%s(default: F (soft reject):" REST, head);
	check("rspamd", buf, "");
	check("rspamd", TASK "id: <1@x>, (default: T (reject):" REST, "");
	/* Another program's words. */
	snprintf(buf, sizeof(buf), "%s(default: T (reject):" REST, head);
	check("myprogram", buf, "");
}

static void
amavis_does_too(void)
{
	check("amavis",
	    "(01234-05) Blocked SPAM {DiscardedOutbound,Quarantined}, LOCAL "
	    "[192.0.2.1]:5555 <ann@x.example> -> <b@far.example>, quarantine: "
	    "q, Queue-ID: 4F0000001A, Message-ID: <1@x>, mail_id: m, Hits: "
	    "12.3, size: 900, 500 ms",
	    "4F0000001A spam");
	check("amavis",
	    "(01234-05) Blocked INFECTED (Eicar) {DiscardedOutbound}, LOCAL "
	    "<a@x> -> <b@y>, Queue-ID: 4F0000001A, 500 ms",
	    "4F0000001A virus");
	check("amavis",
	    "(21816-19) Passed SPAM {RelayedTaggedInbound}, [192.0.2.1]:5 "
	    "<a@x> -> <b@y>, Message-ID: <1@x>, Hits: 6.89, size: 52477, "
	    "queued_as: 1FEB7E00C4, 2365 ms",
	    "1FEB7E00C4 spam");
	check("amavis",
	    "(21816-19) Passed CLEAN {RelayedInternal}, <a@x> -> <b@y>, "
	    "Queue-ID: 4F0000001A, Hits: -, 102 ms",
	    "");
}

/* Who writes a Message-ID or an address like that hides his own. */
static void
what_a_sender_writes_makes_no_verdict(void)
{
	check("rspamd",
	    TASK "id: <x>, qid: <4cXsZ0victim>, (default: T (reject): >, qid: "
		 "<4cXsZ0zzzz1>, ip: 192.0.2.1, (default: F (no action): "
		 "[0.00/15.00] [A(0.00){}]), len: 1",
	    "");
	check("amavis",
	    "(1-2) Passed CLEAN {RelayedInbound}, <(1-2) Blocked SPAM , "
	    "Queue-ID: 4F0000001A,@x> -> <b@y>, Queue-ID: 4F0000001B, 1 ms",
	    "");
	check("amavis",
	    "(1-2) Blocked SPAM {DiscardedOutbound}, <\", Queue-ID: "
	    "4F0000001A\"@x> -> <b@y>, Queue-ID: 4F0000001B, 1 ms",
	    "");
}

TESTS(TEST(rspamd_tells_what_it_thinks), TEST(amavis_does_too),
    TEST(what_a_sender_writes_makes_no_verdict))
