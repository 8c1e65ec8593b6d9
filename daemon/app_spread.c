/* app_spread - a list that all nodes have, told through Redis */
#include "daemon/app_spread.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "ledger/epoch.h"

enum {
	PAGE = 64,    /* entries a turn of the loop */
	LOOKS = 2000, /* entries looked at in a tick, whether they are told */
	ADDS = 200,   /* and added; a flood waits */
	WAITING_MAX = 2000, /* the connection is the board's, too */
	CHECK_TICKS = 5,
	TRIM_TICKS = 10,
	PAUSE_TICKS = 60,
	PLACE = 48,
};

struct app_spread {
	struct kept *list;
	const char *key;
	struct redis *redis; /* NULL: down */
	int64_t since, until;
	uint32_t round; /* one for each time all is read; never 0 */
	char place[PLACE], epoch[EPOCH];
	unsigned ticks, pause; /* pause: until all is read again */
	size_t in_flight;
	bool is_reading, is_current, is_walking;
	bool is_lost; /* all is to be read again */
};

struct question {
	struct app_spread *spread;
	uint32_t round;
};

struct app_spread *
app_spread_new(const char *key, struct kept *list)
{
	struct app_spread *s = xalloc(1, sizeof(*s));

	s->key = key;
	s->list = list;
	s->is_lost = true;
	list->is_spread = true;
	return s;
}

void
app_spread_free(struct app_spread **s)
{
	free(*s);
	*s = NULL;
}

static struct question *
new_question(struct app_spread *s)
{
	struct question *q = xalloc(1, sizeof(*q));

	*q = (struct question){s, s->round};
	return q;
}

/* Reading. */

static struct str
find_field(const struct redis_reply *fields, struct str name)
{
	for (size_t i = 0; i + 1 < redis_reply_count(fields); i += 2) {
		if (str_is(redis_reply_text(redis_reply_at(fields, i)), name))
			return redis_reply_text(redis_reply_at(fields, i + 1));
	}
	return STR("");
}

static void
take_entry(struct app_spread *s, const struct redis_reply *entry)
{
	const struct redis_reply *fields;
	struct kept_item *mine;
	struct text place;
	int64_t at;

	if (redis_reply_count(entry) < 2)
		return;
	text_init(&place, s->place, sizeof(s->place));
	text_str(&place, redis_reply_text(redis_reply_at(entry, 0)));
	fields = redis_reply_at(entry, 1);
	struct str key = find_field(fields, STR("k"));
	struct str value = find_field(fields, STR("v"));

	if (key.n == 0 || !str_to_i64(find_field(fields, STR("t")), &at) ||
	    at < s->since || at > s->until)
		return;
	kept_merge(s->list, key, value, at);
	mine = map_find(&s->list->items, key);
	if (mine && mine->at == at && str_is(mine->value, value))
		mine->spread = s->round;
}

static size_t
take_page(struct app_spread *s, const struct redis_reply *r)
{
	if (redis_reply_count(r) == 0 ||
	    redis_reply_count(redis_reply_at(r, 0)) < 2)
		return 0;
	const struct redis_reply *entries =
	    redis_reply_at(redis_reply_at(r, 0), 1);

	for (size_t i = 0; i < redis_reply_count(entries); i++)
		take_entry(s, redis_reply_at(entries, i));
	return redis_reply_count(entries);
}

static void on_page(void *ctx, const struct redis_reply *r);

static void
read_on(struct app_spread *s)
{
	char count[16];

	if (s->is_reading || !s->redis || !redis_is_up(s->redis))
		return;
	snprintf(count, sizeof(count), "%d", PAGE);
	const struct str argv[] = {STR("XREAD"), STR("COUNT"), str_from(count),
	    STR("STREAMS"), str_from(s->key), str_from(s->place)};

	s->is_reading = true;
	redis_ask(s->redis, argv, 6, on_page, new_question(s));
}

static void
on_page(void *ctx, const struct redis_reply *r)
{
	struct question *q = ctx;
	struct app_spread *s = q->spread;
	bool is_ours = q->round == s->round;

	free(q);
	s->is_reading = false;
	if (!r || redis_reply_type(r) == REDIS_ERROR) {
		s->is_lost |= !r;
		return;
	}
	if (!is_ours)
		return;
	if (take_page(s, r) == PAGE) {
		read_on(s);
		return;
	}
	if (s->is_current)
		return;
	s->is_current = s->is_walking = true;
	kept_walk(s->list);
}

/* Adding. */

static void add_some(struct app_spread *s);

/* A walk goes on as fast as Redis takes it; a flood of news waits its tick. */
static void
on_added(void *ctx, const struct redis_reply *r)
{
	struct app_spread *s = ctx;

	s->in_flight--;
	if (r && redis_reply_type(r) == REDIS_ERROR && !s->is_lost)
		s->pause = PAUSE_TICKS;
	if (!r || redis_reply_type(r) != REDIS_STRING)
		s->is_lost = true;
	else if (s->in_flight == 0 && s->is_walking && !s->is_lost && s->redis)
		add_some(s);
}

static bool
add(struct app_spread *s, struct kept_item *i)
{
	char max[24], at[24];
	struct text m, t;

	if (i->spread == s->round || i->at < s->since || i->at > s->until)
		return false;
	text_init(&m, max, sizeof(max));
	text_u64(&m, s->list->max);
	text_init(&t, at, sizeof(at));
	text_i64(&t, i->at);
	const struct str argv[] = {STR("XADD"), str_from(s->key), STR("MAXLEN"),
	    STR("~"), text_view(&m), STR("*"), STR("k"), i->key, STR("t"),
	    text_view(&t), STR("v"), i->value};

	i->spread = s->round;
	s->in_flight++;
	redis_ask(s->redis, argv, 12, on_added, s);
	return true;
}

static void
add_some(struct app_spread *s)
{
	struct kept_item *i = NULL;
	int adds = 0, looks = 0;

	while (adds < ADDS && (i = kept_news(s->list)))
		adds += add(s, i);
	while (s->is_walking && adds < ADDS && looks++ < LOOKS) {
		i = kept_walk_next(s->list);
		s->is_walking = i != NULL;
		if (i)
			adds += add(s, i);
	}
}

/* Which Redis is it? FLUSHALL closes no connection. */
static void
on_epoch(void *ctx, const struct redis_reply *r)
{
	struct app_spread *s = ctx;
	struct text t;

	if (!r || redis_reply_type(r) != REDIS_STRING ||
	    str_is(redis_reply_text(r), str_from(s->epoch)))
		return;
	s->is_lost |= *s->epoch != '\0';
	text_init(&t, s->epoch, sizeof(s->epoch));
	text_str(&t, redis_reply_text(r));
}

/* What was added so long ago is older than what is taken. */
static void
trim(struct app_spread *s)
{
	char id[24];
	struct text t;

	text_init(&t, id, sizeof(id));
	text_i64(&t, s->since * 1000);
	const struct str argv[] = {
	    STR("XTRIM"), str_from(s->key), STR("MINID"), text_view(&t)};

	if (s->since > 0)
		redis_ask(s->redis, argv, 4, NULL, NULL);
}

static void
begin(struct app_spread *s)
{
	s->round += s->round == UINT32_MAX ? 2 : 1;
	s->is_lost = s->is_current = s->is_walking = false;
	memcpy(s->place, "0-0", sizeof("0-0"));
	kept_forget_news(s->list); /* the walk finds them */
}

void
app_spread_tick(
    struct app_spread *s, struct redis *redis, int64_t since, int64_t until)
{
	s->redis = redis && redis_is_up(redis) ? redis : NULL;
	s->since = since;
	s->until = until;
	if (!s->redis) {
		s->is_lost = true;
		s->pause = 0;
		kept_forget_news(s->list);
		return;
	}
	s->pause -= s->pause > 0;
	if (s->is_lost && s->pause == 0 && !s->is_reading)
		begin(s);
	if (s->ticks % TRIM_TICKS == 0)
		trim(s);
	if (s->ticks++ % CHECK_TICKS == 0)
		epoch_ask(s->redis, on_epoch, s);
	if (redis_waiting(s->redis) > WAITING_MAX)
		return;
	read_on(s);
	if (s->is_current && !s->is_lost)
		add_some(s);
}
