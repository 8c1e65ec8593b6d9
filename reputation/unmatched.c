/* unmatched - samples of replies that no rule's words are for, with counts */
#include "reputation/unmatched.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"
#include "base/text.h"
#include "reputation/reply_text.h"

struct sample {
	uint64_t hash;
	struct unmatched_sample s;
};

struct unmatched {
	struct sample *v;
	size_t n, max;
	bool is_sorted;
};

struct unmatched *
unmatched_new(size_t max)
{
	struct unmatched *u = xalloc(1, sizeof(*u));

	u->max = max ? max : 1;
	u->v = xalloc(u->max, sizeof(*u->v));
	return u;
}

void
unmatched_free(struct unmatched **u)
{
	if (!*u)
		return;
	free((*u)->v);
	free(*u);
	*u = NULL;
}

static int
by_count(const void *a, const void *b)
{
	const struct unmatched_sample *x = &((const struct sample *)a)->s;
	const struct unmatched_sample *y = &((const struct sample *)b)->s;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return (x->last < y->last) - (x->last > y->last);
}

static void
sort(struct unmatched *u)
{
	if (!u->is_sorted && u->n > 1)
		qsort(u->v, u->n, sizeof(*u->v), by_count);
	u->is_sorted = true;
}

void
unmatched_set_max(struct unmatched *u, size_t max)
{
	if (max == 0 || max == u->max)
		return;
	sort(u);
	u->v = xrealloc(u->v, max, sizeof(*u->v));
	u->max = max;
	if (u->n > max)
		u->n = max;
}

/* Without its numbers, and words that hold one: ids, addresses, times. */
static uint64_t
hash_of(const struct reply_text *said)
{
	char shape[REPLY_TEXT_MAX];
	size_t n = 0, end = said->n;

	/* As much as a sample has of it. */
	if (end > UNMATCHED_TEXT - 1)
		end = UNMATCHED_TEXT - 1;
	for (size_t i = 0; i < end;) {
		size_t from = i;
		bool has_digit = false;

		while (i < end && said->plain[i] != ' ')
			has_digit |=
			    strchr("0123456789", said->plain[i++]) != NULL;
		/* The code and the status are what it says. */
		if (!has_digit || from < 10) {
			memcpy(shape + n, said->plain + from, i - from);
			n += i - from;
		} else {
			shape[n++] = '#';
		}
		while (i < end && said->plain[i] == ' ')
			i++;
	}
	return map_hash(str_make(shape, n));
}

static struct sample *
find(struct unmatched *u, uint64_t hash)
{
	for (size_t i = 0; i < u->n; i++) {
		if (u->v[i].hash == hash)
			return &u->v[i];
	}
	return NULL;
}

/* The place of a new one. */
static struct sample *
make_room(struct unmatched *u)
{
	size_t rarest = 0;

	if (u->n < u->max)
		return &u->v[u->n++];
	for (size_t i = 1; i < u->n; i++) {
		if (by_count(&u->v[i], &u->v[rarest]) > 0)
			rarest = i;
	}
	return &u->v[rarest];
}

static struct sample *
get(struct unmatched *u, const struct reply_text *said, int64_t now)
{
	uint64_t hash = hash_of(said);
	struct sample *one = find(u, hash);
	struct text t;

	if (!one) {
		one = make_room(u);
		*one = (struct sample){.hash = hash, .s.first = now};
		text_init(&t, one->s.text, sizeof(one->s.text));
		text_printable(&t, str_make(said->plain, said->n));
	}
	u->is_sorted = false;
	return one;
}

const struct unmatched_sample *
unmatched_note(struct unmatched *u, struct str host, struct str dsn,
    struct str reply, int64_t now)
{
	struct reply_text said;
	struct text t;

	reply_text_read(&said, dsn, reply);
	struct sample *one = get(u, &said, now);

	text_init(&t, one->s.host, sizeof(one->s.host));
	text_printable(&t, host.n ? host : said.host);
	one->s.count++;
	one->s.last = now;
	return &one->s;
}

void
unmatched_restore(struct unmatched *u, const struct unmatched_sample *s)
{
	struct reply_text said;

	reply_text_read(&said, STR(""), str_from(s->text));
	struct sample *one = get(u, &said, s->first);

	one->s = *s;
}

const struct unmatched_sample *
unmatched_at(struct unmatched *u, size_t i)
{
	sort(u);
	return i < u->n ? &u->v[i].s : NULL;
}
