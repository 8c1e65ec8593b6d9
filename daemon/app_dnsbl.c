/* app_dnsbl - do our own addresses and domains stand on lists of bad senders?
 */
#include "daemon/app_dnsbl.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "config/secret_line.h"
#include "daemon/app_dnsbl_parts.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"

enum {
	SOON = 120,	  /* after a start all are asked within so long */
	DEAD_FOR = 86400, /* then what it said holds no more */
	GONE_AFTER = 2,	  /* rounds */
};

static struct dns *
get_dns(void *ctx)
{
	struct listed_by *l = ctx;

	return app_dns_get(l->of->app->dns);
}

struct app_dnsbl *
app_dnsbl_new(struct app *a)
{
	struct app_dnsbl *d = xalloc(1, sizeof(*d));

	d->app = a;
	arena_init(&d->arena);
	listings_init(&d->listings);
	return d;
}

static void
forget_lists(struct app_dnsbl *d)
{
	for (size_t i = 0; i < d->n_lists; i++) {
		dnsbl_round_cancel(&d->lists[i].round);
		free(d->lists[i].said);
	}
	free(d->lists);
	d->lists = NULL;
	d->n_lists = 0;
	app_dnsbl_forget_names(d);
	app_dnsbl_forget_targets(d);
}

void
app_dnsbl_free(struct app_dnsbl **dp)
{
	struct app_dnsbl *d = *dp;

	if (!d)
		return;
	*dp = NULL;
	forget_lists(d);
	listings_done(&d->listings);
	arena_done(&d->arena);
	free(d);
}

struct listings *
app_dnsbl_listings(struct app_dnsbl *d)
{
	return &d->listings;
}

static bool
has_targets(const struct app_dnsbl *d, const struct dnsbl *l)
{
	for (size_t i = 0; i < d->n_targets; i++) {
		if (d->shown[i].is_asked &&
		    l->kinds & dnsbl_target_kind(&d->targets[i]))
			return true;
	}
	return false;
}

/* After a start they begin one after the other. */
static void
make_lists(struct app_dnsbl *d)
{
	const struct settings *s = d->app->settings;
	int64_t every = s->reputation.dnsbl_every;
	int64_t step_us = (every < SOON ? every : SOON) * TIME_US;
	int64_t now_us = time_mono_us();
	const struct dnsbl *one;
	size_t n = 0;

	while (dnsbls_at(s->dnsbls, n))
		n++;
	d->lists = xalloc(n + 1, sizeof(*d->lists));
	for (size_t i = 0; (one = dnsbls_at(s->dnsbls, i)); i++) {
		if (!dnsbl_is_wanted(&s->reputation, s->dnsbls, one) ||
		    !has_targets(d, one))
			continue;
		struct listed_by *l = &d->lists[d->n_lists++];

		l->of = d;
		l->list = one;
		l->health = DNSBL_NO_REPLY;
		l->said = xalloc(d->n_targets + 1, sizeof(*l->said));
		l->next_us = now_us + step_us * (int64_t)i / (int64_t)n;
	}
}

void
app_dnsbl_make(struct app_dnsbl *d)
{
	if (d->is_made)
		return;
	app_dnsbl_make_targets(d);
	make_lists(d);
	app_dnsbl_make_names(d);
	d->is_made = true;
}

void
app_dnsbl_reload(struct app_dnsbl *d)
{
	forget_lists(d);
	d->is_made = false;
}

/* --- what became of a round --- */

static void
note_health(struct listed_by *l, const struct dnsbl_result *r, int64_t now)
{
	bool was_bad = l->health == DNSBL_DEAD || l->health == DNSBL_BARRED;
	bool is_bad = r->health == DNSBL_DEAD || r->health == DNSBL_BARRED;
	struct text t;

	if (is_bad && !was_bad)
		log_warning("list %s: %s; what it says counts for nothing",
		    l->list->name, r->why);
	else if (r->health == DNSBL_WORKS && was_bad)
		log_notice("list %s works", l->list->name);
	if (r->health != l->health || l->asked == 0)
		l->since = now;
	l->health = r->health;
	l->asked = now;
	text_init(&t, l->why, sizeof(l->why));
	text_add(&t, r->why);
}

static void
take_answer(struct app_dnsbl *d, struct listed_by *l, size_t i,
    const struct dnsbl_found *f)
{
	struct said *s = &l->said[i];
	const char *target = d->shown[i].text;
	struct listing known = {0};

	if (!f->is_asked)
		return;
	s->says = f->answer.says;
	listings_find(&d->listings, target, l->list->name, &known);
	if (s->says != DNSBL_CLEAN)
		s->misses = 0;
	if (l->list->is_info)
		return;
	if (s->says == DNSBL_LISTED && known.is_listed)
		listings_seen(&d->listings, target, l->list->name, l->asked);
	else if (s->says == DNSBL_LISTED)
		app_dnsbl_tell(d, l->list, i, f);
	else if (s->says == DNSBL_CLEAN && known.is_listed &&
		 ++s->misses >= GONE_AFTER)
		app_dnsbl_tell_gone(d, l->list, i, "it is no longer there");
}

/* What it said once can't be asked any more. */
static void
drop_old(struct app_dnsbl *d, struct listed_by *l)
{
	struct listing known;

	for (size_t i = 0; i < d->n_targets; i++) {
		l->said[i] = (struct said){DNSBL_SILENT, 0};
		if (listings_find(&d->listings, d->shown[i].text, l->list->name,
			&known) &&
		    known.is_listed)
			app_dnsbl_tell_gone(
			    d, l->list, i, "the list works no more");
	}
}

static void
on_round(void *ctx, const struct dnsbl_result *r)
{
	struct listed_by *l = ctx;
	struct app_dnsbl *d = l->of;
	int64_t now = loop_now_us(d->app->loop) / TIME_US;
	int64_t every = d->app->settings->reputation.dnsbl_every;

	l->round = NULL;
	l->next_us = time_mono_us() + every * TIME_US;
	note_health(l, r, now);
	if (r->health == DNSBL_WORKS) {
		for (size_t i = 0; i < r->n; i++)
			take_answer(d, l, i, &r->found[i]);
	} else if (r->health == DNSBL_DEAD && now - l->since > DEAD_FOR) {
		drop_old(d, l);
	}
}

/* --- whose turn it is --- */

static bool
read_key(struct app_dnsbl *d, struct listed_by *l, char key[SECRET_LINE])
{
	const char *file =
	    dnsbl_key_file(&d->app->settings->reputation, l->list);
	struct error err;

	*key = '\0';
	if (!l->list->has_key)
		return true;
	if (!file)
		error_set(&err, "it has no key (dnsbl_keys)");
	if (file && secret_line_read(file, key, &err) == 0)
		return true;
	struct dnsbl_result r = {.health = DNSBL_BARRED};
	struct text t;

	text_init(&t, r.why, sizeof(r.why));
	text_add(&t, err.text);
	note_health(l, &r, loop_now_us(d->app->loop) / TIME_US);
	l->next_us = time_mono_us() + SOON * TIME_US;
	return false;
}

static void
start(struct app_dnsbl *d, struct listed_by *l)
{
	char key[SECRET_LINE];
	uint32_t salt;

	if (!read_key(d, l, key))
		return;
	crypto_random(&salt, sizeof(salt));
	const struct dnsbl_round_options o = {
	    .loop = d->app->loop,
	    .dns = get_dns,
	    .list = l->list,
	    .key = key,
	    .targets = d->asked,
	    .n = d->n_targets,
	    .gap_us = TIME_US / d->app->settings->reputation.dnsbl_rate,
	    .salt = salt,
	    .on_done = on_round,
	    .ctx = l,
	};

	l->round = dnsbl_round_start(&o);
}

void
app_dnsbl_tick(struct app_dnsbl *d)
{
	int64_t now_us = time_mono_us();

	app_dnsbl_make(d);
	for (size_t i = 0; i < d->n_lists; i++) {
		if (!d->lists[i].round && d->lists[i].next_us <= now_us)
			start(d, &d->lists[i]);
	}
	app_dnsbl_tick_names(d);
	kept_tick(&d->listings.kept,
	    loop_now_us(d->app->loop) / TIME_US - LISTINGS_KEEP, 10);
}

/* --- who wants to know --- */

bool
app_dnsbl_list(const struct app_dnsbl *d, size_t i, struct app_dnsbl_list *out)
{
	if (i >= d->n_lists)
		return false;
	const struct listed_by *l = &d->lists[i];

	*out = (struct app_dnsbl_list){l->list, l->health, l->why, l->asked};
	return true;
}

enum dnsbl_says
app_dnsbl_said(const struct app_dnsbl *d, size_t list, size_t target)
{
	return d->lists[list].said[target].says;
}

static void
gauge_names(const struct app_dnsbl *d)
{
	static const enum address_level levels[] = {
	    ADDRESS_OK, ADDRESS_WARN, ADDRESS_BAD};

	for (size_t l = 0; l < sizeof(levels) / sizeof(levels[0]); l++) {
		int64_t n = 0;

		for (size_t i = 0; i < d->n_targets; i++) {
			const struct address_report *r = app_dnsbl_names(d, i);

			n += r && r->worst == levels[l];
		}
		metric_set(metrics_by(METRICS_ADDRESS_NAMES,
			       str_from(address_level_text(levels[l]))),
		    n);
	}
}

void
app_dnsbl_gauges(struct app_dnsbl *d)
{
	gauge_names(d);
	for (size_t i = 0; i < d->n_lists; i++) {
		const struct listed_by *l = &d->lists[i];
		struct str name = str_from(l->list->name);
		struct listing known;
		int64_t n = 0;

		for (size_t k = 0; k < d->n_targets; k++)
			n += listings_find(&d->listings, d->shown[k].text,
				 l->list->name, &known) &&
			     known.is_listed;
		metric_set(metrics_by(METRICS_LISTED, name), n);
		metric_set(metrics_by(METRICS_LIST_WORKS, name),
		    l->health == DNSBL_WORKS);
	}
}
