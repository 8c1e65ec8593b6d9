/* redis_login_test - a password from a file goes into the URI, encoded */
#include "daemon/redis_login.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/redis_uri.h"
#include "base/test.h"

static char path[] = "/tmp/outpost-login-XXXXXX";

static void
check_login(const char *from, const char *want_user)
{
	struct daemon_settings s = {
	    .redis_uri = from, .redis_password_file = path};
	char uri[REDIS_LOGIN_URI];
	struct redis_uri u;
	struct error err;

	CHECK_INT(redis_login_uri(&s, uri, &err), 0);
	CHECK_INT(redis_uri_parse(uri, &u, &err), 0);
	CHECK_STR(str_from(u.user), str_from(want_user));
	CHECK_STR(str_from(u.password), STR("p@ss:w/%rd"));
	CHECK_STR(str_from(u.host), STR("h.example"));
	redis_uri_done(&u);
}

static void
check_refused(const char *uri, const char *file, const char *words)
{
	struct daemon_settings s = {
	    .redis_uri = uri, .redis_password_file = file};
	char out[REDIS_LOGIN_URI];
	struct error err = {""};

	CHECK_INT(redis_login_uri(&s, out, &err), -1);
	CHECK(strstr(err.text, words) != NULL);
	CHECK(strstr(err.text, "secret") == NULL);
}

static void
reads_the_password(void)
{
	int fd = mkstemp(path);

	CHECK(write(fd, "p@ss:w/%rd\nmore\n", 16) == 16);
	close(fd);
	check_login("redis://h.example", "");
	check_login("redis://outpost@h.example:6380/1", "outpost");
	check_refused("unix:/x", path, "redis://[USER@]HOST");
	check_refused("redis://u:secret@h", path, "has a password, too");
	check_refused("redis://h", "/nonexistent/x", "No such file");
	unlink(path);
}

TESTS(TEST(reads_the_password))
