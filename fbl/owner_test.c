#include "base/test.h"

#include <stdio.h>

#include "base/time.h"
#include "fbl/owner.h"

static struct arena arena;
static struct fbl_report r;
static struct ref_keys keys;
static struct owner_rules rules;
static struct owner owner;

static const char *const hosts[] = {"mx.example.com", "*.out.example.com"};

static void
start(void)
{
	const struct crypto_key secret = {{7}};

	keys = (struct ref_keys){0};
	ref_keys_add(&keys, &secret);
	rules = (struct owner_rules){&keys, {hosts, 2}, 0};
}

/* "X-Outpost-Ref: ..." of an account, sealed with another secret or ours. */
static const char *
seal(const char *account, bool is_ours)
{
	static char buf[8][200];
	static size_t turn;
	const struct crypto_key other = {{9}};
	struct ref_keys foreign = {0};
	struct text t;

	ref_keys_add(&foreign, &other);
	turn = (turn + 1) % 8;
	text_init(&t, buf[turn], sizeof(buf[turn]));
	ref_print(
	    is_ours ? &keys : &foreign, str_from(account), 1793610000, 5, &t);
	return buf[turn];
}

static const char *
value(const char *header)
{
	return header + strlen(REF_NAME ": ");
}

/* Answers every question with the name of its way. */
static bool
ask(void *ctx, const struct owner_clue *clue, struct text *account)
{
	enum owner_how *known = ctx;

	if (*known != clue->how)
		return false;
	text_str(account, owner_how_text(clue->how));
	return true;
}

/* The owner of a message with this header, when this way can be asked. */
static enum owner_how
find(enum owner_how known, const char *fmt, ...)
{
	enum fbl_unread unread;
	struct text t, header;
	struct error err;
	va_list ap;

	text_grow(&header, 1 << 16);
	text_grow(&t, 1 << 16);
	va_start(ap, fmt);
	text_vprintf(&header, fmt, ap);
	va_end(ap);
	text_printf(&t,
	    "Content-Type: multipart/report; boundary=b; "
	    "report-type=feedback-report\n\n--b\n"
	    "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
	    "Arrival-Date: Mon, 2 Nov 2026 09:00:00 +0000\n\n--b\n"
	    "Content-Type: text/rfc822-headers\n\n%s\n--b--\n",
	    header.p);
	arena_done(&arena);
	CHECK_INT(fbl_report_parse(text_view(&t), &fbl_limits_default, &arena,
		      &r, &unread, &err),
	    0);
	owner_find(&rules, &r, ask, &known, &owner);
	text_done(&t);
	text_done(&header);
	return owner.clue.how;
}

static struct str
account(void)
{
	return str_make(owner.account, owner.n);
}

static void
test_reference(void)
{
	start();
	CHECK_INT(find(OWNER_UNKNOWN, "From: a\n%s\nSubject: b\n",
		      seal("alice@example.com", true)),
	    OWNER_REFERENCE);
	CHECK_STR(account(), STR("alice@example.com"));
	CHECK_INT(owner.clue.confidence, 99);
	CHECK_INT(owner.clue.at, 1793610000);
	CHECK_INT(owner.clue.ref.node, 5);
	/* Folded by a host on the way, and in lower-case letters. */
	const char *ref = value(seal("alice@example.com", true));

	CHECK_INT(find(OWNER_UNKNOWN, "x-outpost-ref:\n %.60s\n\t%s\n", ref,
		      ref + 60),
	    OWNER_REFERENCE);
}

/* The policy service's stands on top; what the message brought along is below
 * it, whatever it is. */
static void
test_copies(void)
{
	start();
	CHECK_INT(find(OWNER_UNKNOWN, "%s\nReceived: by x\n%s\n",
		      seal("thief@example.com", true),
		      seal("victim@example.com", true)),
	    OWNER_REFERENCE);
	CHECK_STR(account(), STR("thief@example.com"));
	CHECK_INT(
	    find(OWNER_UNKNOWN, "%s\n%s\n", seal("nobody@example.com", false),
		seal("victim@example.com", true)),
	    OWNER_PLANTED);
	CHECK_INT(owner.clue.confidence, 50);
	CHECK_INT(find(OWNER_UNKNOWN, REF_NAME ": [redacted]\n%s\n",
		      seal("victim@example.com", true)),
	    OWNER_PLANTED);
	/* A better clue goes first. */
	CHECK_INT(find(OWNER_MESSAGE_ID, "%s\n%s\nMessage-ID: <1@x>\n",
		      seal("nobody@example.com", false),
		      seal("victim@example.com", true)),
	    OWNER_MESSAGE_ID);
}

static void
test_forged(void)
{
	char bent[200];

	start();
	CHECK_INT(
	    find(OWNER_UNKNOWN, "%s\n", seal("alice@x", false)), OWNER_UNKNOWN);
	CHECK_INT(owner.n, 0);
	snprintf(bent, sizeof(bent), "%s", seal("alice@x", true));
	for (size_t i = strlen(REF_NAME ": "); i < strlen(bent); i += 9) {
		bent[i] ^= 1;
		CHECK_INT(find(OWNER_UNKNOWN, "%s\n", bent), OWNER_UNKNOWN);
		bent[i] ^= 1;
	}
	CHECK_INT(find(OWNER_UNKNOWN, "%.80s\n", bent), OWNER_UNKNOWN);
	CHECK_INT(
	    find(OWNER_UNKNOWN, "%s%s\n", bent, value(bent)), OWNER_UNKNOWN);
	CHECK_INT(find(OWNER_UNKNOWN, "%s\n", bent), OWNER_REFERENCE);
	rules.refs = NULL;
	CHECK_INT(find(OWNER_UNKNOWN, "%s\n", bent), OWNER_UNKNOWN);
}

/* The same reference has the same token, in whatever report it comes; another
 * message of the same account has another. */
static void
test_replayed(void)
{
	uint8_t token[OWNER_TOKEN];
	const char *one, *two;

	start();
	one = seal("alice@x", true);
	two = seal("alice@x", true);
	find(OWNER_UNKNOWN, "%s\nSubject: a\n", one);
	memcpy(token, owner.clue.token, sizeof(token));
	find(OWNER_UNKNOWN, "Subject: something else\n%s\n", one);
	CHECK(memcmp(token, owner.clue.token, sizeof(token)) == 0);
	find(OWNER_UNKNOWN, "CFBL-Feedback-ID: %s\n", value(one));
	CHECK_INT(owner.clue.how, OWNER_CFBL_ID);
	CHECK(memcmp(token, owner.clue.token, sizeof(token)) == 0);
	find(OWNER_UNKNOWN, "%s\nSubject: a\n", two);
	CHECK(memcmp(token, owner.clue.token, sizeof(token)) != 0);
}

static void
test_ids(void)
{
	const char *ref;

	start();
	ref = value(seal("alice@x", true));
	CHECK_INT(find(OWNER_UNKNOWN,
		      "CFBL-Address: fbl@x; report=arf\n"
		      "CFBL-Feedback-ID: 11:%s\n",
		      ref),
	    OWNER_CFBL_ID);
	CHECK_STR(account(), STR("alice@x"));
	CHECK_INT(find(OWNER_UNKNOWN, "Feedback-ID: a:%s:c:Sender\n", ref),
	    OWNER_UNKNOWN);
	rules.feedback_id_field = 2;
	CHECK_INT(find(OWNER_UNKNOWN, "Feedback-ID: a:%s:c:Sender\n", ref),
	    OWNER_FEEDBACK_ID);
	CHECK_INT(find(OWNER_UNKNOWN, "Feedback-ID: %s:b:c:Sender\n", ref),
	    OWNER_UNKNOWN);
	rules.feedback_id_field = 4;
	CHECK_INT(find(OWNER_UNKNOWN, "Feedback-ID: a:b:c:%s\n", ref),
	    OWNER_FEEDBACK_ID);
}

/* A login too long for a reference: its hash is asked for. */
static void
test_hashed(void)
{
	start();
	CHECK_INT(
	    find(OWNER_REFERENCE, "%s\n",
		seal("a-login-that-is-longer-than-a-reference-is@x", true)),
	    OWNER_REFERENCE);
	CHECK_STR(account(), STR("reference"));
	CHECK(owner.clue.ref.is_hashed);
	CHECK_INT(
	    find(OWNER_UNKNOWN, "%s\n",
		seal("a-login-that-is-longer-than-a-reference-is@x", true)),
	    OWNER_UNKNOWN);
}

static void
test_received(void)
{
	start();
	CHECK_INT(find(OWNER_RECEIVED,
		      "Received: from mx.example.com (mx.example.com "
		      "[192.0.2.25])\n\tby in.isp.example with ESMTP id ABC123;"
		      " Mon, 2 Nov 2026 09:00:00 +0000\n"
		      "Received: from c (c [192.0.2.7]) by mx.example.com "
		      "(Postfix)\n\twith ESMTPSA id 4D2X5z0KpPz9\n"
		      "\tfor <a@b>; Mon,  2 Nov 2026 09:59:00 +0100 (CET)\n"),
	    OWNER_RECEIVED);
	CHECK_STR(owner.clue.host, STR("mx.example.com"));
	CHECK_STR(owner.clue.queue_id, STR("4D2X5z0KpPz9"));
	CHECK_INT(owner.clue.at, 1793609940);
	CHECK_INT(find(OWNER_RECEIVED,
		      "Received: by a.out.example.com (Postfix, from userid 5)"
		      "\n\tid 92BE470121; Mon, 2 Nov 2026 09:00:00 +0000\n"),
	    OWNER_RECEIVED);
	CHECK_INT(find(OWNER_RECEIVED,
		      "Received: from x by other.example.com id ABC1234; x\n"
		      "Received: from x by mx.example.com id AB/../C1234; x\n"),
	    OWNER_UNKNOWN);
}

static void
test_message_id(void)
{
	start();
	CHECK_INT(
	    find(OWNER_MESSAGE_ID, "Message-ID: < 1@x > \n"), OWNER_MESSAGE_ID);
	CHECK_STR(owner.clue.message_id, STR("1@x"));
	CHECK_INT(
	    find(OWNER_MESSAGE_ID, "message-id: 1@x\n"), OWNER_MESSAGE_ID);
	CHECK_STR(owner.clue.message_id, STR("1@x"));
	CHECK_INT(find(OWNER_MESSAGE_ID, "Message-ID: \n"), OWNER_UNKNOWN);
}

static void
test_envelope(void)
{
	start();
	CHECK_INT(find(OWNER_ENVELOPE, "Return-Path: <a@x>\n"), OWNER_ENVELOPE);
	CHECK_STR(owner.clue.sender, STR("a@x"));
	CHECK_INT(owner.clue.at, 1793610000);
	CHECK_INT(find(OWNER_ENVELOPE, "Return-Path: <>\n"), OWNER_UNKNOWN);
}

/* However many copies there are, few are tried. */
static void
test_many(void)
{
	struct owner_clue v[OWNER_CLUES];
	struct text t;

	start();
	text_grow(&t, 1 << 16);
	for (int i = 0; i < 100; i++)
		text_printf(&t, "%s\n", seal("a", false));
	for (int i = 0; i < 100; i++)
		text_add(&t, "Received: by mx.example.com id ABC1234; x\n");
	find(OWNER_UNKNOWN, "%s\n%s\n", t.p, seal("a", true));
	CHECK_INT(owner.clue.how, OWNER_UNKNOWN);
	CHECK_INT(owner_clues(&rules, &r, v), 3);
	text_done(&t);
	arena_done(&arena);
}

TESTS(TEST(test_reference), TEST(test_copies), TEST(test_forged),
    TEST(test_replayed), TEST(test_ids), TEST(test_hashed), TEST(test_received),
    TEST(test_message_id), TEST(test_envelope), TEST(test_many))
