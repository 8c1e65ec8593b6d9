/* shares - what the people behind a provider complain about */
#include "fbl/shares.h"

#include <stdlib.h>

#include "base/error.h"

enum { DAY = 86400, TELL = 60, KEY = 20 + SHARES_NAME + 20, GONE = 100 };

struct shares_one {
	char key[KEY];
	size_t n;
	int64_t day;
	struct share share;
	bool is_changed, is_untold;
};

void
shares_init(struct shares *s)
{
	*s = (struct shares){0};
	kept_init(&s->kept, SHARES_MAX);
	map_init(&s->now);
}

void
shares_done(struct shares *s)
{
	struct shares_one *o;

	for (size_t i = 0; (o = map_next(&s->now, &i)) != NULL;)
		free(o);
	map_done(&s->now);
	kept_done(&s->kept);
}

void
shares_set_node(struct shares *s, struct str node)
{
	struct text t;

	text_init(&t, s->node, sizeof(s->node));
	text_str(&t, node);
}

static bool
read_share(struct str value, struct share *out)
{
	struct str word;

	for (size_t i = 0; i < SHARE_COUNTS; i++) {
		if (!str_cut(&value, ' ', &word)) {
			word = value;
			value = STR("");
		}
		if (!str_to_u64(word, &out->v[i]))
			return false;
	}
	return true;
}

/* DAY PROVIDER NODE. */
static struct shares_one *
make(struct shares *s, struct str provider, int64_t day)
{
	struct shares_one *o = xalloc(1, sizeof(*o)), *old;
	const struct kept_item *before;
	struct text t;

	text_init(&t, o->key, sizeof(o->key));
	text_printf(&t, "%lld ", (long long)day);
	text_str(&t, str_head(provider, SHARES_NAME));
	text_printf(&t, " %s", s->node);
	o->n = t.n;
	o->day = day;
	old = map_find(&s->now, text_view(&t));
	if (old) {
		free(o);
		return old;
	}
	before = kept_find(&s->kept, text_view(&t));
	if (before && !read_share(before->value, &o->share))
		o->share = (struct share){0};
	map_put(&s->now, str_make(o->key, o->n), o);
	return o;
}

static bool
is_of(const struct shares_one *o, struct str provider, int64_t day)
{
	struct str key = str_make(o->key, o->n), word;

	return o->day == day && str_cut(&key, ' ', &word) &&
	       str_cut(&key, ' ', &word) && str_is(word, provider);
}

void
shares_add(
    struct shares *s, struct str provider, enum share_count c, int64_t at)
{
	int64_t day = at / DAY;

	if (!s->last || !is_of(s->last, provider, day))
		s->last = make(s, provider, day);
	s->last->share.v[c]++;
	s->last->is_changed = s->last->is_untold = true;
}

static void
put(struct shares *s, const struct shares_one *o, int64_t now, bool is_told)
{
	bool is_spread = s->kept.is_spread;
	struct str key = str_make(o->key, o->n);
	char buf[100];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < SHARE_COUNTS; i++)
		text_printf(&t, "%s%llu", i ? " " : "",
		    (unsigned long long)o->share.v[i]);
	s->kept.is_spread = is_spread && is_told;
	kept_put(&s->kept, key, text_view(&t), kept_time(&s->kept, key, now));
	s->kept.is_spread = is_spread;
}

/* Those of days that are over need no memory. */
static void
forget(struct shares *s)
{
	struct shares_one *o;

	s->last = NULL;
	for (size_t i = 0; (o = map_next(&s->now, &i)) != NULL;)
		free(o);
	map_done(&s->now);
	map_init(&s->now);
}

void
shares_flush(struct shares *s, int64_t now)
{
	bool is_told = now - s->told_at >= TELL || now < s->told_at;
	struct shares_one *o;

	for (size_t i = 0; (o = map_next(&s->now, &i)) != NULL;) {
		if (o->is_changed || (is_told && o->is_untold))
			put(s, o, now, is_told);
		o->is_changed = false;
		o->is_untold &= !is_told;
	}
	if (is_told && s->now.n > 0) {
		s->told_at = now;
		forget(s);
	}
	kept_tick(&s->kept, now - (int64_t)SHARES_DAYS * DAY, GONE);
}

void
shares_each(struct shares *s, int64_t since, shares_fn *each, void *ctx)
{
	for (const struct kept_item *i = kept_newest(&s->kept); i;
	     i = i->older) {
		struct str key = i->key, word;
		struct share one;
		int64_t day;

		if (str_cut(&key, ' ', &word) && str_to_i64(word, &day) &&
		    day >= since / DAY && str_cut(&key, ' ', &word) &&
		    read_share(i->value, &one))
			each(ctx, word, &one);
	}
}

struct sum {
	struct str provider;
	struct share *out;
};

static void
add(void *ctx, struct str provider, const struct share *share)
{
	struct sum *s = ctx;

	for (size_t c = 0; c < SHARE_COUNTS && str_is(provider, s->provider);
	     c++)
		s->out->v[c] += share->v[c];
}

void
shares_sum(
    struct shares *s, struct str provider, int64_t since, struct share *out)
{
	struct sum sum = {provider, out};

	*out = (struct share){0};
	shares_each(s, since, add, &sum);
}

uint64_t
shares_weigh(const struct share *s, uint64_t trap_weight)
{
	uint64_t n =
	    s->v[SHARE_COMPLAINTS] + s->v[SHARE_TRAPS] * (trap_weight - 1);

	return n > s->v[SHARE_NOT_SPAM] ? n - s->v[SHARE_NOT_SPAM] : 0;
}
