/* token_test - which program asks */
#include "config/token.h"

#include "base/test.h"

static void
entries_are_read(void)
{
	struct error err;
	struct token t;

	CHECK_INT(token_parse("isp=/x/y", &t, &err), 0);
	CHECK_STR(t.name, STR("isp"));
	CHECK_STR(str_from(t.file), STR("/x/y"));
	CHECK_INT(t.scopes, 0);
	CHECK_INT(token_parse("p:read+password=/x=y", &t, &err), 0);
	CHECK_STR(t.name, STR("p"));
	CHECK_STR(str_from(t.file), STR("/x=y"));
	CHECK_INT(t.scopes, TOKEN_READ | TOKEN_PASSWORD);
	CHECK_INT(token_parse("p:write=/x", &t, &err), -1);
	CHECK_INT(token_parse("p", &t, &err), -1);
	CHECK_INT(token_parse("p:read=", &t, &err), -1);
	CHECK_INT(token_parse(":read=/x", &t, &err), -1);
}

TESTS(TEST(entries_are_read))
