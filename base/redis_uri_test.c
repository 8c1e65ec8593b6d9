/* redis_uri_test - addresses and logins */
#include "base/redis_uri.h"

#include <string.h>

#include "base/test.h"

static void
check(const char *text, const char *host, int port, int db, const char *user,
    const char *password, const char *name)
{
	struct redis_uri u;
	struct error err = {""};

	if (redis_uri_parse(text, &u, &err) < 0) {
		test_fail(__FILE__, __LINE__, "%s: %s", text, err.text);
		return;
	}
	CHECK_STR(str_from(u.host), str_from(host));
	CHECK_INT(u.port, port);
	CHECK_INT(u.db, db);
	CHECK_STR(str_from(u.user), str_from(user));
	CHECK_STR(str_from(u.password), str_from(password));
	CHECK_INT(!u.password, !password);
	CHECK_STR(str_from(u.name), str_from(name));
	redis_uri_done(&u);
}

static void
reads_addresses(void)
{
	struct redis_uri u;

	check("redis://h", "h", 6379, 0, NULL, NULL, "redis://h:6379");
	check("redis://h:1/", "h", 1, 0, NULL, NULL, "redis://h:1");
	check("redis://10.0.0.1:7000/3", "10.0.0.1", 7000, 3, NULL, NULL,
	    "redis://10.0.0.1:7000/3");
	check(
	    "redis://[::1]:7/1", "::1", 7, 1, NULL, NULL, "redis://[::1]:7/1");
	check("redis://:pw@h", "h", 6379, 0, NULL, "pw", "redis://h:6379");
	check(
	    "redis://u:p%40%2f%3A@h:2", "h", 2, 0, "u", "p@/:", "redis://h:2");
	check("redis://u:p@q@h", "h", 6379, 0, "u", "p@q", "redis://h:6379");
	check("redis://:@h", "h", 6379, 0, NULL, "", "redis://h:6379");
	CHECK_INT(redis_uri_parse("unix:/run/r.sock", &u, NULL), 0);
	CHECK_STR(str_from(u.path), STR("/run/r.sock"));
	CHECK_STR(str_from(u.name), STR("unix:/run/r.sock"));
	CHECK(!u.host && !u.password);
	redis_uri_done(&u);
}

static void
refuses_others_without_the_password(void)
{
	static const char *const bad[] = {"", "h:6379", "http://h",
	    "rediss://:secret@h", "unix:r.sock", "unix:", "redis://",
	    "redis://:secret@", "redis://secret@h", "redis://:secret@h:0",
	    "redis://:secret@h:65536", "redis://:secret@h:x",
	    "redis://:secret@h/x", "redis://:secret@[::1", "redis://:secret%@h",
	    "redis://:secret%4@h", "redis://:secret%zz@h",
	    "redis://:secret%00@h", "redis://:secret@h/99999999999",
	    "redis://:secret@[::1]x"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct redis_uri u;
		struct error err = {""};

		if (redis_uri_parse(bad[i], &u, &err) == 0) {
			test_fail(__FILE__, __LINE__, "took %s", bad[i]);
			redis_uri_done(&u);
		}
		CHECK(*err.text && !strstr(err.text, "secret"));
	}
}

TESTS(TEST(reads_addresses), TEST(refuses_others_without_the_password))
