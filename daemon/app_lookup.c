/* app_lookup - pools and providers asked by socketmap, to the second */
#include "daemon/app_lookup.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/lookup_server.h"
#include "daemon/metrics.h"
#include "daemon/tables.h"
#include "mta/postfix_table.h"

enum { CONNECTIONS = 1000, KEY = 512, IDLE_S = 1200 };

static bool
look_up(
    struct app *a, enum tables_kind which, struct str key, struct text *value)
{
	char path[TABLES_PATH];
	struct error err;

	text_clear(value);
	tables_path(a->settings->daemon.state_dir, which, path);
	return key.n > 0 && postfix_table_find(path, key, value, &err) > 0 &&
	       value->n > 0;
}

/* Postfix asks a socketmap with the whole address alone. */
static struct str
domain_of(struct str address)
{
	ptrdiff_t at = str_find_last(address, STR("@"));

	return at < 0 ? STR("") : str_skip(address, (size_t)at);
}

static void
find_sender(struct app *a, struct str sender, struct text *value)
{
	char place[KEY];
	struct text t;

	text_init(&t, place, sizeof(place));
	if (look_up(a, TABLE_MOVERS, sender, &t) ||
	    look_up(a, TABLE_MOVERS, domain_of(sender), &t) ||
	    look_up(a, TABLE_SENDERS, sender, &t))
		look_up(a, TABLE_PLACES, text_view(&t), value);
}

static void
find_provider(struct app *a, struct str recipient, struct text *value)
{
	if (!look_up(a, TABLE_PROVIDERS, recipient, value))
		look_up(a, TABLE_PROVIDERS, str_skip(domain_of(recipient), 1),
		    value);
}

static void
on_find(void *ctx, struct str map, struct str key, struct text *value)
{
	struct app *a = ctx;
	char lower[KEY];
	struct text t;

	text_init(&t, lower, sizeof(lower));
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];

		text_char(&t, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
	/* What begins with a blank is no address (tables_until_key). */
	if (t.is_cut || str_starts(key, STR(" ")))
		return;
	if (str_is(map, STR("senders")))
		find_sender(a, text_view(&t), value);
	else if (str_is(map, STR("providers")))
		find_provider(a, text_view(&t), value);
}

static void
on_refused(void *ctx, uid_t uid)
{
	struct app *a = ctx;

	if (a->is_lookup_refusal_told)
		return;
	a->is_lookup_refusal_told = true;
	log_warning("a lookup of uid %u was not heard, policy_users doesn't "
		    "name it; if it is Postfix, it refuses all mail (451)",
	    (unsigned)uid);
}

void
app_lookup_start(struct app *a)
{
	const struct reputation_settings *s = &a->settings->reputation;
	const struct lookup_config config = {
	    .listen = s->lookup_listen,
	    .max_connections = CONNECTIONS,
	    .slow_us = s->lookup_timeout * TIME_US,
	    .idle_us = (int64_t)IDLE_S * TIME_US,
	    .find = on_find,
	    .askers = a->is_heard_all ? NULL : a->askers,
	    .n_askers = a->n_askers,
	    .refused = on_refused,
	    .ctx = a,
	};
	struct error err;

	a->is_lookup_refusal_told = false;
	if (a->lookup && lookup_server_goes_on(a->lookup, &config))
		return;
	app_lookup_stop(a);
	if (!*s->lookup_listen)
		return;
	a->lookup = lookup_server_new(a->loop, &config, &err);
	if (!a->lookup)
		log_error(
		    "%s; a Postfix that looks up there refuses mail (451)",
		    err.text);
}

void
app_lookup_stop(struct app *a)
{
	lookup_server_free(&a->lookup);
}

void
app_lookup_gauges(struct app *a)
{
	struct lookup_counters c;

	if (!a->lookup)
		return;
	lookup_server_counters(a->lookup, &c);
	const struct {
		const char *result;
		uint64_t n;
	} all[] = {{"answered", c.answered}, {"malformed", c.malformed},
	    {"too_slow", c.slow}, {"too_many", c.evicted}};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		metric_set(metrics_by(METRICS_LOOKUPS, str_from(all[i].result)),
		    (int64_t)all[i].n);
}
