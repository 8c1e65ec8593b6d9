/* app_complaints - what reports leave behind: records, and who wants no more
 */
#include "daemon/app_complaints.h"

#include "base/json.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "fbl/suppressed.h"
#include "ledger/keys.h"

enum { FORGET = 100 /* at once */ };

void
app_complaints_init(struct app_complaints *c, struct app *a)
{
	const struct fbl_settings *s = &a->settings->fbl;

	c->app = a;
	kept_init(&c->records, (size_t)s->complaints_kept);
	kept_init(&c->suppressed, (size_t)s->suppressed_max);
	if (strcmp(a->settings->daemon.redis_uri, "managed") == 0)
		return;
	c->spread_records = app_spread_new(KEYS_COMPLAINTS, &c->records);
	c->spread_suppressed = app_spread_new(KEYS_SUPPRESSED, &c->suppressed);
}

void
app_complaints_done(struct app_complaints *c)
{
	app_spread_free(&c->spread_records);
	app_spread_free(&c->spread_suppressed);
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
	    json_text(json_get(doc, "address")),
	    json_number(json_get(doc, "at"), e->at_us / TIME_US));
	json_free(&doc);
}

/* Who stands behind a login alone: what one of many wrote is nothing against
 * the others. */
static bool
name_account(
    struct app *a, const struct policy_request *q, struct text *account)
{
	const struct account_rules *rules = pipeline_accounts(a->pipeline);

	return (account_from_login(rules, q->sasl_username, account) ||
		   account_from_certificate(q->ccert_subject, account)) &&
	       !account_is_shared(rules, text_view(account));
}

/* Others' bytes: what isn't printable ASCII is none of the answer's. */
static void
add_ascii(struct text *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		text_char(out, s.p[i] > ' ' && s.p[i] < 0x7f ? s.p[i] : '?');
}

static void
print_refusal(const char *help, struct str recipient, struct text *out)
{
	char buf[400]; /* as ANSWER_BYTES */
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_add(&t, "REJECT 5.7.1 ");
	add_ascii(&t, str_head(recipient, 254));
	text_add(&t, " asked not to get mail from you any more");
	if (*help)
		text_add(&t, "; see ");
	add_ascii(&t, str_from(help));
	text_str(out, text_view(&t));
}

bool
app_complaints_refuses(struct app_complaints *c, const struct policy_request *q,
    struct text *action)
{
	struct app *a = c->app;
	const struct fbl_settings *s = &a->settings->fbl;
	char account[ACCOUNT_TEXT];
	struct text name;

	if (!s->refuse_suppressed || q->state != POLICY_RCPT ||
	    c->suppressed.items.n == 0)
		return false;
	text_init(&name, account, sizeof(account));
	if (!name_account(a, q, &name) ||
	    !suppressed_has(&c->suppressed, text_view(&name), q->recipient) ||
	    !standings_is_enforcing(pipeline_standings(a->pipeline)))
		return false;
	print_refusal(s->suppressed_help, q->recipient, action);
	metric_add(metrics_get(METRICS_POLICY_SUPPRESSED), 1);
	return true;
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
	if (!c->spread_records)
		return;
	struct redis *redis = app_board_redis(c->app->board);

	app_spread_tick(c->spread_records, redis, now - s->complaint_retention);
	app_spread_tick(c->spread_suppressed, redis, 0);
}
