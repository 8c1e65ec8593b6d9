/* app_replies - what receivers answer: counted by class, and samples of what no
 * rule is for, which the books keep
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/app_state.h"
#include "daemon/metrics.h"

/* "COUNT FIRST HOST" under the text. Not each time: a receiver that says it to
 * every message would fill the journal. */
static void
keep(struct app *a, const struct unmatched_sample *s)
{
	char value[UNMATCHED_HOST + 64];
	int n;

	if ((s->count & (s->count - 1)) != 0)
		return;
	n = snprintf(value, sizeof(value), "%" PRIu64 " %" PRId64 " %s",
	    s->count, s->first, s->host);
	kept_put(&a->unmatched_kept, str_from(s->text),
	    str_make(value, (size_t)n), s->last);
}

enum { DELAY_MAX = 1 << 30 };

static int64_t
delay_ms(const struct postfix_line *l)
{
	char buf[32];
	struct text t;

	if (!line_has(l, FIELD_DELAY))
		return -1;
	text_init(&t, buf, sizeof(buf));
	text_str(&t, line_get(l, FIELD_DELAY));
	double seconds = strtod(buf, NULL);

	/* A line may say anything. */
	return seconds >= 0 && seconds < DELAY_MAX ? (int64_t)(seconds * 1000)
						   : -1;
}

/* By the configuration, else by the name of the transport. */
static struct str
own_ip_of(const struct app *a, struct str tag)
{
	const struct pool_ip *ip = pools_ip_of_tag(a->settings->pools, tag);

	return ip ? str_from(ip->name) : own_ip_of_tag(tag);
}

static void
count(struct app *a, const struct pipeline_delivery *d, const char *provider)
{
	struct series_note n = {
	    .ip = own_ip_of(a, d->log->tag),
	    .provider = str_from(provider ? provider : SERIES_OTHERS),
	    .at = d->at,
	    .n = d->line->repeats,
	    .what = SERIES_DELIVERED,
	    .delay_ms = delay_ms(d->line),
	};

	if (d->reply) {
		n.what = d->line->status == LINE_BOUNCED ? SERIES_REFUSED
							 : SERIES_DEFERRED;
		n.class = d->reply->class;
	}
	series_add(a->series, &n);
	if (a->learn)
		return;
	app_incidents_delivery(a->incidents, d, n.ip, n.provider);
	app_services_seen(a->services, n.ip, d->at);
	app_pools_delivery(a->pools, d, n.ip, n.provider);
}

static void
look_at(struct app *a, const struct pipeline_delivery *d)
{
	const struct reply *r = d->reply;
	const struct postfix_line *l = d->line;

	metric_add(
	    metrics_by(METRICS_REPLIES, str_from(reply_class_text(r->class))),
	    1);
	if (r->is_unmatched)
		metric_add(metrics_get(METRICS_UNMATCHED), 1);
	if (r->is_unmatched)
		keep(a,
		    unmatched_note(a->unmatched, line_get(l, FIELD_RELAY_NAME),
			line_get(l, FIELD_DSN), line_get(l, FIELD_TEXT),
			d->at));
}

void
app_replies_said(void *ctx, const struct pipeline_delivery *d)
{
	struct app *a = ctx;
	const char *provider;

	if (d->is_parked && !a->learn)
		app_parked_note(a->parked, d);
	if (d->is_parked || app_is_ours(&a->settings->mta, d->address))
		return;
	provider = receivers_host_provider(
	    a->receivers, a->settings->providers, d->host);
	if (d->is_suspended) {
		if (!a->learn && provider)
			app_incidents_suspended(
			    a->incidents, d, str_from(provider));
		return;
	}
	if (!a->learn)
		app_parked_tried(a->parked, d);
	if (d->reply)
		look_at(a, d);
	count(a, d, provider);
}

static void
put(char *out, size_t size, struct str s)
{
	struct text t;

	text_init(&t, out, size);
	text_str(&t, s);
}

void
app_replies_restore(struct app *a)
{
	const struct kept_item *i = kept_newest(&a->unmatched_kept);

	for (; i; i = i->older) {
		struct unmatched_sample s = {.last = i->at};
		struct str rest = i->value, count, first;

		if (!str_cut(&rest, ' ', &count) ||
		    !str_cut(&rest, ' ', &first) ||
		    !str_to_u64(count, &s.count) ||
		    !str_to_i64(first, &s.first))
			continue;
		put(s.host, sizeof(s.host), rest);
		put(s.text, sizeof(s.text), i->key);
		unmatched_restore(a->unmatched, &s);
	}
}
