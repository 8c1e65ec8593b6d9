/* queue_proto_test - questions and answers there and back, and what is none */
#include "queue/queue_proto.h"

#include <stdlib.h>

#include "base/test.h"

static struct queue_request q;

static bool
parse(const char *text)
{
	struct error err;

	return queue_request_parse(str_from(text), &q, &err);
}

static void
there_and_back(void)
{
	struct text t;
	struct queue_request *in = xalloc(1, sizeof(*in));
	char buf[4096];

	in->verb = QUEUE_VERB_DELETE;
	in->operator= STR("alice");
	in->reason = STR("spam, 100% sure\n");
	in->messages[in->n++] = (struct queue_message){
	    .instance = STR("postfix"),
	    .id = STR("4jXD4k4KlLz1jQTk"),
	    .account = STR("bob smith@x.example"),
	    .sender = STR("\"a b\"@x.example"),
	    .from = -1,
	    .to = 1795315638,
	    .due = 1795319238,
	    .size_bytes = 476,
	};
	in->messages[0].origin = QUEUE_ORIGIN_LATE;
	CHECK(ip_parse(STR("2001:db8::1"), &in->messages[0].client));
	in->messages[in->n] = in->messages[0];
	in->messages[in->n].client = (struct ip){0};
	in->messages[in->n++].sender = STR("");
	text_init(&t, buf, sizeof(buf));
	queue_request_print(in, &t);
	CHECK(queue_request_is_whole(text_view(&t)));
	CHECK(parse(buf));
	CHECK_INT(q.verb, QUEUE_VERB_DELETE);
	CHECK_STR(q.operator, in->operator);
	CHECK_STR(q.reason, in->reason);
	CHECK_INT(q.n, 2);
	CHECK_STR(q.messages[0].account, in->messages[0].account);
	CHECK_STR(q.messages[0].sender, in->messages[0].sender);
	CHECK_INT(q.messages[0].to, 1795315638);
	CHECK_INT(q.messages[0].from, -1);
	CHECK_INT(q.messages[0].origin, QUEUE_ORIGIN_LATE);
	CHECK(ip_is(&q.messages[0].client, &in->messages[0].client));
	CHECK_INT(q.messages[1].sender.n, 0);
	CHECK(ip_is_none(&q.messages[1].client));
	CHECK_INT(q.messages[1].result, QUEUE_ASK);
	free(in);
}

#define GOOD "message=postfix C3CD21F3E90 ask 0 1 2 3 a@x b@x\n"

static void
what_is_none(void)
{
	static const char *const bad[] = {
	    "\n",
	    "verb=\n\n",
	    "verb=hold\nverb=hold\n\n",
	    "verb=shell\n\n",
	    "verb=hold\n\nverb=hold\n\n",
	    "verb=hold\nwhat=ever\n\n",
	    "verb=hold\noperator=a\noperator=b\n\n",
	    "verb=hold\nmessage=postfix ALL ask 0 1 2 3 a b\n\n",
	    "verb=hold\nmessage=postfix ../../x ask 0 1 2 3 a b\n\n",
	    "verb=hold\nmessage=postfix -dABCDEF ask 0 1 2 3 a b\n\n",
	    "verb=hold\nmessage=post/fix C3CD21F3E90 ask 0 1 2 3 a b\n\n",
	    "verb=hold\nmessage=-c C3CD21F3E90 ask 0 1 2 3 a b\n\n",
	    "verb=hold\nmessage=postfix C3CD21F3E90 ask 0 1 2 3 a b c\n\n",
	    "verb=hold\nmessage=postfix C3CD21F3E90 ask 0 1 2 3 a\n\n",
	    "verb=hold\nmessage=postfix C3CD21F3E90 ask x 1 2 3 a b\n\n",
	    "verb=hold\nmessage=postfix C3CD21F3E90 ask 0 1 2 -3 a b\n\n",
	    "verb=hold\nmessage=postfix C3CD21F3E90 so 0 1 2 3 a b\n\n",
	    "verb=hold\nmessage=postfix C3CD21F3E90 ask 0 1 2 3 a %4\n\n",
	    "verb=hold\nmessage=postfix C3CD21F3E90 ask 0 1 2 3 a %zz\n\n",
	};

	CHECK(parse("verb=hold\n" GOOD "\n"));
	CHECK_INT(q.messages[0].origin, QUEUE_ORIGIN_UNTOLD);
	CHECK(parse("verb=list\n\n"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (parse(bad[i]))
			test_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
	}
}

static void
bounded(void)
{
	struct text t;

	text_grow(&t, QUEUE_REQUEST_MAX);
	text_add(&t, "verb=hold\n");
	for (int i = 0; i < QUEUE_BATCH; i++)
		text_add(&t, GOOD);
	text_add(&t, "\n");
	CHECK(parse(t.p));
	CHECK_INT(q.n, QUEUE_BATCH);
	t.n--;
	text_add(&t, GOOD "\n");
	CHECK(!parse(t.p));
	text_done(&t);
}

static void
answers(void)
{
	struct queue_answer a;
	struct text t;
	char buf[512];

	CHECK_INT(queue_answer_parse(STR("message=postfix C3CD21F3E90 held 1 1 "
					 "2 3 a@x -"),
		      &a),
	    QUEUE_LINE_MESSAGE);
	CHECK_INT(a.message.result, QUEUE_HELD);
	text_init(&t, buf, sizeof(buf));
	queue_answer_text(&t, STR("Subject: a b"));
	t.n--;
	CHECK_INT(queue_answer_parse(text_view(&t), &a), QUEUE_LINE_TEXT);
	CHECK_STR(a.text, STR("Subject: a b"));
	CHECK_INT(queue_answer_parse(STR("done=7"), &a), QUEUE_LINE_DONE);
	CHECK_INT(a.done, 7);
	CHECK_INT(
	    queue_answer_parse(STR("failed=no%20way"), &a), QUEUE_LINE_FAILED);
	CHECK_STR(a.text, STR("no way"));
	CHECK_INT(queue_answer_parse(STR("hello"), &a), QUEUE_LINE_BAD);
}

static void
senders(void)
{
	CHECK(queue_sender_is(STR("A@x.example"), STR("a@X.example")));
	CHECK(queue_sender_is(STR("\"a b\"@x"), STR("a b@x")));
	CHECK(queue_sender_is(STR("a\\\"@x"), STR("\"a\\\"\"@x")));
	CHECK(queue_sender_is(STR("m?ller@x"), STR("m#ller@x")));
	CHECK(queue_sender_is(STR(""), STR("")));
	CHECK(!queue_sender_is(STR("a@x"), STR("b@x")));
	CHECK(!queue_sender_is(STR("a@x"), STR("a@xy")));
	CHECK(!queue_sender_is(STR("a@xy"), STR("a@x")));
	CHECK(!queue_sender_is(STR(""), STR("?")));
}

/* Only what an account sent as itself may go back. */
static void
own_senders(void)
{
	static const struct {
		const char *account, *sender;
		bool is_own;
	} cases[] = {
	    {"ann@x.example", "Ann@X.example", true},
	    {"ann@x.example", "ann+shop@x.example", true},
	    {"login:uid:5@x.example", "uid:5@x.example", true},
	    {"ann@x.example", "bob@x.example", false},
	    {"ann@x.example", "ann@y.example", false},
	    {"ann@x.example", "ann+@y.example+@x.example", false},
	    {"ann@x.example", "+ann@x.example", false},
	    {"ann@x.example", "???@x.example", false},
	    {"ann@x.example", "", false},
	    {"ann", "ann", false},
	    {"ann", "ann@x.example", false},
	    {"uid:ann", "ann@x.example", false},
	    {"uid:ann@x", "uid:ann@x", false},
	    {"fwd:ann@x.example", "ann@x.example", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		if (queue_sender_is_own(str_from(cases[i].account),
			str_from(cases[i].sender)) != cases[i].is_own)
			test_fail(__FILE__, __LINE__, "%s as %s",
			    cases[i].account, cases[i].sender);
	}
}

TESTS(TEST(own_senders), TEST(there_and_back), TEST(what_is_none),
    TEST(bounded), TEST(answers), TEST(senders))
