/* api_route_test - the paths of the HTTP API, and which question each asks */
#include "daemon/api_route.h"

#include "base/test.h"

static const struct {
	enum http_method method;
	const char *path, *query, *body, *line;
} asked[] = {
    {HTTP_GET, "/v1/health", "", NULL,
	"{\"command\":\"status\",\"json\":true,\"args\":[],\"options\":{}}"},
    {HTTP_HEAD, "/v1/accounts/a%40b%2Fc", "", NULL,
	"{\"command\":\"show\",\"json\":true,\"args\":[\"a@b/c\"],"
	"\"options\":{}}"},
    {HTTP_GET, "/v1/standings", "", NULL,
	"{\"command\":\"list\",\"json\":true,\"args\":[],"
	"\"options\":{\"page\":\"\"}}"},
    {HTTP_GET, "/v1/complaints", "last=3&account=a+b", NULL,
	"{\"command\":\"complaints\",\"json\":true,\"args\":[\"a b\"],"
	"\"options\":{\"last\":\"3\"}}"},
    {HTTP_POST, "/v1/cases/K/note", "", "{\"text\":\"x \\\"y\\\"\"}",
	"{\"command\":\"case\",\"json\":true,\"args\":[\"K\",\"note\","
	"\"x \\\"y\\\"\"],\"options\":{}}"},
    {HTTP_POST, "/v1/cases/K/approve", "text=z", "{\"innocent\":true}",
	"{\"command\":\"case\",\"json\":true,\"args\":[\"K\",\"approve\"],"
	"\"options\":{\"innocent\":\"\"}}"},
    {HTTP_GET, "/v1/cases", "x=1", NULL, NULL},
    {HTTP_GET, "/v1/cases/K", "full=", NULL, NULL},
    {HTTP_POST, "/v1/cases/K/deny", "", "{\"reason\":7}", NULL},
    {HTTP_POST, "/v1/cases/K/deny", "", "{\"innocent\":true}", NULL},
};

static void
questions_are_made(void)
{
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		char name[API_NAME], line[2048];
		struct json *body =
		    asked[i].body ? json_parse(str_from(asked[i].body), NULL)
				  : NULL;
		const struct api_route *r;
		struct text n, l;
		struct error err;
		bool is_other;

		text_init(&n, name, sizeof(name));
		text_init(&l, line, sizeof(line));
		r = api_route_find(
		    asked[i].method, str_from(asked[i].path), &n, &is_other);
		CHECK(r != NULL);
		bool is = r && api_route_print(r, text_view(&n),
				   str_from(asked[i].query), body, &l, &err);

		CHECK_INT(is, asked[i].line != NULL);
		if (is && asked[i].line)
			CHECK_STR(text_view(&l), str_from(asked[i].line));
		json_free(&body);
	}
}

static const struct {
	enum http_method method;
	const char *path;
	bool is_other;
} none[] = {
    {HTTP_GET, "/v1/", false},
    {HTTP_GET, "/v1", false},
    {HTTP_GET, "/v1/cases/", false},
    {HTTP_GET, "/v1/cases/K/", false},
    {HTTP_GET, "/v1/accounts//password-changed", false},
    {HTTP_GET, "/v1/cases/K/approve", true},
    {HTTP_POST, "/v1/health", true},
    {HTTP_DELETE, "/v1/cases/K", true},
    {HTTP_GET, "/v1/cases/K/approve/x", false},
};

static void
no_others_are_there(void)
{
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		char name[API_NAME];
		bool is_other;
		struct text n;

		text_init(&n, name, sizeof(name));
		CHECK(!api_route_find(
		    none[i].method, str_from(none[i].path), &n, &is_other));
		CHECK_INT(is_other, none[i].is_other);
	}
}

TESTS(TEST(questions_are_made), TEST(no_others_are_there))
