/* kept_merge - a list that several nodes have: theirs into ours, ours for them
 */
#include "fbl/kept.h"

static int
compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static void
join(struct kept *k, struct str key, struct str lost)
{
	const struct kept_item *i = kept_find(k, key);
	char buf[KEPT_VALUE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (i && k->join(i->value, lost, &t))
		kept_put(k, key, text_view(&t), kept_time(k, key, i->at));
}

static bool
holds(const struct kept *k, const struct kept_item *old, struct str value,
    int64_t at)
{
	if (!old)
		return k->items.n < k->max || !k->oldest || at > k->oldest->at;
	return at > old->at ||
	       (at == old->at && compare(value, old->value) > 0);
}

bool
kept_merge(struct kept *k, struct str key, struct str value, int64_t at)
{
	bool is_spread = k->is_spread;
	char buf[KEPT_VALUE];
	struct text lost;

	if (key.n > KEPT_KEY || value.n > KEPT_VALUE)
		return false;
	(void)kept_newest(k); /* in order */
	const struct kept_item *old = kept_find(k, key);
	bool is_held = holds(k, old, value, at);

	text_init(&lost, buf, sizeof(buf));
	if (old && k->join)
		text_str(&lost, is_held ? old->value : value);
	if (is_held) {
		k->is_spread = false;
		kept_put(k, key, value, at);
		k->is_spread = is_spread;
	}
	if (lost.n > 0)
		join(k, key, text_view(&lost));
	return is_held;
}

int64_t
kept_time(const struct kept *k, struct str key, int64_t now)
{
	const struct kept_item *old = kept_find(k, key);

	if (!old || old->at < now)
		return now;
	return old->at < INT64_MAX ? old->at + 1 : INT64_MAX;
}

struct kept_item *
kept_news(struct kept *k)
{
	while (k->news_at < k->news.n) {
		const uint8_t *p = (const uint8_t *)k->news.p + k->news_at;
		size_t n = p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 |
			   (size_t)p[3] << 24;
		struct kept_item *i =
		    map_find(&k->items, str_make((const char *)p + 4, n));

		k->news_at += 4 + n;
		if (i)
			return i;
	}
	kept_forget_news(k);
	return NULL;
}

void
kept_forget_news(struct kept *k)
{
	text_clear(&k->news);
	k->news_at = 0;
}

void
kept_walk(struct kept *k)
{
	k->cursor = kept_newest(k) ? k->oldest : NULL;
}

struct kept_item *
kept_walk_next(struct kept *k)
{
	struct kept_item *i = k->cursor;

	if (i)
		k->cursor = i->newer;
	return i;
}
