/* app_complaints - what reports leave behind: records, and who wants no more
 */
#include "daemon/app_complaints.h"

#include "base/json.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "fbl/suppressed.h"

enum { FORGET = 100 /* at once */ };

void
app_complaints_init(struct app_complaints *c, struct app *a)
{
	const struct fbl_settings *s = &a->settings->fbl;

	c->app = a;
	kept_init(&c->records, (size_t)s->complaints_kept);
	kept_init(&c->suppressed, (size_t)s->suppressed_max);
}

void
app_complaints_done(struct app_complaints *c)
{
	kept_done(&c->records);
	kept_done(&c->suppressed);
}

/* Of whose domain it is known, by the configuration or by the log. */
static const char *
provider_of(struct app *a, struct str address)
{
	ptrdiff_t at = str_find_last(address, STR("@"));
	struct str domain = str_skip(address, (size_t)at + 1);
	const char *provider;

	if (at < 0)
		return NULL;
	provider = providers_of_domain(a->settings->providers, domain);
	return provider ? provider : receivers_provider(a->receivers, domain);
}

static const char *
find_provider(struct app *a, const struct complaint *c)
{
	const char *provider = provider_of(a, c->complainer);

	return provider ? provider : provider_of(a, c->reporter);
}

void
app_complaints_note(struct app_complaints *k, const struct fbl_report *r,
    const struct complaint *c, const struct owner *o, int64_t message_at)
{
	int64_t now = loop_now_us(k->app->loop) / TIME_US;
	uint8_t key[SEEN_KEY];
	char buf[KEPT_VALUE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	noted_print(r, c, o, message_at, find_provider(k->app, c), &t);
	complaint_report_key(r, key);
	kept_put(&k->records, str_make((const char *)key, sizeof(key)),
	    text_view(&t), now);
	suppressed_note(&k->suppressed, c, str_from(o->account), now);
}

void
app_complaints_allow(struct app_complaints *c, const struct event *e)
{
	struct json *doc = json_parse(str_from(e->evidence), NULL);

	suppressed_end(&c->suppressed, str_from(e->subject),
	    json_text(json_get(doc, "address")));
	json_free(&doc);
}

void
app_complaints_tick(struct app_complaints *c)
{
	int64_t now = loop_now_us(c->app->loop) / TIME_US;
	const struct fbl_settings *s = &c->app->settings->fbl;

	c->records.max = (size_t)s->complaints_kept;
	c->suppressed.max = (size_t)s->suppressed_max;
	kept_tick(&c->records, now - s->complaint_retention, FORGET);
	kept_tick(&c->suppressed, 0, FORGET);
}
