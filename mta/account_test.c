/* account_test - who sends, under one name */
#include "mta/account.h"

#include "base/test.h"

static struct arena arena;
static struct mta_settings settings;
static struct account_rules rules;

static void
set(const char *name, const char *value)
{
	struct error err;
	const struct setting *s = NULL;

	for (size_t i = 0; i < mta_settings_table.n; i++) {
		if (strcmp(mta_settings_table.v[i].name, name) == 0)
			s = &mta_settings_table.v[i];
	}
	CHECK(
	    s && setting_put(s, str_from(value), &arena, &settings, &err) == 0);
	account_rules_init(&rules, &settings);
}

static void
begin(void)
{
	arena_init(&arena);
	setting_put_defaults(&mta_settings_table, &arena, &settings);
	account_rules_init(&rules, &settings);
}

static void
check_login(const char *login, const char *want)
{
	char buf[ACCOUNT_TEXT];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	bool is_any = account_from_login(&rules, str_from(login), &t);

	CHECK(is_any == (want[0] != '\0'));
	CHECK_STR(text_view(&t), str_from(want));
}

static void
test_logins(void)
{
	begin();
	check_login("Alice@Example.COM", "alice@example.com");
	check_login("alice", "alice");
	check_login("", "");
	check_login(" \t", "");
	check_login("a\x01"
		    "b\x7f@c",
	    "a?b?@c");
	check_login("uid:root", "login:uid:root");
	check_login("IP:127.0.0.1", "login:ip:127.0.0.1");
	check_login("fwd:x@y", "login:fwd:x@y");
	check_login("J\xc3\xbcrgen@x", "j\xc3\xbcrgen@x");
	set("default_realm", "Example.com");
	check_login("alice", "alice@example.com");
	check_login("alice@", "alice");
	check_login("bob@other.example", "bob@other.example");
	arena_done(&arena);
}

static void
test_suffixes(void)
{
	begin();
	set("strip_suffixes", "+app %*");
	set("default_realm", "example.com");
	check_login("alice+app", "alice@example.com");
	check_login("alice+APP@example.com", "alice@example.com");
	check_login("alice@example.com+app", "alice@example.com");
	check_login("alice+other@example.com", "alice+other@example.com");
	check_login("alice%phone%x@example.com", "alice@example.com");
	check_login("%x", "%x@example.com");
	arena_done(&arena);
}

static void
test_long(void)
{
	char login[3000], buf[ACCOUNT_TEXT];
	struct text t;

	begin();
	memset(login, 'A', sizeof(login));
	text_init(&t, buf, sizeof(buf));
	CHECK(account_from_login(&rules, str_make(login, sizeof(login)), &t));
	CHECK_INT(t.n, ACCOUNT_MAX);
	memset(login, 0xc3, sizeof(login));
	text_init(&t, buf, sizeof(buf));
	account_claimed(str_make(login, sizeof(login)), &t);
	CHECK(t.n <= ACCOUNT_MAX);
	arena_done(&arena);
}

static void
check_client(const char *client, const char *want)
{
	char buf[ACCOUNT_TEXT];
	struct text t;
	struct ip ip;

	text_init(&t, buf, sizeof(buf));
	CHECK(ip_parse(str_from(client), &ip));
	CHECK(
	    account_of(&rules, STR(""), STR(""), &ip, &t) == (want[0] != '\0'));
	CHECK_STR(text_view(&t), str_from(want));
}

static void
test_others(void)
{
	char buf[ACCOUNT_TEXT];
	struct text t;

	begin();
	check_client("127.0.0.1", "ip:127.0.0.1");
	check_client("::1", "ip:::1");
	check_client("192.0.2.1", "");
	text_init(&t, buf, sizeof(buf));
	account_from_uid(33, STR("www-data"), &t);
	CHECK_STR(text_view(&t), STR("uid:www-data"));
	CHECK(account_is_shared(&rules, text_view(&t)));
	text_clear(&t);
	account_from_uid(4711, STR(""), &t);
	CHECK_STR(text_view(&t), STR("uid:4711"));
	CHECK(!account_is_shared(&rules, text_view(&t)));
	text_clear(&t);
	CHECK(account_from_forward(STR("Bob@Example.com"), &t));
	CHECK_STR(text_view(&t), STR("fwd:bob@example.com"));
	CHECK_STR(account_domain(text_view(&t)), STR(""));
	CHECK_STR(account_domain(STR("a@b@example.com")), STR("example.com"));
	CHECK_STR(account_domain(STR("ip:192.0.2.1")), STR(""));
	CHECK(account_is_shared(&rules, STR("ip:192.0.2.1")));
	arena_done(&arena);
}

static void
test_patterns(void)
{
	CHECK(account_matches("*", STR("")));
	CHECK(account_matches("", STR("")));
	CHECK(!account_matches("", STR("x")));
	CHECK(account_matches("a*c", STR("ABBC")));
	CHECK(account_matches("*@example.com", STR("x@example.com")));
	CHECK(!account_matches("*@example.com", STR("x@example.com.org")));
	CHECK(account_matches("*a*b*", STR("xxaxxbxx")));
	CHECK(!account_matches("a?c", STR("abc")));
	CHECK(account_matches("archive@*", STR("archive@x")));
}

static void
test_shared_patterns(void)
{
	begin();
	set("shared_accounts", "uid:www-data, Web*, b");
	CHECK(account_is_shared(&rules, STR("web7@example.com")));
	CHECK(account_is_shared(&rules, STR("UID:www-data")));
	CHECK(account_is_shared(&rules, STR("b")));
	CHECK(!account_is_shared(&rules, STR("bob@example.com")));
	CHECK(!account_is_shared(&rules, STR("wendy@example.com")));
	CHECK(!account_is_shared(&rules, STR("")));
	set("shared_accounts", "web*, *shop");
	CHECK(account_is_shared(&rules, STR("my-shop")));
	set("shared_accounts", "web*, m*shop");
	CHECK(account_is_shared(&rules, STR("my-shop")));
	CHECK(!account_is_shared(&rules, STR("alice@example.com")));
	arena_done(&arena);
}

/* A line's field that is there and empty may be no memory at all. */
static void
test_nothing(void)
{
	const struct str nothing = {NULL, 0};
	char buf[ACCOUNT_TEXT];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	account_claimed(nothing, &t);
	CHECK(!account_from_forward(nothing, &t));
	CHECK_STR(text_view(&t), STR(""));
}

TESTS(TEST(test_nothing), TEST(test_shared_patterns), TEST(test_logins), TEST(test_suffixes),
    TEST(test_long), TEST(test_others), TEST(test_patterns))
