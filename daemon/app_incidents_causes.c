/* app_incidents_causes - who may have caused an incident */
#include "daemon/app_incidents_parts.h"

enum { CAUSE_HOURS = 6, DAY = 86400 };

static void
add_known(void *ctx, int64_t window, struct cause *one)
{
	struct app *a = ctx;
	struct ledger *l = pipeline_ledger(a->pipeline);
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, str_from(one->account));

	if (!s)
		return;
	uint64_t all = subject_sum(l, s, COUNT_RECIPIENTS, window);
	uint64_t strangers = subject_sum(l, s, COUNT_STRANGERS, window);

	/* Not told by provider: the same share there as everywhere. */
	one->v[CAUSE_STRANGERS] =
	    all > 0
		? one->recipients * (strangers < all ? strangers : all) / all
		: 0;
	one->v[CAUSE_COMPLAINTS] = subject_sum(l, s, COUNT_COMPLAINTS, DAY);
}

size_t
app_incidents_causes(struct app *a, const struct incident *i, int64_t now,
    struct cause *out, size_t max)
{
	return causes_rank(a->incidents->causes,
	    i->is_domain ? STR("") : i->what, i->provider, CAUSE_HOURS, now,
	    add_known, a, out, max);
}

void
app_incidents_put_causes(struct app_incidents *s, const struct watch *w,
    int64_t now, struct json_out *j)
{
	struct incident about = {.is_domain = w->is_domain};
	struct cause v[5];
	size_t n;

	about.what = str_make(w->name, w->n);
	str_cut(&about.what, '/', &about.provider);
	n = app_incidents_causes(s->app, &about, now, v, 5);
	json_open_array(j, "causes");
	for (size_t i = 0; i < n && (i == 0 || v[i].excess > 0); i++) {
		json_open(j, NULL);
		json_str(j, "account", str_from(v[i].account));
		json_i64(j, "recipients", (int64_t)v[i].recipients);
		for (int k = 0; k < CAUSE_COUNTS; k++)
			json_i64(j, cause_count_text((enum cause_count)k),
			    (int64_t)v[i].v[k]);
		json_i64(j, "share", v[i].share);
		json_i64(j, "excess", (int64_t)v[i].excess);
		json_close(j);
	}
	json_close_array(j);
}
