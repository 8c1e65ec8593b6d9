/* postfix_table_test - tables as Postfix reads them, and their keys */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/test.h"
#include "mta/postfix_table.h"

static char dir[] = "/tmp/outpost-table.XXXXXX";
static char path[64];

static void
make_directory(void)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/t.cdb", dir);
}

static void
remove_directory(void)
{
	unlink(path);
	/* Fails, and so does the test, if something was left beside. */
	CHECK(rmdir(dir) == 0);
}

struct entries {
	size_t i, n;
	char key[32], value[64];
};

static bool
next(void *ctx, struct str *key, struct str *value)
{
	struct entries *e = ctx;

	if (e->i == e->n)
		return false;
	snprintf(e->key, sizeof(e->key), "user%zu@example.com", e->i);
	snprintf(e->value, sizeof(e->value), "REJECT 5.7.1 case %zu", e->i);
	e->i++;
	*key = str_from(e->key);
	*value = str_from(e->value);
	return true;
}

static int
find(const char *key)
{
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	return postfix_table_find(path, str_from(key), &t, NULL);
}

static void
writes_and_replaces(void)
{
	struct entries many = {.n = 1000}, few = {.n = 1}, none = {0};
	struct stat st;
	struct text t;
	char buf[128];

	make_directory();
	CHECK(postfix_table_write(path, 0640, next, &many, NULL) == 0);
	text_init(&t, buf, sizeof(buf));
	CHECK_INT(
	    postfix_table_find(path, STR("user999@example.com"), &t, NULL), 1);
	CHECK_STR(text_view(&t), STR("REJECT 5.7.1 case 999"));
	CHECK(stat(path, &st) == 0);
	CHECK_INT(st.st_mode & 07777, 0640);
	CHECK(postfix_table_write(path, 0644, next, &few, NULL) == 0);
	CHECK_INT(find("user0@example.com"), 1);
	CHECK_INT(find("user999@example.com"), 0);
	CHECK(stat(path, &st) == 0);
	CHECK_INT(st.st_mode & 07777, 0644);
	CHECK(postfix_table_write(path, 0640, next, &none, NULL) == 0);
	CHECK_INT(find("user0@example.com"), 0);
	CHECK(stat(path, &st) == 0);
	CHECK_INT(st.st_size, 2048);
	remove_directory();
}

static void
makes_only_what_is_missing(void)
{
	struct entries few = {.n = 1};

	make_directory();
	CHECK_INT(find("user0@example.com"), -1);
	CHECK(postfix_table_make(path, 0640, NULL) == 0);
	CHECK_INT(find("user0@example.com"), 0);
	CHECK(postfix_table_write(path, 0640, next, &few, NULL) == 0);
	CHECK(postfix_table_make(path, 0640, NULL) == 0);
	CHECK_INT(find("user0@example.com"), 1);
	remove_directory();
}

static void
says_what_is_wrong(void)
{
	struct error err;

	CHECK(postfix_table_write(
		  "/nonexistent/t.cdb", 0640, NULL, NULL, &err) == -1);
	CHECK(str_find(str_from(err.text), STR("/nonexistent/t.cdb")) >= 0);
	CHECK(str_find(str_from(err.text), STR("No such file")) >= 0);
	CHECK(postfix_table_make("/tmp/t", 0640, &err) == -1);
	CHECK(str_find(str_from(err.text), STR(".cdb")) >= 0);
}

static void
on_key(void *ctx, struct str key)
{
	struct text *t = ctx;

	text_str(t, key);
	text_char(t, ' ');
}

static void
spells_a_login(void)
{
	static const char *const suffixes[] = {"+app", "%*", "%Imap"};
	static const struct {
		const char *account, *realm;
		size_t n_suffixes;
		const char *keys;
	} rows[] = {
	    {"alice@example.com", "", 0, "alice@example.com "},
	    {"alice@example.com", "Example.com", 0, "alice@example.com alice "},
	    {"alice@other.example", "example.com", 0, "alice@other.example "},
	    {"alice", "", 0, "alice "},
	    {"alice@a", "a", 3,
		"alice@a alice alice+app@a alice+app alice%imap@a "
		"alice%imap alice@a+app alice+app@a+app alice%imap@a+app "
		"alice@a%imap alice+app@a%imap alice%imap@a%imap "},
	    {"login:uid:x@a", "", 0, "uid:x@a "},
	    {"uid:www-data", "", 3, ""},
	    {"ip:192.0.2.1", "", 3, ""},
	    {"fwd:bob@example.com", "", 3, ""},
	    {"cert:cn", "", 3, ""},
	    {"", "a", 3, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct account_rules rules = {
		    .default_realm = str_from(rows[i].realm),
		    .strip_suffixes = {suffixes, rows[i].n_suffixes}};
		char buf[512];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		postfix_table_login_keys(
		    &rules, str_from(rows[i].account), on_key, &t);
		CHECK_STR(text_view(&t), str_from(rows[i].keys));
	}
}

static char keys[8192];

static void
note_key(void *ctx, struct str key)
{
	struct text *t = ctx;

	text_str(t, key);
	text_char(t, ' ');
}

static const char *
client_keys(const char *network)
{
	struct ip_net net;
	struct text t;

	text_init(&t, keys, sizeof(keys));
	CHECK(ip_net_parse(str_from(network), &net));
	if (!postfix_table_client_keys(&net, note_key, &t)) {
		CHECK_INT(t.n, 0);
		return "none";
	}
	return keys;
}

static void
client_keys_are_what_smtpd_looks_for(void)
{
	static const char *const cases[][2] = {
	    {"192.0.2.7", "192.0.2.7 "},
	    {"192.0.2.0/24", "192.0.2 "},
	    {"10.0.0.0/8", "10 "},
	    {"192.0.2.4/30", "192.0.2.4 192.0.2.5 192.0.2.6 192.0.2.7 "},
	    {"10.2.0.0/15", "10.2 10.3 "},
	    {"0.0.0.0/0", "none"},
	    {"2001:db8::1", "2001:db8::1 "},
	    {"2001:db8:1:2::/64", "2001:db8:1:2 "},
	    {"2001:db8:1::/64", "2001:db8:1:0 2001:db8:1: "},
	    {"2001:db8::/64", "2001:db8:0:0 2001:db8: "},
	    {"2001:db8::/32", "2001:db8 "},
	    {"2001:0:0:5::/64", "2001:0:0:5 2001::5 "},
	    {"2001:db8:1:2::/63", "2001:db8:1:2 2001:db8:1:3 "},
	    {"2001::/64", "none"},
	    {"2000::/3", "none"},
	    {"::/0", "none"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_STR(
		    str_from(client_keys(cases[i][0])), str_from(cases[i][1]));
	const char *many = client_keys("192.0.2.128/25");
	size_t n = 0;

	for (; *many; many++)
		n += *many == ' ';
	CHECK_INT(n, 128);
}

static void
the_same_is_not_written_again(void)
{
	struct entries e = {.n = 3};
	struct stat before, after;

	make_directory();
	CHECK_INT(postfix_table_write(path, 0640, next, &e, NULL), 0);
	CHECK_INT(stat(path, &before), 0);
	e.i = 0;
	CHECK_INT(postfix_table_write(path, 0640, next, &e, NULL), 0);
	CHECK_INT(stat(path, &after), 0);
	CHECK_INT(before.st_ino, after.st_ino);
	e.i = 0;
	e.n = 4;
	CHECK_INT(postfix_table_write(path, 0640, next, &e, NULL), 0);
	CHECK_INT(find("user3@example.com"), 1);
	remove_directory();
}

TESTS(TEST(writes_and_replaces), TEST(makes_only_what_is_missing),
    TEST(says_what_is_wrong), TEST(spells_a_login),
    TEST(client_keys_are_what_smtpd_looks_for),
    TEST(the_same_is_not_written_again))
