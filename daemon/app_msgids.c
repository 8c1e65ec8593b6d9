/* app_msgids - whose message a Message-ID or a queue id is, kept in Redis */
#include "daemon/app_msgids.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"
#include "fbl/msgids.h"
#include "ledger/keys.h"
#include "mta/account.h"

enum {
	PLACES = 16384,
	KEY = sizeof(KEYS_MSGIDS_ACCOUNT) + MSGIDS_KEY,
	WAITING_MAX = 5000, /* the connection is the board's, too */
	EXPIRE_EVERY = 64,  /* entries: should the first EXPIRE get lost */
	NAME_KEPT = 10,	    /* days longer than the entries */
	ANSWERS = 256,	    /* kept for who asks again */
	ANSWER_KEPT = 10,   /* seconds */
};

/* An account whose name was told. */
struct place {
	uint8_t account[MSGIDS_ACCOUNT];
	uint16_t day; /* the low bits; 0: none */
};

/* What was found for a Message-ID, for who asks again. */
struct found {
	struct msgids_place place;
	enum { FOUND_NOTHING, FOUND_ASKED, FOUND_ANSWERED } state;
	int64_t at;		    /* of the answer, or the question */
	char account[ACCOUNT_TEXT]; /* empty: nobody's */
};

struct app_msgids {
	struct msgids index;
	struct redis *redis;
	struct place v[PLACES];
	struct found found[ANSWERS];
};

/* An entry under way: its key needs an end when it is new. */
struct append {
	struct app_msgids *msgids;
	int64_t day, kept;
	unsigned bucket;
	bool is_queue;
};

/* A block to be looked at. */
struct look {
	struct msgids_place place;
	int64_t day;
};

struct question {
	struct app_msgids *msgids;
	struct msgids_place place; /* what it is known by */
	uint8_t account[MSGIDS_ACCOUNT];
	int64_t at, now, days;
	size_t next;			 /* to be looked at */
	struct look hours[MSGIDS_HOURS]; /* of a queue id */
	size_t n_hours;
	struct look look; /* the one under way */
	bool is_old;	  /* the name is looked for where it was once */
};

struct app_msgids *
app_msgids_new(const struct crypto_key *secret)
{
	struct app_msgids *m = xalloc(1, sizeof(*m));

	msgids_init(&m->index, secret);
	return m;
}

void
app_msgids_free(struct app_msgids **m)
{
	free(*m);
	*m = NULL;
}

void
app_msgids_connect(struct app_msgids *m, struct redis *redis)
{
	m->redis = redis;
}

static struct str
print_block(
    struct text *t, char buf[KEY], bool is_queue, int64_t day, unsigned bucket)
{
	text_init(t, buf, KEY);
	text_add(t, is_queue ? KEYS_QUEUE_IDS : KEYS_MSGIDS);
	msgids_key(t, day, bucket);
	return text_view(t);
}

static struct str
print_names(struct text *t, char buf[KEY], int64_t day,
    const uint8_t account[MSGIDS_ACCOUNT])
{
	text_init(t, buf, KEY);
	text_add(t, KEYS_MSGIDS_NAMES);
	msgids_names_key(t, day, account);
	return text_view(t);
}

static struct str
number_of(const uint8_t account[MSGIDS_ACCOUNT])
{
	return str_make((const char *)account, MSGIDS_ACCOUNT);
}

/* Where it was told until names shared hashes. */
static struct str
print_account(
    struct text *t, char buf[KEY], const uint8_t account[MSGIDS_ACCOUNT])
{
	text_init(t, buf, KEY);
	text_add(t, KEYS_MSGIDS_ACCOUNT);
	msgids_account_key(t, account);
	return text_view(t);
}

/* The account's name, once a day. */
static void
tell_name(struct app_msgids *m, int64_t kept, struct str account,
    const uint8_t number[MSGIDS_ACCOUNT], int64_t day)
{
	struct place *p =
	    &m->v[(number[0] | (unsigned)number[1] << 8) % PLACES];
	char key[KEY], seconds[32];
	struct text k, s;

	if (p->day == (uint16_t)day &&
	    memcmp(p->account, number, MSGIDS_ACCOUNT) == 0)
		return;
	memcpy(p->account, number, MSGIDS_ACCOUNT);
	p->day = (uint16_t)day;
	text_init(&s, seconds, sizeof(seconds));
	text_i64(&s, kept + (int64_t)NAME_KEPT * MSGIDS_DAY);
	const struct str argv[] = {STR("HSET"),
	    print_names(&k, key, day, number), number_of(number), account};
	const struct str expire[] = {STR("EXPIRE"), argv[1], text_view(&s)};

	redis_ask(m->redis, argv, 4, NULL, NULL);
	redis_ask(m->redis, expire, 3, NULL, NULL);
}

static void
on_appended(void *ctx, const struct redis_reply *reply)
{
	struct append *a = ctx;
	struct app_msgids *m = a->msgids;
	char key[KEY], seconds[32];
	struct text k, s;

	if (reply && m->redis && redis_reply_type(reply) == REDIS_INTEGER &&
	    (redis_reply_integer(reply) / MSGIDS_ENTRY) % EXPIRE_EVERY == 1) {
		text_init(&s, seconds, sizeof(seconds));
		text_i64(&s, a->day * MSGIDS_DAY + a->kept + MSGIDS_DAY);
		const struct str argv[] = {STR("EXPIREAT"),
		    print_block(&k, key, a->is_queue, a->day, a->bucket),
		    text_view(&s)};

		redis_ask(m->redis, argv, 3, NULL, NULL);
	}
	free(a);
}

static bool
can_tell(const struct app_msgids *m, int64_t kept)
{
	return kept > 0 && m->redis && redis_is_up(m->redis) &&
	       redis_waiting(m->redis) <= WAITING_MAX;
}

static void
tell(struct app_msgids *m, int64_t kept, struct str account,
    const struct msgids_place *place, int64_t at)
{
	uint8_t number[MSGIDS_ACCOUNT], entry[MSGIDS_ENTRY];
	struct append *a = xalloc(1, sizeof(*a));
	char key[KEY];
	struct text k;

	msgids_account(&m->index, account, number);
	tell_name(m, kept, account, number, at / MSGIDS_DAY);
	msgids_entry(place, number, entry);
	*a = (struct append){
	    m, at / MSGIDS_DAY, kept, place->bucket, place->is_queue};
	const struct str argv[] = {STR("APPEND"),
	    print_block(&k, key, a->is_queue, a->day, a->bucket),
	    str_make((const char *)entry, sizeof(entry))};

	redis_ask(m->redis, argv, 3, on_appended, a);
}

void
app_msgids_tell(struct app_msgids *m, int64_t kept, struct str account,
    struct str message_id, int64_t at)
{
	struct msgids_place place;

	if (can_tell(m, kept) && msgids_place(&m->index, message_id, &place))
		tell(m, kept, account, &place, at);
}

void
app_msgids_tell_queue(struct app_msgids *m, int64_t kept, struct str account,
    struct str host, struct str queue_id, int64_t at)
{
	struct msgids_place place;

	if (can_tell(m, kept) &&
	    msgids_place_queue(&m->index, host, queue_id, at, &place))
		tell(m, kept, account, &place, at);
}

static bool
is_same(const struct msgids_place *a, const struct msgids_place *b)
{
	return a->bucket == b->bucket &&
	       memcmp(a->tag, b->tag, MSGIDS_TAG) == 0;
}

static struct found *
find_place(struct app_msgids *m, const struct msgids_place *place)
{
	return &m->found[place->bucket % ANSWERS];
}

/* Another question may have taken the place meanwhile. */
static void
answer(struct question *q, struct str account)
{
	struct found *f = find_place(q->msgids, &q->place);
	struct text t;

	if (f->state == FOUND_ASKED && is_same(&f->place, &q->place)) {
		f->state = FOUND_ANSWERED;
		text_init(&t, f->account, sizeof(f->account));
		text_str(&t, account);
	}
	free(q);
}

static void on_name(void *ctx, const struct redis_reply *reply);

static void
ask_old_name(struct question *q)
{
	char key[KEY];
	struct text k;
	const struct str argv[] = {
	    STR("GET"), print_account(&k, key, q->account)};

	redis_ask(q->msgids->redis, argv, 2, on_name, q);
}

static void
on_name(void *ctx, const struct redis_reply *reply)
{
	struct question *q = ctx;
	uint8_t number[MSGIDS_ACCOUNT];
	struct str name = STR("");

	if (reply && redis_reply_type(reply) == REDIS_NIL && !q->is_old &&
	    q->msgids->redis) {
		q->is_old = true;
		ask_old_name(q);
		return;
	}
	if (reply && redis_reply_type(reply) == REDIS_STRING)
		name = redis_reply_text(reply);
	msgids_account(&q->msgids->index, name, number);
	if (name.n > ACCOUNT_MAX ||
	    memcmp(number, q->account, MSGIDS_ACCOUNT) != 0)
		name = STR("");
	answer(q, name);
}

static void on_block(void *ctx, const struct redis_reply *reply);

static bool
next_look(struct question *q, struct look *out)
{
	size_t i = q->next++;

	*out = (struct look){q->place, 0};
	if (!q->place.is_queue)
		return msgids_day(q->at, q->now, q->days, i, &out->day);
	if (i >= q->n_hours)
		return false;
	*out = q->hours[i];
	return true;
}

/* The next block, or the end. */
static void
look(struct question *q)
{
	char key[KEY];
	struct text k;

	if (!next_look(q, &q->look)) {
		answer(q, STR(""));
		return;
	}
	const struct str argv[] = {
	    STR("GET"), print_block(&k, key, q->place.is_queue, q->look.day,
			    q->look.place.bucket)};

	redis_ask(q->msgids->redis, argv, 2, on_block, q);
}

static void
on_block(void *ctx, const struct redis_reply *reply)
{
	struct question *q = ctx;
	struct str block = STR("");
	char key[KEY];
	struct text k;

	if (!reply || !q->msgids->redis) {
		answer(q, STR(""));
		return;
	}
	if (redis_reply_type(reply) == REDIS_STRING)
		block = redis_reply_text(reply);
	if (!msgids_find(block, &q->look.place, q->account)) {
		look(q);
		return;
	}
	const struct str argv[] = {STR("HGET"),
	    print_names(&k, key, q->look.day, q->account),
	    number_of(q->account)};

	redis_ask(q->msgids->redis, argv, 3, on_name, q);
}

/* True: it was answered lately, or it was asked; else is to be asked. */
static bool
find_answer(struct app_msgids *m, const struct msgids_place *place, int64_t now,
    struct text *account, bool *is_later)
{
	struct found *f = find_place(m, place);

	if (f->state != FOUND_NOTHING && is_same(&f->place, place) &&
	    now - f->at <= ANSWER_KEPT) {
		*is_later |= f->state == FOUND_ASKED;
		text_add(account, f->state == FOUND_ASKED ? "" : f->account);
		return true;
	}
	*f = (struct found){*place, FOUND_ASKED, now, ""};
	*is_later = true;
	return false;
}

bool
app_msgids_find(struct app_msgids *m, int64_t kept, struct str message_id,
    int64_t at, int64_t now, struct text *account, bool *is_later)
{
	struct msgids_place place;
	struct question *q;

	if (kept <= 0 || !m->redis ||
	    !msgids_place(&m->index, message_id, &place))
		return false;
	if (find_answer(m, &place, now, account, is_later))
		return account->n > 0;
	q = xalloc(1, sizeof(*q));
	*q = (struct question){.msgids = m,
	    .place = place,
	    .at = at,
	    .now = now,
	    .days = kept / MSGIDS_DAY};
	look(q);
	return false;
}

static void
find_hours(struct question *q, struct str host, struct str queue_id, int64_t at)
{
	int64_t hour;

	for (size_t i = 0; msgids_hour(at, i, &hour); i++) {
		struct look *l = &q->hours[q->n_hours];

		l->day = hour / MSGIDS_DAY;
		q->n_hours += msgids_place_queue(
		    &q->msgids->index, host, queue_id, hour, &l->place);
	}
}

bool
app_msgids_find_queue(struct app_msgids *m, int64_t kept, struct str host,
    struct str queue_id, int64_t at, int64_t now, struct text *account,
    bool *is_later)
{
	struct question q = {.msgids = m, .at = at, .now = now}, *asked;

	if (kept <= 0 || !m->redis || at == TIME_NEVER)
		return false;
	find_hours(&q, host, queue_id, at);
	if (q.n_hours == 0)
		return false;
	q.place = q.hours[0].place;
	if (find_answer(m, &q.place, now, account, is_later))
		return account->n > 0;
	asked = xalloc(1, sizeof(*asked));
	*asked = q;
	look(asked);
	return false;
}
