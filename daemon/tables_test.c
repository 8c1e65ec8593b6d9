/* tables_test - what Postfix reads: who is suspended, and nobody else */
#include "daemon/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "limits/sanction.h"
#include "mta/postfix_table.h"

enum { T0 = 1767225600, HOUR = 3600 };

static struct {
	char dir[40], path[TABLES_PATH];
	struct arena arena;
	struct limits_settings limits;
	struct mta_settings mta;
	struct account_rules accounts;
	struct standings *standings;
	struct ledger *ledger;
	struct providers *providers;
	struct receivers *receivers;
	struct ip_net front_end[2];
	struct ip_nets front_ends;
	char value[512];
	struct error err;
} t;

static void
begin(void)
{
	const struct standings_options o = {1000, 0};

	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/outpost-tables.XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	arena_init(&t.arena);
	setting_put_defaults(&limits_settings_table, &t.arena, &t.limits);
	setting_put_defaults(&mta_settings_table, &t.arena, &t.mta);
	t.mta.default_realm = "example.com";
	account_rules_init(&t.accounts, &t.mta);
	t.standings = standings_new(&o);
	tables_path(t.dir, TABLE_LOGINS, t.path);
}

static void
end(void)
{
	char command[80];

	standings_free(&t.standings);
	ledger_free(&t.ledger);
	providers_free(&t.providers);
	receivers_free(&t.receivers);
	arena_done(&t.arena);
	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	CHECK_INT(system(command), 0);
}

static void
order(enum subject_kind kind, const char *key, enum standing rung,
    int64_t until, bool is_observed)
{
	static uint64_t seq;
	struct standing_state state;
	struct event e;

	standings_get(t.standings, kind, str_from(key), T0, &state);
	const struct sanction_about about = {.kind = kind,
	    .key = str_from(key),
	    .node = "0123456789abcdef",
	    .seq = ++seq,
	    .now_us = T0 * TIME_US,
	    .state = &state};

	sanction_order(
	    &about, rung, until, STR("root"), STR("seen \"x\"\n554 y"), &e);
	e.is_operator = !is_observed;
	e.is_observed = is_observed;
	CHECK(standings_fold(t.standings, &e));
}

static int
find(const char *key)
{
	struct text w;

	text_init(&w, t.value, sizeof(t.value));
	return postfix_table_find(t.path, str_from(key), &w, &t.err);
}

static int
find_in(enum tables_kind which, const char *key)
{
	tables_path(t.dir, which, t.path);
	return find(key);
}

static struct tables_source
source(void)
{
	return (struct tables_source){.state_dir = t.dir,
	    .standings = t.standings,
	    .accounts = &t.accounts,
	    .limits = &t.limits,
	    .front_ends = &t.front_ends,
	    .ledger = t.ledger,
	    .providers = t.providers,
	    .receivers = t.receivers,
	    .slow_transport = "outpost-slow:"};
}

static void
write_at(int64_t now)
{
	const struct tables_source from = source();

	if (tables_write(&from, now, &t.err) < 0)
		test_fail(__FILE__, __LINE__, "%s", t.err.text);
}

static void
they_are_made_once(void)
{
	struct stat st;

	begin();
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	CHECK_INT(find("a@example.com"), 0);
	CHECK(stat(t.path, &st) == 0);
	CHECK_INT(st.st_mode & 0777, 0640);
	order(SUBJECT_ACCOUNT, "a@example.com", STANDING_SUSPENDED, TIME_NEVER,
	    false);
	write_at(T0);
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	CHECK_INT(find("a@example.com"), 1); /* not emptied by a restart */
	end();
	begin();
	rmdir(t.dir);
	CHECK_INT(tables_make(t.dir, &t.err), -1);
	CHECK(strstr(t.err.text, t.dir) != NULL);
	const struct tables_source from = source();

	CHECK_INT(tables_write(&from, T0, &t.err), -1);
	mkdir(t.dir, 0700);
	end();
}

static void
suspended_accounts_only(void)
{
	begin();
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	order(SUBJECT_ACCOUNT, "a@example.com", STANDING_SUSPENDED, T0 + HOUR,
	    false);
	order(SUBJECT_ACCOUNT, "b@example.com", STANDING_SUSPENDED, TIME_NEVER,
	    true);
	order(
	    SUBJECT_ACCOUNT, "c@example.com", STANDING_HELD, TIME_NEVER, false);
	order(SUBJECT_ACCOUNT, "d@example.com", STANDING_THROTTLED, TIME_NEVER,
	    false);
	order(
	    SUBJECT_DOMAIN, "e.example", STANDING_SUSPENDED, TIME_NEVER, false);
	order(SUBJECT_ACCOUNT, "uid:www-data", STANDING_SUSPENDED, TIME_NEVER,
	    false);
	write_at(T0 + 1);
	CHECK_INT(find("a@example.com"), 1);
	CHECK(str_starts(str_from(t.value), STR("REJECT 5.7.1 Sending is ")));
	CHECK(strstr(t.value, "a@example.com") != NULL);
	CHECK(strpbrk(t.value, "\r\n") == NULL);
	CHECK_INT(find("a"), 1); /* of the default realm */
	CHECK_INT(find("b@example.com"), 0);
	CHECK_INT(find("c@example.com"), 0);
	CHECK_INT(find("d@example.com"), 0);
	CHECK_INT(find("e.example"), 0);
	CHECK_INT(find("uid:www-data"), 0);
	CHECK_INT(find(""), 0);
	/* It ends by itself. */
	write_at(T0 + HOUR + 1);
	CHECK_INT(find("a@example.com"), 0);
	end();
}

/* The thief chooses no keys and no values. */
static void
names_from_outside(void)
{
	begin();
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	order(SUBJECT_ACCOUNT, "x\ny OK@example.com", STANDING_SUSPENDED,
	    TIME_NEVER, false);
	order(SUBJECT_ACCOUNT, "%r%c%@example.com", STANDING_SUSPENDED,
	    TIME_NEVER, false);
	write_at(T0);
	CHECK_INT(find("y ok"), 0);
	CHECK_INT(find("%r%c%@example.com"), 1);
	CHECK(strstr(t.value, "%r%c%@example.com") != NULL);
	CHECK(strstr(t.value, "seen") == NULL);
	end();
}

/* `outpost postfix`, by root, comes before outpostd's first start. */
static void
they_belong_to_the_daemon(void)
{
	struct stat st;

	if (geteuid() != 0) {
		TEST_SKIP("needs root");
		return;
	}
	begin();
	CHECK_INT(chown(t.dir, 1234, 5678), 0);
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	CHECK_INT(stat(t.path, &st), 0);
	CHECK_INT(st.st_uid, 1234);
	strrchr(t.path, '/')[0] = '\0';
	CHECK_INT(stat(t.path, &st), 0);
	CHECK_INT(st.st_uid, 1234);
	CHECK_INT(st.st_gid, 5678);
	end();
}

static void
each_table_has_its_own(void)
{
	struct stat st;

	begin();
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	order(SUBJECT_ACCOUNT, "uid:alice", STANDING_SUSPENDED, TIME_NEVER,
	    false);
	order(SUBJECT_ACCOUNT, "ip:198.51.100.1", STANDING_SUSPENDED,
	    TIME_NEVER, false);
	order(SUBJECT_CLIENT, "192.0.2.9", STANDING_HELD, TIME_NEVER, false);
	order(SUBJECT_NETWORK, "203.0.113.0/24", STANDING_SUSPENDED, TIME_NEVER,
	    false);
	write_at(T0);
	CHECK_INT(find_in(TABLE_USERS, "alice"), 1);
	CHECK_INT(stat(t.path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0644);
	CHECK_INT(find_in(TABLE_LOGINS, "alice"), 0);
	CHECK_INT(find_in(TABLE_CLIENTS, "198.51.100.1"), 1);
	CHECK_INT(find_in(TABLE_BLOCKED, "198.51.100.1"), 1);
	CHECK_INT(find_in(TABLE_BLOCKED, "203.0.113"), 1);
	CHECK_INT(find_in(TABLE_CLIENTS, "203.0.113"), 1);
	CHECK_INT(find_in(TABLE_CLIENTS, "192.0.2.9"), 0);
	end();
}

static void
front_ends_are_spared(void)
{
	begin();
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	CHECK(ip_net_parse(STR("203.0.113.5"), &t.front_end[0]));
	CHECK(ip_net_parse(STR("192.0.2.0/24"), &t.front_end[1]));
	t.front_ends = (struct ip_nets){t.front_end, 2};
	order(SUBJECT_NETWORK, "203.0.113.0/24", STANDING_SUSPENDED, TIME_NEVER,
	    false);
	order(
	    SUBJECT_CLIENT, "192.0.2.9", STANDING_SUSPENDED, TIME_NEVER, false);
	write_at(T0);
	CHECK_INT(find_in(TABLE_CLIENTS, "203.0.113"), 1);
	CHECK_INT(find_in(TABLE_CLIENTS, "203.0.113.5"), 1);
	CHECK_STR(str_from(t.value), STR("DUNNO"));
	CHECK_INT(find_in(TABLE_BLOCKED, "192.0.2.9"), 0);
	end();
}

static void
others_must_get_there(void)
{
	char where[TABLES_PATH];

	begin();
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	CHECK(!tables_are_public(t.dir, where));
	CHECK_STR(str_from(where), str_from(t.dir));
	CHECK_INT(chmod(t.dir, 0751), 0);
	CHECK(tables_are_public(t.dir, where));
	end();
}

static void
a_domain_is_its_accounts(void)
{
	const struct ledger_options o = {.max_subjects = 100};

	begin();
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	t.ledger = ledger_new(&o);
	ledger_get(t.ledger, SUBJECT_ACCOUNT, STR("a@e.example"));
	ledger_get(t.ledger, SUBJECT_ACCOUNT, STR("b@sub.e.example"));
	ledger_get(t.ledger, SUBJECT_ACCOUNT, STR("uid:e.example"));
	order(
	    SUBJECT_DOMAIN, "e.example", STANDING_SUSPENDED, TIME_NEVER, false);
	write_at(T0);
	CHECK_INT(find_in(TABLE_LOGINS, "a@e.example"), 1);
	CHECK_INT(find_in(TABLE_LOGINS, "b@sub.e.example"), 0);
	CHECK_INT(find_in(TABLE_LOGINS, "e.example"), 0);
	CHECK_INT(find_in(TABLE_USERS, "e.example"), 0);
	end();
}

static const char *
at(const char *key)
{
	return find_in(TABLE_PROVIDERS, key) > 0 ? t.value : "-";
}

static void
make_providers(void)
{
	static const char *const mx[] = {"big.example"};
	static const char *const domains[] = {"mail.example"};
	static const char *const other[] = {"other.example"};
	const struct provider_spec specs[] = {{.name = "big",
						  .mx = {mx, 1},
						  .domains = {domains, 1},
						  .contact = ""},
	    {.name = "other",
		.mx = {other, 1},
		.domains = {NULL, 0},
		.contact = ""}};

	t.providers = providers_new();
	t.receivers = receivers_new(100);
	for (size_t i = 0; i < 2; i++)
		CHECK_INT(providers_add(t.providers, &specs[i], &t.err), 0);
	receivers_note(t.receivers, t.providers, STR("hosted.example"),
	    STR("mx1.big.example"));
	receivers_note(t.receivers, t.providers, STR("slow.example"),
	    STR("mx1.other.example"));
}

/* The domains that are known, and what was learned; each ends by itself. */
static void
providers(void)
{
	size_t n;

	begin();
	make_providers();
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	order(SUBJECT_PROVIDER, "big", STANDING_HELD, T0 + HOUR, false);
	order(SUBJECT_PROVIDER, "other", STANDING_THROTTLED, T0 + 2 * HOUR,
	    false);
	write_at(T0);
	CHECK_STR(str_from(at("mail.example")), STR("outpost-paused:"));
	CHECK_STR(str_from(at("hosted.example")), STR("outpost-paused:"));
	CHECK_STR(str_from(at("slow.example")), STR("outpost-slow:"));
	CHECK_STR(str_from(at("big.example")), STR("-"));
	CHECK_STR(str_from(at("x.mail.example")), STR("-"));
	CHECK_INT(tables_prune(t.dir, T0 + HOUR - 1, &n, &t.err), 0);
	CHECK_INT(n, 0);
	CHECK_STR(str_from(at("mail.example")), STR("outpost-paused:"));
	CHECK_INT(tables_prune(t.dir, T0 + HOUR, &n, &t.err), 0);
	CHECK_INT(n, 2);
	CHECK_STR(str_from(at("mail.example")), STR("-"));
	CHECK_STR(str_from(at("slow.example")), STR("outpost-slow:"));
	CHECK_INT(tables_prune(t.dir, T0 + 2 * HOUR, &n, &t.err), 0);
	CHECK_INT(n, 1);
	CHECK_STR(str_from(at("slow.example")), STR("-"));
	CHECK_INT(tables_prune(t.dir, INT64_MAX, &n, &t.err), 0);
	CHECK_INT(n, 0);
	write_at(T0 + HOUR);
	CHECK_STR(str_from(at("mail.example")), STR("-"));
	CHECK_STR(str_from(at("slow.example")), STR("outpost-slow:"));
	end();
}

/* Nothing that has no end gets into the table, nor stays there. */
static void
no_provider_for_ever(void)
{
	size_t n;

	begin();
	make_providers();
	CHECK_INT(tables_prune(t.dir, T0, &n, &t.err), 0); /* no table */
	CHECK_INT(tables_make(t.dir, &t.err), 0);
	order(SUBJECT_PROVIDER, "big", STANDING_HELD, TIME_NEVER, false);
	write_at(T0);
	CHECK_STR(str_from(at("mail.example")), STR("-"));
	tables_path(t.dir, TABLE_PROVIDERS, t.path);
	CHECK_INT(truncate(t.path, 100), 0);
	CHECK_INT(tables_prune(t.dir, T0, &n, &t.err), -1);
	end();
}

TESTS(TEST(they_belong_to_the_daemon), TEST(they_are_made_once),
    TEST(suspended_accounts_only), TEST(names_from_outside),
    TEST(each_table_has_its_own), TEST(front_ends_are_spared),
    TEST(others_must_get_there), TEST(a_domain_is_its_accounts),
    TEST(providers), TEST(no_provider_for_ever))
