/* auth_policy_test - what Dovecot asks and tells of a login by HTTP */
#include "mta/auth_policy.h"

#include "base/test.h"

static const struct {
	const char *body;
	enum auth_policy_end end;
} ends[] = {
    {"{\"success\":true,\"policy_reject\":false}", AUTH_POLICY_SUCCESS},
    {"{\"success\":false,\"policy_reject\":false}", AUTH_POLICY_FAILURE},
    {"{\"success\":false,\"policy_reject\":true}", AUTH_POLICY_NEITHER},
    {"{\"success\":true,\"policy_reject\":true}", AUTH_POLICY_NEITHER},
    {"{\"success\":false,\"fail_type\":\"credentials\"}", AUTH_POLICY_FAILURE},
    {"{\"success\":false,\"fail_type\":\"account\"}", AUTH_POLICY_FAILURE},
    {"{\"success\":false,\"fail_type\":\"internal\"}", AUTH_POLICY_NEITHER},
    {"{\"success\":false,\"fail_type\":\"policy\"}", AUTH_POLICY_NEITHER},
    {"{\"success\":false,\"fail_type\":\"disabled\"}", AUTH_POLICY_NEITHER},
    {"{}", AUTH_POLICY_NEITHER},
};

static void
ends_are_read(void)
{
	struct auth_policy q;
	struct error err;
	struct json *doc;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		CHECK(
		    auth_policy_parse(str_from(ends[i].body), &q, &doc, &err));
		CHECK_INT(q.end, ends[i].end);
		json_free(&doc);
	}
}

static void
a_request_is_read(void)
{
	struct auth_policy q;
	struct error err;
	struct json *doc;

	CHECK(auth_policy_parse(
	    STR("{\"device_id\":\"\",\"login\":\"ann@inside.example\","
		"\"protocol\":\"smtp\",\"pwhash\":\"05b0\","
		"\"remote\":\"192.0.2.9\",\"tls\":false}"),
	    &q, &doc, &err));
	CHECK_STR(q.login, STR("ann@inside.example"));
	CHECK(auth_policy_is_submission(&q));
	CHECK(!ip_is_none(&q.client));
	json_free(&doc);
	CHECK(auth_policy_parse(STR("{\"login\":7,\"remote\":\"\","
				    "\"protocol\":\"imap\"}"),
	    &q, &doc, &err));
	CHECK_INT(q.login.n, 0);
	CHECK(ip_is_none(&q.client));
	CHECK(!auth_policy_is_submission(&q));
	json_free(&doc);
	CHECK(!auth_policy_parse(STR(""), &q, &doc, &err));
	CHECK(!auth_policy_parse(STR("[]"), &q, &doc, &err));
	CHECK(!auth_policy_parse(STR("{\"login\":"), &q, &doc, &err));
}

static void
answers_are_printed(void)
{
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	auth_policy_print(&t, true, STR("a \"b\""));
	CHECK_STR(
	    text_view(&t), STR("{\"status\":-1,\"msg\":\"a \\\"b\\\"\"}"));
	text_clear(&t);
	auth_policy_print(&t, false, STR(""));
	CHECK_STR(text_view(&t), STR("{\"status\":0,\"msg\":\"\"}"));
}

TESTS(TEST(ends_are_read), TEST(a_request_is_read), TEST(answers_are_printed))
