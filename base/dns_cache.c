/* dns_cache - answers of resolvers, kept for as long as they say */
#include "base/dns_cache.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"

struct entry {
	struct entry *newer, *older;
	struct dns_kept *kept;
	size_t key_n;
	char key[];
};

struct dns_cache {
	struct map map;
	size_t max, max_bytes, bytes;
	struct entry *newest, *oldest;
};

struct dns_kept *
dns_kept_new(const struct dns_answer *a, int64_t now_us, int64_t until_us)
{
	struct dns_kept *k = xalloc(1, sizeof(*k));

	k->holders = 1;
	k->since_us = now_us;
	k->until_us = until_us;
	k->answer = dns_answer_copy(a, &k->size);
	return k;
}

struct dns_kept *
dns_kept_hold(struct dns_kept *k)
{
	k->holders++;
	return k;
}

void
dns_kept_release(struct dns_kept **kp)
{
	struct dns_kept *k = *kp;

	*kp = NULL;
	if (!k || --k->holders > 0)
		return;
	free(k->answer);
	free(k);
}

struct dns_cache *
dns_cache_new(size_t max, size_t max_bytes)
{
	struct dns_cache *c = xalloc(1, sizeof(*c));

	map_init(&c->map);
	c->max = max;
	c->max_bytes = max_bytes;
	return c;
}

static size_t
weigh(const struct entry *e)
{
	return sizeof(*e) + e->key_n + sizeof(*e->kept) + e->kept->size +
	       sizeof(struct map_slot);
}

static void
unlink_entry(struct dns_cache *c, struct entry *e)
{
	*(e->newer ? &e->newer->older : &c->newest) = e->older;
	*(e->older ? &e->older->newer : &c->oldest) = e->newer;
}

static void
link_newest(struct dns_cache *c, struct entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
}

static void
drop(struct dns_cache *c, struct entry *e)
{
	c->bytes -= weigh(e);
	unlink_entry(c, e);
	map_remove(&c->map, str_make(e->key, e->key_n));
	dns_kept_release(&e->kept);
	free(e);
}

void
dns_cache_free(struct dns_cache **cp)
{
	struct dns_cache *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	while (c->oldest)
		drop(c, c->oldest);
	map_done(&c->map);
	free(c);
}

struct dns_kept *
dns_cache_find(struct dns_cache *c, struct str key, int64_t now_us)
{
	struct entry *e = map_find(&c->map, key);

	if (!e)
		return NULL;
	/* A clock that was set back makes it old, too. */
	if (now_us >= e->kept->until_us || now_us < e->kept->since_us) {
		drop(c, e);
		return NULL;
	}
	unlink_entry(c, e);
	link_newest(c, e);
	return e->kept;
}

void
dns_cache_put(struct dns_cache *c, struct str key, struct dns_kept *k)
{
	struct entry *e = map_find(&c->map, key);

	if (e)
		drop(c, e);
	if (c->max == 0 || k->size > c->max_bytes / 8)
		return;
	e = xalloc(1, sizeof(*e) + key.n);
	e->kept = dns_kept_hold(k);
	e->key_n = key.n;
	memcpy(e->key, key.p, key.n);
	map_put(&c->map, str_make(e->key, key.n), e);
	link_newest(c, e);
	c->bytes += weigh(e);
	while (c->map.n > c->max || c->bytes > c->max_bytes)
		drop(c, c->oldest);
}

size_t
dns_cache_count(const struct dns_cache *c, size_t *bytes)
{
	if (bytes)
		*bytes = c->bytes;
	return c->map.n;
}
