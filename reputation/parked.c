/* parked - mail that waits for a provider that is paused */
#include "reputation/parked.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"

enum { KEY = PARKED_INSTANCE + PARKED_ID + PARKED_RECIPIENT };
enum { OTHERS, WORTHY, SORTS };

struct parked {
	size_t max;
	struct map map; /* "INSTANCE ID RECIPIENT" */
	struct parked_item *oldest[SORTS], *newest[SORTS];
};

struct parked *
parked_new(size_t max)
{
	struct parked *p = xalloc(1, sizeof(*p));

	p->max = max;
	map_init(&p->map);
	return p;
}

static int
sort_of(const struct parked_item *i)
{
	return i->worth > 0 ? WORTHY : OTHERS;
}

static void
unlink_item(struct parked *p, struct parked_item *i)
{
	int sort = sort_of(i);

	*(i->older ? &i->older->newer : &p->oldest[sort]) = i->newer;
	*(i->newer ? &i->newer->older : &p->newest[sort]) = i->older;
}

static void
link_item(struct parked *p, struct parked_item *i)
{
	int sort = sort_of(i);
	struct parked_item *before = p->newest[sort];

	while (before && before->since > i->since)
		before = before->older;
	i->older = before;
	i->newer = before ? before->newer : p->oldest[sort];
	*(i->newer ? &i->newer->older : &p->newest[sort]) = i;
	*(before ? &before->newer : &p->oldest[sort]) = i;
}

static struct str
key_of(struct str instance, struct str id, struct str recipient, char buf[KEY])
{
	struct text t;

	text_init(&t, buf, KEY);
	text_str(&t, instance);
	text_char(&t, ' ');
	text_str(&t, id);
	text_char(&t, ' ');
	text_str(&t, recipient);
	return text_view(&t);
}

static void
drop(struct parked *p, struct parked_item *i)
{
	map_remove(&p->map, i->key);
	unlink_item(p, i);
	free(i);
}

void
parked_free(struct parked **pp)
{
	struct parked *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	for (int sort = 0; sort < SORTS; sort++) {
		while (p->oldest[sort])
			drop(p, p->oldest[sort]);
	}
	map_done(&p->map);
	free(p);
}

/* As it can stand in a table of Postfix: no quotes, no blanks. Empty: it
 * can't. */
static struct str
spell(struct str recipient, char buf[PARKED_RECIPIENT])
{
	ptrdiff_t at = str_find_last(recipient, STR("@"));
	struct text t;

	text_init(&t, buf, PARKED_RECIPIENT);
	if (at <= 0 || (size_t)at + 1 >= recipient.n)
		return STR("");
	for (size_t i = 0; i < recipient.n; i++) {
		char c = recipient.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 32);
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			strchr("._+-=@", c)) ||
		    c == '\0' || (c == '@' && (ptrdiff_t)i != at))
			return STR("");
		text_char(&t, c);
	}
	return t.is_cut ? STR("") : text_view(&t);
}

static struct str
copy(char **at, struct str s)
{
	struct str out = str_make(*at, s.n);

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n + 1;
	return out;
}

/* The recipient is what the key ends in. */
static struct parked_item *
make(const struct parked_message *m, struct str key, size_t recipient_n,
    int64_t now)
{
	struct parked_item *i =
	    xalloc(1, sizeof(*i) + m->provider.n + key.n + m->account.n + 3);
	char *at = i->texts;

	i->provider = copy(&at, m->provider).p;
	i->account = copy(&at, m->account);
	i->key = copy(&at, key);
	i->recipient = str_skip(i->key, key.n - recipient_n);
	memcpy(i->id, m->id.p, m->id.n);
	memcpy(i->instance, m->instance.p, m->instance.n);
	i->since = now;
	i->worth = m->worth;
	return i;
}

/* false: all of them are worth more. */
static bool
make_room(struct parked *p, int64_t worth)
{
	if (p->map.n < p->max)
		return true;
	if (!p->oldest[OTHERS] || worth == 0)
		return false;
	drop(p, p->oldest[OTHERS]);
	return true;
}

bool
parked_note(struct parked *p, const struct parked_message *m, int64_t now)
{
	char buf[PARKED_RECIPIENT], key[KEY];
	struct str recipient = spell(m->recipient, buf);

	if (recipient.n == 0 || m->id.n == 0 || m->id.n >= PARKED_ID ||
	    m->instance.n == 0 || m->instance.n >= PARKED_INSTANCE)
		return false;
	struct parked_item *i =
	    map_find(&p->map, key_of(m->instance, m->id, recipient, key));

	if (!i) {
		if (!make_room(p, m->worth))
			return false;
		i = make(m, key_of(m->instance, m->id, recipient, key),
		    recipient.n, now);
		map_put(&p->map, i->key, i);
		link_item(p, i);
	}
	parked_set_worth(p, i, m->worth);
	i->seen = now;
	return true;
}

bool
parked_gone(
    struct parked *p, struct str instance, struct str id, struct str recipient)
{
	char buf[PARKED_RECIPIENT], key[KEY];
	struct parked_item *i =
	    map_find(&p->map, key_of(instance, id, spell(recipient, buf), key));

	if (!i)
		return false;
	drop(p, i);
	return true;
}

void
parked_set_worth(struct parked *p, struct parked_item *i, int64_t worth)
{
	if ((worth > 0) == (i->worth > 0)) {
		i->worth = worth;
		return;
	}
	unlink_item(p, i);
	i->worth = worth;
	link_item(p, i);
}

static bool
is_of(const struct parked_item *i, struct str provider)
{
	return provider.n == 0 || str_is(str_from(i->provider), provider);
}

void
parked_each(struct parked *p, struct str provider, parked_fn *each, void *ctx)
{
	for (int sort = SORTS; sort-- > 0;) {
		struct parked_item *i = p->oldest[sort], *next;

		for (; i; i = next) {
			next = i->newer;
			if (is_of(i, provider))
				each(ctx, i);
		}
	}
}

struct parked_item *
parked_best(struct parked *p, struct str provider)
{
	struct parked_item *best = NULL;

	for (struct parked_item *i = p->oldest[WORTHY]; i; i = i->newer) {
		if (is_of(i, provider) &&
		    (!best || i->tried < best->tried ||
			(i->tried == best->tried && i->worth > best->worth)))
			best = i;
	}
	return best;
}

size_t
parked_count(const struct parked *p, struct str provider, size_t *worthy)
{
	size_t n[SORTS] = {0, 0};

	for (int sort = 0; sort < SORTS; sort++) {
		for (const struct parked_item *i = p->oldest[sort]; i;
		     i = i->newer)
			n[sort] += is_of(i, provider);
	}
	*worthy = n[WORTHY];
	return n[OTHERS] + n[WORTHY];
}

void
parked_tick(struct parked *p, int64_t since)
{
	for (int sort = 0; sort < SORTS; sort++) {
		struct parked_item *i = p->oldest[sort], *next;

		for (; i; i = next) {
			next = i->newer;
			if (i->seen < since)
				drop(p, i);
		}
	}
}
