/* app_forget - what is known of an account is forgotten, here */
#include "daemon/app_forget.h"

#include <assert.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_complaints.h"
#include "daemon/app_forget_redis.h"
#include "daemon/app_state.h"
#include "daemon/named.h"
#include "fbl/suppressed.h"
#include "limits/sanction_event.h"

enum {
	LATE = 5,
	NAME = FORGET_NAME,
	ABOUT = EVENT_ID + 64,
	SEALED = NAME + CRYPTO_NONCE + CRYPTO_TAG
};

struct app_forget {
	struct app *app;
	struct crypto_key seal, hash;
	struct app_forget_redis *redis;
	struct forgotten last;
};

static void tell(struct app *a, struct str account, struct str by,
    struct str reason, bool is_again);

static void
on_gone(void *ctx, struct str account, bool is_again, bool is_late)
{
	struct app_forget *f = ctx;

	ledger_forget(
	    pipeline_ledger(f->app->pipeline), SUBJECT_ACCOUNT, account);
	if (is_again && is_late)
		tell(f->app, account, STR("outpost"),
		    STR("a host heard of it late"), true);
}

struct app_forget *
app_forget_new(struct app *a)
{
	struct app_forget *f = xalloc(1, sizeof(*f));

	f->app = a;
	crypto_derive(&a->secret, STR("forget seal"), &f->seal);
	crypto_derive(&a->secret, STR("forget hash"), &f->hash);
	f->redis = app_forget_redis_new(&a->secret, on_gone, f);
	return f;
}

void
app_forget_free(struct app_forget **fp)
{
	struct app_forget *f = *fp;

	if (!f)
		return;
	*fp = NULL;
	app_forget_redis_free(&f->redis);
	free(f);
}

/* What is meant. */

static bool
is_event(void *ctx, struct str json)
{
	return named_in_event(json, *(struct str *)ctx);
}

static bool
is_record(void *ctx, const struct kept_item *i)
{
	struct str account = *(struct str *)ctx;

	return noted_is_of(i->value, account) ||
	       (str_find_char(account, '@') >= 0 &&
		   named_in(i->value, account));
}

static bool
is_suppressed(void *ctx, const struct kept_item *i)
{
	struct str account = *(struct str *)ctx;

	return i->key.n > account.n && i->key.p[account.n] == '\0' &&
	       str_starts(i->key, account);
}

static void
drop_rooms(struct app *a, struct str account, struct forgotten *out)
{
	struct ledger *l = pipeline_ledger(a->pipeline);
	struct standings *s = pipeline_standings(a->pipeline);
	struct app_complaints *k = app_fbl_complaints(a->fbl);

	out->cases = app_cases_forget(a, account);
	out->has_standing = standings_forget(s, SUBJECT_ACCOUNT, account);
	out->is_counted = ledger_forget(l, SUBJECT_ACCOUNT, account);
	out->is_counted |= ledger_forget(l, SUBJECT_CLAIMED, account);
	samples_forget(a->samples, account);
	out->events = history_drop(a->history, is_event, &account);
	out->complaints = kept_drop(&k->records, is_record, &account);
	out->suppressed = kept_drop(&k->suppressed, is_suppressed, &account);
	if (app_board_notifiers(a->board))
		out->deliveries = notifiers_forget(
		    app_board_notifiers(a->board), is_event, &account);
	out->lines = app_evidence_forget(app_cases_evidence(a->cases), account);
	app_plans_forget(a->plans, account);
	app_incidents_forget(a->incidents, account);
	app_hooks_forget(a->hooks, account);
	directory_forget(app_letters_directory(a->letters), account);
	a->tables_stale = true;
}

/* What is sealed is of this event alone: who told it again by another name, in
 * Redis, would forget who is known again. */
static struct str
seal_about(const struct event *e, char buf[ABOUT])
{
	char id[EVENT_ID];
	struct text t;

	event_id(e, id);
	text_init(&t, buf, ABOUT);
	text_printf(&t, "%s %s", id, e->subject);
	return text_view(&t);
}

/* The name in the event: base64url of nonce, cipher text, tag. */
static bool
open_name(const struct app_forget *f, const struct event *e, char name[NAME])
{
	struct json *doc = json_parse(str_from(e->evidence), NULL);
	char about[ABOUT];
	uint8_t sealed[SEALED], plain[SEALED];
	size_t n, plain_n;
	bool is_ours = crypto_from_base64url(json_text(json_get(doc, "sealed")),
			   sealed, SEALED, &n) &&
		       crypto_open(&f->seal, str_make((char *)sealed, n),
			   seal_about(e, about), plain, &plain_n) &&
		       plain_n < NAME;

	if (is_ours) {
		memcpy(name, plain, plain_n);
		name[plain_n] = '\0';
	}
	json_free(&doc);
	return is_ours;
}

void
app_forget_effect(struct app *a, const struct event *e)
{
	struct app_forget *f = a->forget;
	char name[NAME];

	f->last = (struct forgotten){0};
	if (!open_name(f, e, name)) {
		log_error("%s can't be forgotten: it was told by a host with "
			  "another secret_file, or isn't genuine",
		    e->subject);
		return;
	}
	drop_rooms(a, str_from(name), &f->last);
	app_forget_redis_add(f->redis, name,
	    !e->is_again && loop_now_us(a->loop) - e->at_us > LATE * TIME_US);
}

static void
put_sealed(const struct app_forget *f, struct str account, struct event *e)
{
	uint8_t sealed[SEALED];
	struct json_out j;
	struct text t, b;
	char buf[2 * SEALED], about[ABOUT];

	assert(account.n < NAME);
	size_t n = crypto_seal(&f->seal, account, seal_about(e, about), sealed);

	text_init(&b, buf, sizeof(buf));
	crypto_base64url(&b, sealed, n);
	text_init(&t, e->evidence, sizeof(e->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "sealed", text_view(&b));
	json_close(&j);
}

static void
tell(struct app *a, struct str account, struct str by, struct str reason,
    bool is_again)
{
	static struct event e;
	struct standing_state state;
	struct sanction_about about;
	struct text t;

	pipeline_about(a->pipeline, SUBJECT_ACCOUNT, account, &state, &about);
	memset(&e, 0, sizeof(e));
	e.type = EVENT_FORGET;
	e.at_us = about.now_us;
	e.seq = about.seq;
	e.is_operator = !is_again;
	e.is_again = is_again;
	sanction_event_put(e.node, sizeof(e.node), str_from(about.node));
	sanction_event_put(e.kind, sizeof(e.kind),
	    str_from(subject_kind_text(SUBJECT_ACCOUNT)));
	sanction_event_put(e.by, sizeof(e.by), by);
	sanction_event_put(e.reason, sizeof(e.reason), reason);
	text_init(&t, e.subject, sizeof(e.subject));
	text_printf(&t, "forgotten-%016llx",
	    (unsigned long long)crypto_hash64(&a->forget->hash, account));
	put_sealed(a->forget, account, &e);
	standings_own_cause(&e, e.cause);
	app_emit(a, &e);
}

void
app_forget_order(struct app *a, struct str account, struct str by,
    struct str reason, struct forgotten *out)
{
	tell(a, account, by, reason, false);
	*out = a->forget->last;
}

void
app_forget_tick(struct app *a)
{
	app_forget_redis_tick(a->forget->redis, app_board_redis(a->board),
	    app_board_of(a->board), loop_now_us(a->loop) / TIME_US,
	    strcmp(a->settings->daemon.redis_uri, "managed") == 0);
}
