/* app_wrong_sender - who sends under a wrong sender is told */
#include "daemon/app_wrong_sender.h"

#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_state.h"
#include "limits/sanction_event.h"
#include "notify/letter.h"

enum {
	DAY = 86400,
	WEEK = 7 * DAY,
	TOLD = 1024, /* accounts that are remembered without asking */
	FORWARDED = 64,
	EVENTS = 200, /* of an account, that are looked at */
	LOOKS = 5,    /* a second */
	TERMS = 480,
};

struct app_wrong_sender {
	struct app *app;
	/* Who was written to, or was found to have been: no events are read. */
	struct {
		uint64_t hash;
		int64_t at;
	} told[TOLD];
	int64_t day, letters; /* of that day */
	/* Letters about forwards: of that day, and the last ones' causes. */
	int64_t forward_day, forwards;
	uint64_t forwarded[FORWARDED];
	bool is_alarmed;
	int64_t second, looks; /* of that second */
};

/* What is told of an account. */
struct wrong {
	struct str account, domain, sender;
	const char *rung;
	bool is_refused;
	int64_t now;
};

struct last {
	const char *rung;
	int64_t at;
};

static void
on_event(void *ctx, const struct event *e)
{
	struct last *l = ctx;

	if (e->type == EVENT_SENDER && strcmp(e->rung, l->rung) == 0)
		l->at = e->at_us / TIME_US;
}

/* Other nodes' events are in the history, too. */
static bool
was_told(struct app_wrong_sender *w, const struct wrong *x)
{
	struct last last = {x->rung, 0};
	uint64_t hash = map_hash(x->account) ^ map_hash(str_from(x->rung));
	size_t i = hash % TOLD;

	if (w->told[i].hash != hash || w->told[i].at + WEEK <= x->now) {
		w->looks = w->second == x->now ? w->looks + 1 : 0;
		w->second = x->now;
		if (w->looks >= LOOKS)
			return true; /* another time */
		history_each(w->app->history,
		    str_from(subject_kind_text(SUBJECT_ACCOUNT)), x->account,
		    NULL, EVENTS, on_event, &last);
		w->told[i].hash = hash;
		w->told[i].at = last.at;
	}
	if (w->told[i].at + WEEK > x->now)
		return true;
	w->told[i].at = x->now;
	return false;
}

static bool
may_tell(struct app_wrong_sender *w, const struct fact *f, int64_t now)
{
	const struct app *a = w->app;

	if (now / DAY != w->day) {
		w->day = now / DAY;
		w->letters = 0;
	}
	return w->letters < a->settings->notify.sender_letters_per_day &&
	       standings_is_enforcing(pipeline_standings(a->pipeline)) &&
	       !f->is_shared && f->at + DAY > now &&
	       account_domain(f->account).n > 0;
}

bool
app_wrong_sender_has_letter(struct app_wrong_sender *w, const struct event *e)
{
	int64_t day = e->at_us / TIME_US / DAY;
	uint64_t cause = map_hash(str_from(e->cause));

	if (!letter_is_of_forward(e))
		return true;
	for (size_t i = 0; i < FORWARDED; i++) {
		if (w->forwarded[i] == cause)
			return true;
	}
	if (day != w->forward_day) {
		w->forward_day = day;
		w->forwards = 0;
	}
	if (w->forwards >= w->app->settings->notify.sender_letters_per_day)
		return false;
	w->forwarded[w->forwards++ % FORWARDED] = cause;
	return true;
}

/* What is missing in the SPF record. */
static void
print_terms(const struct domains_settings *s, struct text *out)
{
	if (*s->spf_include) {
		text_printf(out, "include:%s", s->spf_include);
		return;
	}
	for (size_t i = 0; i < s->sending_addresses.n; i++) {
		struct str helo;
		struct ip ip;

		if (out->n > TERMS - 64 ||
		    !domains_address(
			str_from(s->sending_addresses.v[i]), &ip, &helo))
			continue;
		text_printf(out, "%s%s:", out->n > 0 ? " " : "",
		    ip_is_v4(&ip) ? "ip4" : "ip6");
		ip_format(out, &ip);
	}
}

static void
print_evidence(
    const struct wrong *x, const struct domains_settings *s, struct event *e)
{
	char terms[TERMS];
	struct json_out j;
	struct text t;

	text_init(&t, terms, sizeof(terms));
	print_terms(s, &t);
	text_init(&t, e->evidence, sizeof(e->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "domain", x->domain);
	json_str(&j, "sender", x->sender);
	json_str(&j, "terms", str_from(terms));
	json_bool(&j, "is_refused", x->is_refused);
	json_close(&j);
}

/* Two nodes that find the same in a week name one cause. */
static void
print_cause(const struct wrong *x, char cause[33])
{
	char words[DNS_NAME + ACCOUNT_TEXT + 64];
	uint8_t hash[CRYPTO_SHA256];
	struct text t;

	text_init(&t, words, sizeof(words));
	text_printf(&t, "sender %s %.*s %.*s %lld", x->rung,
	    STR_ARG(x->account), STR_ARG(x->domain),
	    (long long)(x->now / WEEK));
	crypto_sha256(text_view(&t), hash);
	text_init(&t, cause, 33);
	text_hex(&t, hash, 16);
}

static void
tell(struct app_wrong_sender *w, const struct wrong *x)
{
	static struct event e;
	struct app *a = w->app;
	struct standing_state state;
	struct sanction_about about;
	bool is_spf = strcmp(x->rung, "spf") == 0;
	struct text t;

	w->letters++;
	pipeline_about(
	    a->pipeline, SUBJECT_ACCOUNT, x->account, &state, &about);
	sanction_event_begin(&about, EVENT_SENDER, &e);
	sanction_event_put(e.rung, sizeof(e.rung), str_from(x->rung));
	text_init(&t, e.rule, sizeof(e.rule));
	text_printable(&t, is_spf ? x->domain : x->sender);
	text_init(&t, e.reason, sizeof(e.reason));
	if (is_spf)
		text_printf(&t,
		    "sends under %.*s, whose SPF record does not let our "
		    "addresses send",
		    STR_ARG(x->domain));
	else {
		text_printf(
		    &t, "%s under ", x->is_refused ? "would send" : "sends");
		text_printable(&t, str_head(x->sender, 254));
		text_add(&t, ", an address that is not its own");
	}
	print_evidence(x, &a->settings->domains, &e);
	print_cause(x, e.cause);
	app_emit(a, &e);
}

/* A wrong list of our own addresses would have us write to everybody. */
static bool
is_our_fault(struct app_wrong_sender *w)
{
	bool is_one = app_domains_mostly_fail(w->app->domains);

	if (is_one && !w->is_alarmed)
		app_alarm_about(w->app, "domain", "", "spf",
		    "more than half of the domains don't let our addresses "
		    "send, by SPF: are sending_addresses complete? No owner is "
		    "written to because of it",
		    NULL);
	w->is_alarmed = is_one;
	return is_one;
}

static void
tell_unauthorised(struct app_wrong_sender *w, const struct fact *f, int64_t now)
{
	const struct domains_settings *s = &w->app->settings->domains;
	ptrdiff_t at = str_find_last(f->sender, STR("@"));
	char domain[DNS_NAME];
	struct wrong x = {
	    .account = f->account,
	    .sender = f->sender,
	    .rung = "spf",
	    .is_refused = s->refuse_unauthorised,
	    .now = now,
	};

	if (!may_tell(w, f, now) || at < 0 ||
	    !domains_is_domain(str_skip(f->sender, (size_t)at + 1), domain))
		return;
	x.domain = str_from(domain);
	if (!app_domains_may_tell(w->app->domains, domain) || is_our_fault(w) ||
	    was_told(w, &x))
		return;
	app_domains_told(w->app->domains, domain);
	tell(w, &x);
}

static void
tell_foreign(struct app_wrong_sender *w, const struct fact *f, int64_t now)
{
	struct wrong x = {
	    .account = f->account,
	    .domain = account_domain(f->account),
	    .sender = f->sender,
	    .rung = "sender",
	    .is_refused = f->kind == FACT_FOREIGN_SENDER,
	    .now = now,
	};

	if (may_tell(w, f, now) && !was_told(w, &x))
		tell(w, &x);
}

void
app_wrong_sender_fact(struct app_wrong_sender *w, const struct fact *f)
{
	int64_t now = loop_now_us(w->app->loop) / TIME_US;

	if (f->kind == FACT_SPF_FAILED)
		tell_unauthorised(w, f, now);
	else if (f->kind == FACT_FOREIGN_SENDER ||
		 (f->kind == FACT_ACCEPTED && !f->is_shared &&
		     app_wrong_sender_is(w->app, f->account, f->sender)))
		tell_foreign(w, f, now);
}

bool
app_wrong_sender_is(void *ctx, struct str account, struct str sender)
{
	const struct app *a = ctx;
	struct str own = account_domain(account);
	char name[ACCOUNT_TEXT];
	struct text t;

	if (own.n == 0 ||
	    account_is_shared(pipeline_accounts(a->pipeline), account))
		return false;
	text_init(&t, name, sizeof(name));
	account_claimed(sender, &t);
	struct str domain = account_domain(text_view(&t));

	return domain.n > 0 && !str_is_nocase(domain, own) &&
	       ledger_find(pipeline_ledger(a->pipeline), SUBJECT_ACCOUNT,
		   text_view(&t)) != NULL;
}

struct app_wrong_sender *
app_wrong_sender_new(struct app *a)
{
	struct app_wrong_sender *w = xalloc(1, sizeof(*w));

	w->app = a;
	return w;
}

void
app_wrong_sender_free(struct app_wrong_sender **w)
{
	free(*w);
	*w = NULL;
}
