/* app_forget_redis - clears Redis of what names an account */
#include "daemon/app_forget_redis.h"

#include <stdlib.h>

#include "base/text.h"
#include "daemon/named.h"
#include "fbl/msgids.h"
#include "ledger/board.h"
#include "ledger/keys.h"
#include "ledger/ledger.h"
#include "mta/ref.h"

enum {
	NAME = 321,
	PLACE = 48,
	PAGE = 50,
	PAGE_IDS = PAGE + 2,
	KEYS = 5,
	KEY = 400,
	ERAS = 5, /* more than message_ids_kept and ten days can be */
};

/* When, since it was ordered; a minute late is no matter. */
static const int64_t passes[] = {0, 5, 60, 600};
enum { PASSES = sizeof(passes) / sizeof(passes[0]), EARLY = 2 };

static const char *const streams[] = {
    KEYS_EVENTS, KEYS_COMPLAINTS, KEYS_SUPPRESSED, KEYS_PLANS};
enum { STREAMS = sizeof(streams) / sizeof(streams[0]) };

struct clearing {
	struct clearing *next;
	int64_t since; /* 0: not begun */
	size_t pass;
	bool is_late;
	char account[NAME];
};

struct app_forget_redis {
	struct msgids msgids;
	app_forget_gone_fn *on_gone;
	void *ctx;
	struct clearing *first;
	struct redis *redis;
	struct board *board;
	size_t stream; /* that is read; STREAMS: none */
	char place[PLACE];
	bool is_busy; /* a question is under way */
	bool is_own;
};

struct app_forget_redis *
app_forget_redis_new(
    const struct crypto_key *secret, app_forget_gone_fn *on_gone, void *ctx)
{
	struct app_forget_redis *f = xalloc(1, sizeof(*f));

	msgids_init(&f->msgids, secret);
	f->stream = STREAMS;
	f->on_gone = on_gone;
	f->ctx = ctx;
	return f;
}

void
app_forget_redis_free(struct app_forget_redis **fp)
{
	struct app_forget_redis *f = *fp;

	if (!f)
		return;
	*fp = NULL;
	while (f->first) {
		struct clearing *c = f->first;

		f->first = c->next;
		free(c);
	}
	free(f);
}

void
app_forget_redis_add(
    struct app_forget_redis *f, const char *account, bool is_late)
{
	struct clearing *c = xalloc(1, sizeof(*c)), **end = &f->first;
	struct text t;

	text_init(&t, c->account, sizeof(c->account));
	text_add(&t, account);
	c->is_late = is_late;
	while (*end)
		end = &(*end)->next;
	*end = c;
}

/* The others' turn. */
static void
rotate(struct app_forget_redis *f)
{
	struct clearing *c = f->first, **end;

	f->first = c->next;
	c->next = NULL;
	for (end = &f->first; *end;)
		end = &(*end)->next;
	*end = c;
}

static void
end_pass(struct app_forget_redis *f)
{
	struct clearing *c = f->first;

	f->stream = STREAMS;
	if (c->pass < EARLY)
		f->on_gone(
		    f->ctx, str_from(c->account), c->pass > 0, c->is_late);
	if (++c->pass < PASSES) {
		rotate(f);
		return;
	}
	f->first = c->next;
	free(c);
}

static void read_on(struct app_forget_redis *f);

/* Down, or it doesn't know the command: this pass comes again. */
static bool
is_bad(struct app_forget_redis *f, const struct redis_reply *r)
{
	if (r && redis_reply_type(r) != REDIS_ERROR)
		return false;
	f->stream = STREAMS;
	f->is_busy = false;
	return true;
}

static void
on_cleared(void *ctx, const struct redis_reply *r)
{
	struct app_forget_redis *f = ctx;

	if (!is_bad(f, r))
		read_on(f);
}

static void
next_stream(struct app_forget_redis *f)
{
	memcpy(f->place, "-", sizeof("-"));
	if (++f->stream < STREAMS) {
		read_on(f);
		return;
	}
	const struct str argv[] = {STR("BGREWRITEAOF")};

	if (f->is_own)
		redis_ask(f->redis, argv, 1, NULL, NULL);
	f->is_busy = false;
	end_pass(f);
}

static bool
is_meant(const struct app_forget_redis *f, const struct redis_reply *entry)
{
	const struct redis_reply *fields = redis_reply_at(entry, 1);
	struct str account = str_from(f->first->account);

	for (size_t i = 1; i < redis_reply_count(fields); i++) {
		struct str v = redis_reply_text(redis_reply_at(fields, i));

		if (f->stream == 0 ? named_in_event(v, account)
				   : named_in(v, account))
			return true;
	}
	return false;
}

static void
on_page(void *ctx, const struct redis_reply *r)
{
	struct app_forget_redis *f = ctx;
	struct str argv[PAGE_IDS] = {STR("XDEL")};
	size_t n = redis_reply_count(r), ids = 2;
	struct text t;

	if (is_bad(f, r))
		return;
	argv[1] = str_from(streams[f->stream]);
	for (size_t i = 0; i < n && i < PAGE; i++) {
		const struct redis_reply *entry = redis_reply_at(r, i);

		if (redis_reply_count(entry) < 2)
			continue;
		text_init(&t, f->place, sizeof(f->place));
		text_char(&t, '(');
		text_str(&t, redis_reply_text(redis_reply_at(entry, 0)));
		if (is_meant(f, entry))
			argv[ids++] =
			    redis_reply_text(redis_reply_at(entry, 0));
	}
	if (n < PAGE && ids == 2) {
		next_stream(f);
		return;
	}
	if (ids == 2)
		read_on(f);
	else
		redis_ask(f->redis, argv, ids, on_cleared, f);
}

static void
read_on(struct app_forget_redis *f)
{
	char count[16];
	struct text t;

	text_init(&t, count, sizeof(count));
	text_i64(&t, PAGE);
	const struct str argv[] = {STR("XRANGE"), str_from(streams[f->stream]),
	    str_from(f->place), STR("+"), STR("COUNT"), text_view(&t)};

	redis_ask(f->redis, argv, 6, on_page, f);
}

/* Its name beside its number, of as long as Message-IDs may be kept. */
static void
clear_names(struct app_forget_redis *f, const uint8_t number[MSGIDS_ACCOUNT],
    int64_t now)
{
	char key[KEY];
	struct text k;

	for (int64_t i = -1; i <= ERAS; i++) {
		text_init(&k, key, sizeof(key));
		text_add(&k, KEYS_MSGIDS_NAMES);
		msgids_names_key(&k, now / MSGIDS_DAY - i * MSGIDS_ERA, number);
		const struct str argv[] = {STR("HDEL"), text_view(&k),
		    str_make((const char *)number, MSGIDS_ACCOUNT)};

		redis_ask(f->redis, argv, 3, NULL, NULL);
	}
}

/* DEL of what is named by it. */
static void
clear_keys(struct app_forget_redis *f, int64_t now)
{
	struct str account = str_from(f->first->account), argv[1 + KEYS];
	uint8_t number[MSGIDS_ACCOUNT];
	char keys[3][KEY];
	struct text t[3];

	for (int i = 0; i < 3; i++)
		text_init(&t[i], keys[i], KEY);
	board_forget(f->board, SUBJECT_ACCOUNT, account);
	board_forget(f->board, SUBJECT_CLAIMED, account);
	text_printf(&t[0], "%s%c:%.*s", KEYS_COUNTS,
	    subject_kind_letter(SUBJECT_ACCOUNT), STR_ARG(account));
	text_printf(&t[1], "%s%c:%.*s", KEYS_COUNTS,
	    subject_kind_letter(SUBJECT_CLAIMED), STR_ARG(account));
	msgids_account(&f->msgids, account, number);
	clear_names(f, number, now);
	text_add(&t[2], KEYS_MSGIDS_ACCOUNT);
	msgids_account_key(&t[2], number);
	/* One by one: a cluster has each elsewhere. */
	argv[0] = STR("DEL");
	for (int i = 0; i < 3; i++) {
		argv[1] = text_view(&t[i]);
		redis_ask(f->redis, argv, 2, i < 2 ? NULL : on_cleared, f);
	}
}

void
app_forget_redis_tick(struct app_forget_redis *f, struct redis *redis,
    struct board *board, int64_t now, bool is_own)
{
	struct clearing *c = f->first;

	f->is_own = is_own;
	if (f->is_busy || !c || !redis || !redis_is_up(redis))
		return;
	if (c->since == 0)
		c->since = now;
	if (now - c->since < passes[c->pass]) {
		rotate(f);
		return;
	}
	f->redis = redis;
	f->board = board;
	f->is_busy = true;
	f->stream = 0;
	memcpy(f->place, "-", sizeof("-"));
	clear_keys(f, now);
}
