/* pause_view_test - what of a paused provider the table lets through */
#include "daemon/pause_view.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "base/time.h"
#include "daemon/tables.h"
#include "limits/sanction.h"
#include "limits/sanction_event.h"
#include "mta/postfix_table.h"

enum { T0 = 1767225600, HOUR = 3600 };

static struct {
	char dir[40], value[128];
	struct standings *standings;
	struct providers *providers;
	struct receivers *receivers;
	struct limits_settings limits;
	struct account_rules accounts;
	struct ip_nets none;
	bool is_waiting;
	uint64_t seq;
} t;

static bool
is_waiting(void *ctx, const char *provider, int64_t *until)
{
	(void)ctx;
	CHECK_STR(str_from(provider), STR("big"));
	*until = T0 + 60;
	return t.is_waiting;
}

static void
each_recipient(
    void *ctx, const char *provider, pause_recipient_fn *each, void *each_ctx)
{
	(void)ctx;
	(void)provider;
	each(each_ctx, STR("ann@mail.example"));
}

static void
order(enum standing rung, const char *how)
{
	struct standing_state state;
	struct event e;

	standings_get(t.standings, SUBJECT_PROVIDER, STR("big"), T0, &state);
	const struct sanction_about about = {.kind = SUBJECT_PROVIDER,
	    .key = STR("big"),
	    .node = "0123456789abcdef",
	    .seq = ++t.seq,
	    .now_us = T0 * TIME_US + (int64_t)t.seq,
	    .state = &state};

	sanction_order(&about, rung, T0 + HOUR, STR("root"), STR("x"), &e);
	sanction_event_put(e.how, sizeof(e.how), str_from(how));
	CHECK(standings_fold(t.standings, &e));
}

static void
write_by(const char *slow_transport, const char *relay_route)
{
	const struct pause_view view = {
	    is_waiting, each_recipient, NULL, relay_route};
	const struct tables_source from = {.state_dir = t.dir,
	    .standings = t.standings,
	    .accounts = &t.accounts,
	    .limits = &t.limits,
	    .front_ends = &t.none,
	    .providers = t.providers,
	    .receivers = t.receivers,
	    .slow_transport = slow_transport,
	    .pauses = &view};
	struct error err;

	if (tables_write(&from, T0, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

static void
write_with(const char *relay_route)
{
	write_by("outpost-slow:", relay_route);
}

static struct str
at(const char *key)
{
	char path[TABLES_PATH];
	struct error err;
	struct text w;

	tables_path(t.dir, TABLE_PROVIDERS, path);
	text_init(&w, t.value, sizeof(t.value));
	return postfix_table_find(path, str_from(key), &w, &err) > 0
		   ? text_view(&w)
		   : STR("-");
}

static void
begin(void)
{
	static const char *const mx[] = {"big.example"};
	static const char *const domains[] = {"mail.example"};
	const struct provider_spec big = {.name = "big",
	    .mx = {mx, 1},
	    .domains = {domains, 1},
	    .contact = ""};
	const struct standings_options o = {1000, 0};
	struct error err;

	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/outpost-pause.XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	t.standings = standings_new(&o);
	t.providers = providers_new();
	t.receivers = receivers_new(100);
	CHECK_INT(providers_add(t.providers, &big, &err), 0);
	CHECK_INT(tables_make(t.dir, &err), 0);
}

static void
end(void)
{
	char command[80];

	standings_free(&t.standings);
	providers_free(&t.providers);
	receivers_free(&t.receivers);
	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	CHECK_INT(system(command), 0);
}

/* Each with the end of what it is an exception from. */
static void
while_it_waits(void)
{
	begin();
	order(STANDING_HELD, "");
	write_with("");
	CHECK_STR(at("mail.example"), STR("outpost-paused:"));
	CHECK_STR(at("ann@mail.example"), STR("outpost-slow:"));
	CHECK_STR(at(" ann@mail.example"), STR("1767229200"));
	order(STANDING_THROTTLED, PAUSE_RESUMED);
	t.is_waiting = true;
	write_with("");
	CHECK_STR(at("mail.example"), STR("outpost-paused:"));
	CHECK_STR(at(" mail.example"), STR("1767225660"));
	CHECK_STR(at("ann@mail.example"), STR("outpost-slow:"));
	t.is_waiting = false;
	write_with("");
	CHECK_STR(at("mail.example"), STR("outpost-slow:"));
	CHECK_STR(at("ann@mail.example"), STR("-"));
	end();
}

static void
by_a_relay(void)
{
	struct standing_state state;

	begin();
	order(STANDING_THROTTLED, PAUSE_RELAYED);
	standings_get(t.standings, SUBJECT_PROVIDER, STR("big"), T0, &state);
	CHECK(pause_is(&state, PAUSE_RELAYED));
	CHECK(!pause_is(&state, PAUSE_RESUMED));
	write_with("relay:[relay.example]:587");
	CHECK_STR(at("mail.example"), STR("relay:[relay.example]:587"));
	CHECK_STR(at("ann@mail.example"), STR("-"));
	/* The route is gone from the configuration. */
	write_with("");
	CHECK_STR(at("mail.example"), STR("outpost-slow:"));
	end();
}

/* Postfix lacks the service: what would be sent by it waited for ever. */
static void
without_the_service(void)
{
	begin();
	order(STANDING_THROTTLED, "");
	write_by("", "");
	CHECK_STR(at("mail.example"), STR("-"));
	order(STANDING_HELD, "");
	write_by("", "");
	CHECK_STR(at("mail.example"), STR("outpost-paused:"));
	CHECK_STR(at("ann@mail.example"), STR("-"));
	end();
}

TESTS(TEST(while_it_waits), TEST(by_a_relay), TEST(without_the_service))
