/* domain_apply - `outpost domain fix NAME --apply`: sets the proposed records
 *
 * What stands in the zone is asked of its own server; that, and not what some
 * cache says, is judged and put together with what is missing. The whole change
 * is one message, which the server takes only if nothing of it is different
 * meanwhile, and what was there is kept before anything is sent.
 */
#include "cli/domain_apply.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/domain_print.h"
#include "cli/domain_undo.h"
#include "cli/domain_zone.h"
#include "cli/local.h"
#include "config/settings.h"

enum { NAMES = DOMAIN_SITE_MAX + 2, REMOVED = 40, TXT_MAX = 65535 };

struct apply {
	struct domain_zone z;
	const struct domain_site *site;
	/* What the server has at each name that can be ours. */
	struct update_set now[NAMES];
	size_t n;
	struct health *health, *after; /* as it is; as it would be */
	struct text skipped;	       /* lines about what is not done */
};

static struct update_set *
set_of(struct apply *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->now[i].name, name) == 0)
			return &a->now[i];
	}
	return NULL;
}

static int
read_name(struct apply *a, const char *name, struct error *err)
{
	struct update_set *s = &a->now[a->n];

	if (set_of(a, name))
		return 0;
	if (zone_talk_read(&a->z.talk, name, &a->z.arena, s, err) < 0)
		return -1;
	a->n++;
	return 0;
}

static int
read_names(struct apply *a, struct error *err)
{
	const struct health_site *site = &a->site->site;
	char name[DNS_NAME * 2], folded[DNS_NAME];
	struct text t;

	if (read_name(a, a->z.domain, err) < 0)
		return -1;
	if (a->now[0].is_foreign)
		return error_set(err, "%s is not in charge of %s",
		    a->z.talk.zone->server, a->z.domain);
	for (size_t i = 0; i <= site->n_selectors; i++) {
		text_init(&t, name, sizeof(name));
		if (i == site->n_selectors)
			text_printf(&t, "_dmarc.%s", a->z.domain);
		else
			text_printf(&t, "%s._domainkey.%s",
			    site->selectors[i].name, a->z.domain);
		if (dns_name(text_view(&t), folded) &&
		    read_name(a, folded, err) < 0)
			return -1;
	}
	return 0;
}

/* The health by what the server has; is_after: with the changes made. */
static struct health *
look(struct apply *a, bool is_after, struct error *err)
{
	struct domain_seed seeds[NAMES];
	size_t n = 0;
	struct domain_effort effort;

	for (size_t i = 0; i < a->n; i++) {
		const struct update_set *s = &a->now[i];

		if (s->alias || s->is_foreign)
			continue;
		for (size_t k = 0; is_after && k < a->z.changes->n; k++) {
			if (a->z.changes->v[k].before.name == s->name)
				s = &a->z.changes->v[k].after;
		}
		seeds[n++] = (struct domain_seed){s->name,
		    change_answer(s, &a->z.arena,
			arena_alloc(&a->z.arena,
			    UPDATE_RECORDS * sizeof(struct dns_record)))};
	}
	return domain_health(
	    a->z.line, a->z.settings, a->z.domain, seeds, n, &effort, err);
}

static void
skip(struct apply *a, const char *name, const char *why, const char *whose)
{
	text_printf(&a->skipped, "; %s is not changed: %s%s\n", name, why,
	    whose ? whose : "");
}

static void
plan_one(struct apply *a, const struct health_record *right)
{
	struct changes *c = a->z.changes;
	struct update_set *s = set_of(a, right->name);
	struct str gone[REMOVED];
	size_t n = 0;

	if (!s || s->is_foreign) {
		skip(a, right->name, "the server is not in charge of it", NULL);
		return;
	}
	if (s->alias) {
		skip(a, right->name, "it is an alias of ", s->alias);
		return;
	}
	for (size_t i = 0; i < a->health->n_records && n < REMOVED; i++) {
		if (domain_fix_goes_for(&a->health->records[i], right))
			gone[n++] = a->health->records[i].text;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (c->v[i].before.name == s->name)
			return; /* a name is changed once */
	}
	if (c->n == CHANGES_MAX || s->n == UPDATE_RECORDS) {
		skip(a, right->name, "it is too much at once", NULL);
		return;
	}
	change_make(&c->v[c->n], &a->z.arena, s, gone, n, right->text);
	if (!update_is_same(&c->v[c->n].before, &c->v[c->n].after))
		c->n++;
}

static void
plan(struct apply *a)
{
	for (size_t i = 0; i < a->health->n_records; i++) {
		if (domain_fix_is_change(&a->health->records[i]))
			plan_one(a, &a->health->records[i]);
	}
}

static bool
is_touched(const struct apply *a, enum health_part part)
{
	for (size_t i = 0; i < a->health->n_records; i++) {
		const struct health_record *r = &a->health->records[i];

		for (size_t k = 0; r->part == part && k < a->z.changes->n;
		     k++) {
			if (domain_fix_is_change(r) &&
			    strcmp(a->z.changes->v[k].before.name, r->name) ==
				0)
				return true;
		}
	}
	return false;
}

static const char *
worst_of(const struct health *h, enum health_part part)
{
	for (size_t i = 0; i < h->n_findings; i++) {
		if (h->findings[i].part == part &&
		    h->findings[i].colour == h->colours[part])
			return h->findings[i].text;
	}
	return "";
}

/* Nothing that is made may break what it is to mend. */
static int
check_after(struct apply *a, struct error *err)
{
	a->after = look(a, true, err);
	if (!a->after)
		return -1;
	for (int p = 0; p < HEALTH_JUDGED; p++) {
		enum health_part part = (enum health_part)p;
		enum health_colour was = a->health->colours[part];
		enum health_colour is = a->after->colours[part];

		if (!is_touched(a, part) || is <= HEALTH_UNKNOWN ||
		    (is <= was && !(part == HEALTH_SPF && is == HEALTH_RED)))
			continue;
		return error_set(err, "not done, as %s would %sbe %s: %s",
		    health_part_word(part), is > was ? "" : "still ",
		    health_colour_word(is), worst_of(a->after, part));
	}
	return 0;
}

static enum exit_status
hand_over(
    const struct client_line *l, const struct settings *s, const char *domain)
{
	struct error err;
	struct domain_effort effort;
	struct health *h = domain_health(l, s, domain, NULL, 0, &effort, &err);
	enum exit_status status = EXIT_OK;
	struct text out;
	size_t n;

	if (!h)
		return local_fail(EXIT_FAILED, "%s", err.text);
	text_grow(&out, DOMAIN_OUT_MAX);
	n = l->is_json ? domain_print_fix_json(h, &out)
		       : domain_print_fix(h, &out);
	status = local_print(text_view(&out));
	text_done(&out);
	health_free(&h);
	if (status == EXIT_OK && n > 0)
		status = local_fail(EXIT_FAILED,
		    "%s is in none of dns_zones, so nothing was set: hand the "
		    "lines above to whoever keeps its DNS",
		    domain);
	return status;
}

/* 0; 1: there is nothing to be done; -1. */
static int
prepare(struct apply *a, struct error *err)
{
	if (read_names(a, err) < 0)
		return -1;
	a->health = look(a, false, err);
	if (!a->health)
		return -1;
	plan(a);
	domain_print_left(a->health, &a->skipped);
	if (a->z.changes->n == 0)
		return 1;
	return check_after(a, err);
}

enum exit_status
domain_apply(const struct client_line *l, const struct settings *s,
    const char *domain, const struct domain_site *site)
{
	struct apply *a = xalloc(1, sizeof(*a));
	struct error err;
	enum exit_status status;

	if (!domains_zone_of(s->zones, s->n_zones, domain)) {
		free(a);
		return hand_over(l, s, domain);
	}
	a->site = site;
	text_grow(&a->skipped, DOMAIN_OUT_MAX);
	int got = domain_zone_open(&a->z, l, s, domain, &err) < 0
		      ? -1
		      : prepare(a, &err);

	if (got < 0)
		status = local_fail(EXIT_FAILED, "%s", err.text);
	else
		status = domain_zone_set(&a->z, text_view(&a->skipped));
	domain_zone_close(&a->z);
	health_free(&a->health);
	health_free(&a->after);
	text_done(&a->skipped);
	free(a);
	return status;
}
