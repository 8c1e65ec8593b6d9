/* app_complaints - what reports leave behind: records, and who wants no more
 */
#include "daemon/app_complaints.h"

#include "base/json.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "fbl/suppressed.h"
#include "ledger/keys.h"
#include "limits/complained.h"

enum {
	FORGET = 100, /* at once */
	LOOKS = 20000,
	FLUSH_TICKS = 10,
	WEEK = 7 * 86400,
	DAY = 86400,
};

void
app_complaints_init(struct app_complaints *c, struct app *a)
{
	const struct fbl_settings *s = &a->settings->fbl;

	c->app = a;
	kept_init(&c->records, (size_t)s->complaints_kept);
	kept_init(&c->suppressed, (size_t)s->suppressed_max);
	kept_init(&c->aggregates, (size_t)s->aggregates_kept);
	shares_init(&c->shares);
	if (strcmp(a->settings->daemon.redis_uri, "managed") == 0)
		return;
	c->spread_records = app_spread_new(KEYS_COMPLAINTS, &c->records);
	c->spread_suppressed = app_spread_new(KEYS_SUPPRESSED, &c->suppressed);
	c->spread_shares = app_spread_new(KEYS_SHARES, &c->shares.kept);
}

void
app_complaints_done(struct app_complaints *c)
{
	app_spread_free(&c->spread_records);
	app_spread_free(&c->spread_suppressed);
	app_spread_free(&c->spread_shares);
	shares_done(&c->shares);
	kept_done(&c->records);
	kept_done(&c->suppressed);
	kept_done(&c->aggregates);
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

/* Who is behind no provider that is known stands with all others of them. */
static struct str
share_name(const char *provider)
{
	return str_from(provider ? provider : "unknown");
}

static bool
is_told(struct app_complaints *k, const char *cause)
{
	enum { N = sizeof(k->told) / sizeof(k->told[0]) };

	for (size_t i = 0; i < N; i++) {
		if (strcmp(k->told[i], cause) == 0)
			return true;
	}
	memcpy(k->told[k->n_told++ % N], cause, sizeof(k->told[0]));
	return false;
}

/* More than a provider puts up with: told once a day, and when it is worse. */
static void
tell_share(struct app_complaints *k, const char *name, int64_t now)
{
	struct str provider = str_from(name);
	const struct limits_settings *s = &k->app->settings->limits;
	char reason[EVENT_TEXT], cause[33] = "";
	struct text t, c;
	struct share sum;

	shares_sum(&k->shares, provider, now - WEEK, &sum);
	uint64_t complaints = shares_weigh(&sum, (uint64_t)s->trap_weight);
	double share = complained_share(complaints, sum.v[SHARE_DELIVERED]);
	bool is_much = share >= (double)s->complaint_share;

	if (sum.v[SHARE_COMPLAINTS] < (uint64_t)s->complaint_floor ||
	    sum.v[SHARE_DELIVERED] == 0 || share < (double)s->complaint_watch)
		return;
	text_init(&t, reason, sizeof(reason));
	text_printf(&t,
	    "%llu complaints from %.*s in 7 days, with %llu recipients "
	    "delivered there%s",
	    (unsigned long long)sum.v[SHARE_COMPLAINTS], STR_ARG(provider),
	    (unsigned long long)sum.v[SHARE_DELIVERED],
	    is_much ? ": such a provider stops taking mail" : "");
	text_init(&c, cause, sizeof(cause));
	text_printf(&c, "%c%lld.%.*s", is_much ? 's' : 'w',
	    (long long)(now / DAY), (int)(provider.n < 20 ? provider.n : 20),
	    provider.p);
	if (is_told(k, cause))
		return;
	app_alarm_about(k->app, subject_kind_text(SUBJECT_PROVIDER), name,
	    COMPLAINED_RULE, reason, cause);
}

/* When all of them are taken, the next complaint is soon enough. */
static void
note_due(struct app_complaints *k, struct str provider)
{
	for (size_t i = 0; i < sizeof(k->due) / sizeof(k->due[0]); i++) {
		struct text t;

		if (*k->due[i] && !str_is(str_from(k->due[i]), provider))
			continue;
		text_init(&t, k->due[i], sizeof(k->due[i]));
		text_str(&t, provider);
		return;
	}
}

/* One a tick: it looks through all the days. */
static void
tell_due(struct app_complaints *k, int64_t now)
{
	char *due = k->due[k->ticks % (sizeof(k->due) / sizeof(k->due[0]))];

	if (!*due)
		return;
	shares_flush(&k->shares, now);
	tell_share(k, due, now);
	*due = '\0';
}

/* Of an address that isn't ours nothing is learned. */
static struct str
own_ip_of(const struct app *a, const struct ip *from)
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	ip_format(&t, from);
	const struct pool_ip *ip =
	    ip_is_none(from) ? NULL
			     : pools_ip_find(a->settings->pools, text_view(&t));

	return ip ? str_from(ip->name) : STR(OWN_IP_DEFAULT);
}

void
app_complaints_counted(struct app_complaints *k, const struct complaint *c,
    const struct ip *from, int64_t at)
{
	const char *name = find_provider(k->app, c);
	struct str provider = share_name(name);
	const struct series_note about = {.ip = own_ip_of(k->app, from),
	    .provider = str_from(name ? name : SERIES_OTHERS),
	    .at = at,
	    .n = 1,
	    .what = SERIES_COMPLAINTS};

	if (c->fact == FACT_NOT_SPAM)
		shares_add(&k->shares, provider, SHARE_NOT_SPAM, at);
	if (c->fact == FACT_TRAP)
		shares_add(&k->shares, provider, SHARE_TRAPS, at);
	if (c->fact != FACT_TRAP && c->fact != FACT_COMPLAINT)
		return;
	shares_add(&k->shares, provider, SHARE_COMPLAINTS, at);
	series_add(k->app->series, &about);
	note_due(k, provider);
}

void
app_complaints_delivered(struct app_complaints *k, const struct fact *f)
{
	shares_add(&k->shares, share_name(provider_of(k->app, f->recipient)),
	    SHARE_DELIVERED, f->at);
}

size_t
app_complaints_of(
    struct app_complaints *k, struct str account, struct noted *v, size_t max)
{
	const struct kept_item *i = kept_newest(&k->records);
	size_t n = 0;

	for (size_t looks = 0; i && n < max && looks < LOOKS;
	     looks++, i = i->older) {
		if (noted_is_of(i->value, account) &&
		    noted_parse(i->value, &v[n]))
			n++;
	}
	return n;
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
	c->aggregates.max = (size_t)s->aggregates_kept;
	kept_tick(&c->aggregates, 0, FORGET);
	if (c->ticks++ % FLUSH_TICKS == 0)
		shares_flush(&c->shares, now);
	tell_due(c, now);
	if (!c->spread_records)
		return;
	struct redis *redis = app_board_redis(c->app->board);

	app_spread_tick(
	    c->spread_records, redis, now - s->complaint_retention, now + DAY);
	app_spread_tick(c->spread_suppressed, redis, 0, now + DAY);
	app_spread_tick(c->spread_shares, redis,
	    now - (int64_t)SHARES_DAYS * DAY, now + DAY);
}
