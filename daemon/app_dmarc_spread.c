/* app_dmarc_spread - DMARC reports that came to one node are told to all */
#include "daemon/app_dmarc_spread.h"

#include <stdlib.h>

#include "base/error.h"
#include "domains/dmarc_pack.h"
#include "ledger/keys.h"

enum {
	PAGE = 4,      /* reports read a second */
	WAITING = 200, /* that Redis didn't take yet */
	KEEP_MS = 14 * 86400 * 1000,
	STREAM = 20000, /* reports */
	TRIM_TICKS = 600,
	PLACE = 48,
	PACK = 512 * 1024,
	DAY = 86400,
	UNVOUCHED_DAY = 8 << 20, /* bytes: anybody may have sent them */
};

struct app_dmarc_spread {
	struct dmarc_book *book;
	struct {
		char *p;
		size_t n;
	} waiting[WAITING]; /* a ring: the oldest gives way */
	size_t first, n;
	char place[PLACE];
	bool is_reading, is_telling;
	bool is_given_way; /* what is being told did, meanwhile */
	bool is_over;	   /* the last answer frees it */
	int64_t day;
	size_t unvouched; /* bytes, of that day */
	int64_t now, days;
	unsigned ticks;
};

static void
drop_first(struct app_dmarc_spread *s)
{
	free(s->waiting[s->first].p);
	s->first = (s->first + 1) % WAITING;
	s->n--;
}

static void
end(struct app_dmarc_spread *s)
{
	if (s->is_reading || s->is_telling)
		return;
	while (s->n > 0)
		drop_first(s);
	free(s);
}

/* The books here have them all the same. */
static bool
is_too_much(struct app_dmarc_spread *s, size_t n)
{
	if (s->now / DAY != s->day) {
		s->day = s->now / DAY;
		s->unvouched = 0;
	}
	if (s->unvouched + n > UNVOUCHED_DAY)
		return true;
	s->unvouched += n;
	return false;
}

void
app_dmarc_spread_tell(struct app_dmarc_spread *s, const struct dmarc_report *r,
    struct str reporter, bool is_vouched)
{
	struct text t;

	text_grow(&t, PACK);
	dmarc_pack(r, reporter, is_vouched, &t);
	/* A part of one is none. */
	if (t.is_cut || (!is_vouched && is_too_much(s, t.n))) {
		text_done(&t);
		return;
	}
	if (s->n == WAITING) {
		s->is_given_way = s->is_telling;
		drop_first(s);
	}
	size_t i = (s->first + s->n++) % WAITING;

	s->waiting[i].n = t.n;
	s->waiting[i].p = xalloc(t.n + 1, 1);
	memcpy(s->waiting[i].p, t.p, t.n);
	text_done(&t);
}

size_t
app_dmarc_spread_waiting(const struct app_dmarc_spread *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->waiting[(s->first + i) % WAITING].n;
	return n;
}

static void
on_told(void *ctx, const struct redis_reply *r)
{
	struct app_dmarc_spread *s = ctx;

	bool is_there = s->n > 0 && !s->is_given_way;

	s->is_telling = s->is_given_way = false;
	if (s->is_over)
		end(s);
	else if (r && redis_reply_type(r) == REDIS_STRING && is_there)
		drop_first(s);
}

static void
tell_one(struct app_dmarc_spread *s, struct redis *redis)
{
	char max[16];
	struct text t;

	if (s->is_telling || s->n == 0)
		return;
	text_init(&t, max, sizeof(max));
	text_u64(&t, STREAM);
	const struct str argv[] = {STR("XADD"), STR(KEYS_DMARC), STR("MAXLEN"),
	    STR("~"), text_view(&t), STR("*"), STR("r"),
	    str_make(s->waiting[s->first].p, s->waiting[s->first].n)};

	s->is_telling = true;
	redis_ask(redis, argv, 8, on_told, s);
}

static void
take_entry(struct app_dmarc_spread *s, const struct redis_reply *entry)
{
	const struct redis_reply *fields = redis_reply_at(entry, 1);
	struct dmarc_report r;
	struct str reporter;
	struct arena a;
	struct text place;
	bool is_vouched;

	text_init(&place, s->place, sizeof(s->place));
	text_str(&place, redis_reply_text(redis_reply_at(entry, 0)));
	if (redis_reply_count(fields) < 2)
		return;
	arena_init(&a);
	if (dmarc_unpack(redis_reply_text(redis_reply_at(fields, 1)), &a, &r,
		&reporter, &is_vouched))
		dmarc_book_add(s->book, &r, reporter, is_vouched, s->now,
		    s->days, NULL, NULL);
	arena_done(&a);
}

static void
on_page(void *ctx, const struct redis_reply *r)
{
	struct app_dmarc_spread *s = ctx;

	s->is_reading = false;
	if (s->is_over) {
		end(s);
		return;
	}
	if (!r || redis_reply_count(r) == 0 ||
	    redis_reply_count(redis_reply_at(r, 0)) < 2)
		return;
	const struct redis_reply *entries =
	    redis_reply_at(redis_reply_at(r, 0), 1);

	for (size_t i = 0; i < redis_reply_count(entries); i++) {
		const struct redis_reply *e = redis_reply_at(entries, i);

		if (redis_reply_count(e) >= 2)
			take_entry(s, e);
	}
}

static void
read_on(struct app_dmarc_spread *s, struct redis *redis)
{
	char count[16];
	struct text t;

	if (s->is_reading)
		return;
	text_init(&t, count, sizeof(count));
	text_u64(&t, PAGE);
	const struct str argv[] = {STR("XREAD"), STR("COUNT"), text_view(&t),
	    STR("STREAMS"), STR(KEYS_DMARC), str_from(s->place)};

	s->is_reading = true;
	redis_ask(redis, argv, 6, on_page, s);
}

static void
trim(const struct app_dmarc_spread *s, struct redis *redis)
{
	char id[24];
	struct text t;

	text_init(&t, id, sizeof(id));
	text_i64(&t, s->now * 1000 - KEEP_MS);
	const struct str argv[] = {
	    STR("XTRIM"), STR(KEYS_DMARC), STR("MINID"), text_view(&t)};

	redis_ask(redis, argv, 4, NULL, NULL);
}

void
app_dmarc_spread_tick(
    struct app_dmarc_spread *s, struct redis *redis, int64_t now, int64_t days)
{
	s->now = now;
	s->days = days;
	if (!redis || !redis_is_up(redis))
		return;
	if (s->ticks++ % TRIM_TICKS == 0)
		trim(s, redis);
	tell_one(s, redis);
	read_on(s, redis);
}

struct app_dmarc_spread *
app_dmarc_spread_new(struct dmarc_book *b)
{
	struct app_dmarc_spread *s = xalloc(1, sizeof(*s));

	s->book = b;
	/* Places are times: a Redis that lost its data goes on from here. */
	memcpy(s->place, "0-0", sizeof("0-0"));
	return s;
}

void
app_dmarc_spread_free(struct app_dmarc_spread **sp)
{
	struct app_dmarc_spread *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	s->is_over = true;
	end(s);
}
