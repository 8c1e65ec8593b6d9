/* pipeline_login_test - what Dovecot is told of a login, and what it reports */
#include "daemon/pipeline_script.h"

static struct auth_policy
login(const char *name, const char *protocol, const char *client)
{
	struct auth_policy q = {.login = str_from(name),
	    .protocol = str_from(protocol),
	    .end = AUTH_POLICY_NEITHER};

	if (!ip_parse(str_from(client), &q.client))
		q.client = (struct ip){0};
	return q;
}

static bool
is_refused(const char *name, const char *protocol, const char *client)
{
	const struct auth_policy q = login(name, protocol, client);
	char why[600];
	struct text w;

	text_init(&w, why, sizeof(why));
	bool is = pipeline_login_refused(t.p, &q, &w);

	CHECK_INT(w.n > 0, is);
	return is;
}

static void
who_is_suspended_reads_on(void)
{
	begin("");
	CHECK(!is_refused(EVE, "smtp", "192.0.2.9"));
	operate(EVENT_SANCTION, EVE);
	CHECK(is_refused(EVE, "smtp", "192.0.2.9"));
	CHECK(is_refused("Eve@Example.COM", "submission", ""));
	CHECK(!is_refused(EVE, "imap", "192.0.2.9"));
	CHECK(!is_refused(EVE, "pop3", "192.0.2.9"));
	CHECK(!is_refused(EVE, "sieve", "192.0.2.9"));
	CHECK(!is_refused(EVE, "", "192.0.2.9"));
	CHECK(!is_refused(ALICE, "smtp", "192.0.2.9"));
	CHECK(!is_refused("", "smtp", ""));
	operate(EVENT_LIFT, EVE);
	CHECK(!is_refused(EVE, "smtp", "192.0.2.9"));
	end();
}

#define REPORTS                                   \
	"api: { api_listen = \"127.0.0.1:1\";"    \
	" api_tokens = ( \"dovecot:login=/x\" );" \
	" auth_policy_facts = true; };"           \
	"accounts: { front_ends = ( \"198.51.100.99\" ); };"

static void
report(const char *name, const char *client, enum auth_policy_end how)
{
	struct auth_policy q = login(name, "imap", client);

	q.end = how;
	pipeline_login_report(t.p, &q);
}

static void
guess_many(const char *client)
{
	char name[64];

	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "u%d@example.com", i);
		report(name, client, AUTH_POLICY_FAILURE);
	}
}

static void
who_guesses_may_not_log_in_at_all(void)
{
	begin(REPORTS);
	guess_many("192.0.2.66");
	CHECK(str_find(verdicts(), STR("192.0.2.66 suspended")) >= 0);
	CHECK(is_refused(ALICE, "imap", "192.0.2.66"));
	CHECK(is_refused(ALICE, "smtp", "192.0.2.66"));
	CHECK(!is_refused(ALICE, "imap", "192.0.2.67"));
	/* Many stand behind a front end. */
	guess_many("198.51.100.99");
	CHECK_INT(verdicts().n, 0);
	end();
}

static uint64_t
facts(void)
{
	struct pipeline_counters c;

	pipeline_counters(t.p, &c);
	return c.facts;
}

static void
fail_by_log(void)
{
	line("submission/smtpd",
	    "warning: c.example[192.0.2.9]: SASL PLAIN authentication failed: "
	    "x, sasl_username=%s",
	    ALICE);
}

static void
a_login_counts_once(void)
{
	begin(REPORTS);
	fail_by_log();
	CHECK_INT(facts(), 0);
	report(ALICE, "192.0.2.9", AUTH_POLICY_FAILURE);
	report(ALICE, "192.0.2.9", AUTH_POLICY_SUCCESS);
	CHECK_INT(facts(), 2);
	report(ALICE, "192.0.2.9", AUTH_POLICY_NEITHER);
	CHECK_INT(facts(), 2);
	struct auth_policy q = login(ALICE, "smtp", "192.0.2.9");

	q.end = AUTH_POLICY_SUCCESS;
	pipeline_login_report(t.p, &q);
	CHECK_INT(facts(), 2);
	end();
	begin("");
	fail_by_log();
	CHECK_INT(facts(), 1);
	report(ALICE, "192.0.2.9", AUTH_POLICY_FAILURE);
	CHECK_INT(facts(), 1);
	end();
}

/* Its mail program tries on and on, from wherever it is. */
static void
who_is_suspended_guesses_nothing(void)
{
	for (int is_suspended = 0; is_suspended < 2; is_suspended++) {
		begin("guessing: { guess_failures = 20; };");
		if (is_suspended)
			operate(EVENT_SANCTION, ALICE);
		for (int i = 0; i < 200; i++)
			fail_by_log();
		CHECK_INT(verdicts().n == 0, is_suspended);
		end();
	}
}

TESTS(TEST(who_is_suspended_reads_on), TEST(who_guesses_may_not_log_in_at_all),
    TEST(a_login_counts_once), TEST(who_is_suspended_guesses_nothing))
