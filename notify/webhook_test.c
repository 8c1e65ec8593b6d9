/* webhook_test - the body is the event, the signature can be checked */
#include "notify/webhook.h"

#include <stdio.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/test.h"
#include "base/time.h"

static struct arena arena;

static struct webhook_settings
make(const char *events, const char *secret)
{
	struct webhook_settings w;
	struct error err;

	arena_init(&arena);
	setting_put_defaults(&webhook_settings_table, &arena, &w);
	w.secret = secret;
	if (events)
		CHECK_INT(setting_put(setting_find(&webhook_settings_table,
					  STR("webhooks"), STR("events")),
			      str_from(events), &arena, &w, &err),
		    0);
	return w;
}

static struct event
suspension(void)
{
	return (struct event){
	    .type = EVENT_SANCTION,
	    .at_us = 1763764800000000,
	    .node = "0123456789abcdef",
	    .seq = 7,
	    .kind = "account",
	    .subject = "a\r\nX-Evil: 1@x",
	    .rung = "suspended",
	    .until = TIME_NEVER,
	    .reason = "\"quoted\" \xff",
	};
}

static const char *
header(const struct webhook_request *r, const char *name)
{
	for (size_t i = 0; r->headers[i]; i++) {
		CHECK(strpbrk(r->headers[i], "\r\n") == NULL);
		if (strncmp(r->headers[i], name, strlen(name)) == 0)
			return r->headers[i] + strlen(name);
	}
	return NULL;
}

static void
the_body_is_the_event(void)
{
	struct webhook_settings w = make(NULL, "");
	struct event e = suspension(), back;
	struct webhook_request r;
	struct error err;

	webhook_write(&w, &e, 1763764900, &r);
	CHECK(!r.body.is_cut);
	CHECK(memchr(r.body.p, '\n', r.body.n) == NULL);
	struct json *doc = json_parse(text_view(&r.body), &err);
	char event[16384];
	struct text t;

	text_init(&t, event, sizeof(event));
	json_print(&t, json_get(doc, "event"));
	CHECK(event_parse(text_view(&t), &back, &err));
	CHECK_INT(event_compare(&e, &back), 0);
	CHECK_STR(str_from(back.subject), str_from(e.subject));
	CHECK_INT(back.until, TIME_NEVER);
	CHECK_INT(json_number(json_get(doc, "version"), 0), 1);
	CHECK_STR(json_text(json_get(doc, "case")), STR(""));
	json_free(&doc);
	CHECK_STR(
	    str_from(header(&r, "Content-Type: ")), STR("application/json"));
	CHECK_STR(str_from(header(&r, "Outpost-Id: ")),
	    STR("1763764800000000-0123456789abcdef-7"));
	CHECK(header(&r, "Outpost-Signature: ") == NULL);
	text_done(&r.body);
	memcpy(e.cause, "00112233445566778899aabbccddeeff", 33);
	webhook_write(&w, &e, 1763764900, &r);
	CHECK_STR(str_from(header(&r, "Outpost-Id: ")), str_from(e.cause));
	CHECK(str_find(text_view(&r.body), STR("\"case\":\"")) > 0);
	text_done(&r.body);
	arena_done(&arena);
}

static void
the_signature_can_be_checked(void)
{
	struct webhook_settings w = make(NULL, "shared with the desk");
	struct event e = suspension();
	struct webhook_request r;
	char signed_text[16384], want[100];
	uint8_t mac[32];
	struct text t;

	webhook_write(&w, &e, 1763764900, &r);
	text_init(&t, signed_text, sizeof(signed_text));
	text_add(&t, "1763764900.");
	text_str(&t, text_view(&r.body));
	crypto_hmac_secret(STR("shared with the desk"), text_view(&t), mac);
	text_init(&t, want, sizeof(want));
	text_add(&t, "t=1763764900,v1=");
	text_hex(&t, mac, sizeof(mac));
	CHECK_STR(str_from(header(&r, "Outpost-Signature: ")), text_view(&t));
	text_done(&r.body);
	arena_done(&arena);
}

/* RFC 4231, test case 2. */
static void
the_hash_is_the_one_that_others_compute(void)
{
	char hex[65];
	uint8_t mac[32];
	struct text t;

	crypto_hmac_secret(
	    STR("Jefe"), STR("what do ya want for nothing?"), mac);
	text_init(&t, hex, sizeof(hex));
	text_hex(&t, mac, sizeof(mac));
	CHECK_STR(text_view(&t), STR("5bdcc146bf60754e6a042426089575c75a003f08"
				     "9d2739839dec58b964ec3843"));
}

static void
events_are_chosen(void)
{
	static const struct {
		const char *events;
		bool sanction, lift, warning;
	} cases[] = {{NULL, true, true, false}, {"*", true, true, true},
	    {"warning", false, false, true}, {"", false, false, false},
	    {"lift, warning", false, true, true}, {"s*", true, false, false},
	    {"sanction:suspended", true, false, false},
	    {"sanction:held, *:x", false, false, false},
	    {"*:susp*", true, true, true}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct webhook_settings w = make(cases[i].events, "");
		struct event e = suspension();

		CHECK_INT(webhook_wants(&w, &e), cases[i].sanction);
		e.type = EVENT_LIFT;
		CHECK_INT(webhook_wants(&w, &e), cases[i].lift);
		e.type = EVENT_WARNING;
		CHECK_INT(webhook_wants(&w, &e), cases[i].warning);
		arena_done(&arena);
	}
}

static void
what_is_only_tried_is_no_sanction(void)
{
	struct webhook_settings w = make(NULL, "");
	struct event e = suspension();

	e.is_observed = true;
	CHECK(webhook_wants(&w, &e));
	memcpy(e.how, "trial", 6);
	CHECK(!webhook_wants(&w, &e));
	arena_done(&arena);
	w = make("lift,trial", "");
	CHECK(webhook_wants(&w, &e));
	arena_done(&arena);
	w = make("*", "");
	CHECK(webhook_wants(&w, &e));
	arena_done(&arena);
}

static void
chats_get_a_sentence(void)
{
	static const struct {
		const char *format, *has;
	} cases[] = {
	    {"slack", "{\"text\":\"&lt;!channel&gt; *x* @all suspended"},
	    {"mattermost", "\\\\<\\\\!channel\\\\> \\\\*x\\\\* @\xe2\x80\x8b"
			   "all suspended"},
	    {"teams", "\"text\":\"\\\\<\\\\!channel\\\\>"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct webhook_settings w = make(NULL, "");
		struct event e = suspension();
		struct webhook_request r;

		memcpy(e.subject, "<!channel> *x* @all", 20);
		w.format = cases[i].format;
		webhook_write(&w, &e, 1763764900, &r);
		CHECK(
		    str_find(text_view(&r.body), str_from(cases[i].has)) >= 0);
		struct json *doc = json_parse(text_view(&r.body), NULL);

		CHECK(doc != NULL);
		json_free(&doc);
		text_done(&r.body);
		arena_done(&arena);
	}
}

TESTS(TEST(chats_get_a_sentence), TEST(what_is_only_tried_is_no_sanction),
    TEST(the_body_is_the_event), TEST(the_signature_can_be_checked),
    TEST(the_hash_is_the_one_that_others_compute), TEST(events_are_chosen))
