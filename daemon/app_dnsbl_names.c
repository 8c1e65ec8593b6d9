/* app_dnsbl_names - are the addresses of this host named as they should be?
 * Each in turn, addresses_every (reputation/address.h)
 */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_dnsbl_parts.h"
#include "daemon/app_state.h"

enum { AGAIN = 2, WEEK = 7 * 86400 };

void
app_dnsbl_forget_names(struct app_dnsbl *d)
{
	address_check_cancel(&d->naming);
	free(d->named);
	d->named = NULL;
}

void
app_dnsbl_make_names(struct app_dnsbl *d)
{
	int64_t now_us = time_mono_us();

	d->named = xalloc(d->n_targets + 1, sizeof(*d->named));
	for (size_t i = 0; i < d->n_targets; i++)
		d->named[i].next_us = now_us + (int64_t)i * TIME_US / 4;
}

/* Once a week, whoever of the nodes sees it, however often it starts. */
static void
alarm_of(struct app_dnsbl *d, const struct address_finding *f)
{
	const char *who = d->shown[d->naming_at].text;
	char cause[STANDINGS_CAUSE], key[128], reason[2 * ADDRESS_TEXT];
	int64_t now = loop_now_us(d->app->loop) / TIME_US;
	struct text t;

	text_init(&t, key, sizeof(key));
	text_printf(&t, "%s %s", who, f->id);
	standings_cause(SUBJECT_ALL, text_view(&t), STANDING_GOOD, STR("names"),
	    now / WEEK, false, cause);
	text_init(&t, reason, sizeof(reason));
	text_printf(&t, "%s; %s", f->text, f->mend);
	app_alarm_about(d->app, LISTING_IP, who, "names", reason, cause);
}

static void
on_names(void *ctx, const struct address_report *r)
{
	struct app_dnsbl *d = ctx;
	struct named *n = &d->named[d->naming_at];
	int64_t every = d->app->settings->reputation.addresses_every;

	d->naming = NULL;
	n->next_us = time_mono_us() + every * TIME_US;
	n->report = *r;
	n->at = loop_now_us(d->app->loop) / TIME_US;
	n->times_bad = r->worst == ADDRESS_BAD ? n->times_bad + 1 : 0;
	if (n->times_bad != AGAIN)
		return;
	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i].level == ADDRESS_BAD)
			alarm_of(d, &r->v[i]);
	}
}

static bool
is_due(const struct app_dnsbl *d, size_t i, int64_t now_us)
{
	return d->shown[i].is_asked && !d->shown[i].target.domain &&
	       d->named[i].next_us <= now_us;
}

/* The one that waits longest. */
void
app_dnsbl_tick_names(struct app_dnsbl *d)
{
	int64_t now_us = time_mono_us();
	size_t first = SIZE_MAX;

	for (size_t i = 0; !d->naming && i < d->n_targets; i++) {
		if (is_due(d, i, now_us) &&
		    (first == SIZE_MAX ||
			d->named[i].next_us < d->named[first].next_us))
			first = i;
	}
	if (first == SIZE_MAX)
		return;
	d->naming_at = first;
	d->naming = address_check_start(app_dns_get(d->app->dns),
	    &d->shown[first].target.ip, d->shown[first].helo, on_names, d);
}

const struct address_report *
app_dnsbl_names(const struct app_dnsbl *d, size_t target)
{
	const struct named *n = &d->named[target];

	return n->at > 0 ? &n->report : NULL;
}
