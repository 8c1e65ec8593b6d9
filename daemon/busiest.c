/* busiest - who sent most in the last hour, at hand at any time */
#include "daemon/busiest.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"

enum { HOUR = 3600 };

struct place {
	uint64_t hour; /* when it was last looked at */
	size_t n;
	char key[LEDGER_KEY];
};

struct busiest {
	struct ledger *ledger;
	int slot;	/* of the running sum; -1: none was left */
	uint64_t floor; /* what the least of a full table had */
	size_t n, at;	/* at: of the sweep */
	size_t looked;	/* these are still to be looked at again */
	struct map map;
	struct place v[BUSIEST];
};

struct busiest *
busiest_new(struct ledger *l)
{
	struct busiest *b = xalloc(1, sizeof(*b));

	b->ledger = l;
	b->slot = ledger_watch(l, COUNT_RECIPIENTS, HOUR);
	map_init(&b->map);
	map_reserve(&b->map, 2 * BUSIEST);
	return b;
}

void
busiest_free(struct busiest **b)
{
	if (!*b)
		return;
	map_done(&(*b)->map);
	free(*b);
	*b = NULL;
}

static uint64_t
hour_of(struct busiest *b, struct subject *s)
{
	if (b->slot < 0)
		return subject_sum(b->ledger, s, COUNT_RECIPIENTS, HOUR);
	return subject_watched(b->ledger, s, b->slot);
}

static struct str
key_of(const struct place *p)
{
	return str_make(p->key, p->n);
}

static struct place *
least(struct busiest *b)
{
	struct place *p = &b->v[0];

	for (size_t i = 1; i < b->n; i++)
		p = b->v[i].hour < p->hour ? &b->v[i] : p;
	return p;
}

static void
set_floor(struct busiest *b)
{
	b->floor = b->n == BUSIEST ? least(b)->hour : 0;
}

static void
compete(struct busiest *b, struct subject *s, uint64_t hour)
{
	struct str key = subject_key(s);
	struct place *p = map_find(&b->map, key);

	if (p) {
		p->hour = hour;
		return;
	}
	if (key.n > sizeof(p->key))
		return;
	if (b->n < BUSIEST) {
		p = &b->v[b->n++];
	} else {
		p = least(b);
		if (p->hour >= hour) {
			b->floor = p->hour;
			return;
		}
		map_remove(&b->map, key_of(p));
	}
	memcpy(p->key, key.p, key.n);
	p->n = key.n;
	p->hour = hour;
	map_put(&b->map, key_of(p), p);
	set_floor(b);
}

void
busiest_note(struct busiest *b, struct subject *account)
{
	uint64_t hour = hour_of(b, account);

	if (hour > b->floor)
		compete(b, account, hour);
}

bool
busiest_sweep(struct busiest *b, size_t max)
{
	int64_t since = ledger_now(b->ledger) - HOUR;

	while (max-- > 0) {
		struct subject *s = ledger_next(b->ledger, &b->at);

		if (!s) {
			b->at = 0;
			return true;
		}
		if (subject_kind(s) == SUBJECT_ACCOUNT &&
		    subject_last_seen(s) >= since)
			busiest_note(b, s);
	}
	return false;
}

/* From the end, so that the last one can fill the hole. */
static void
drop(struct busiest *b, struct place *p)
{
	struct place *last = &b->v[--b->n];

	map_remove(&b->map, key_of(p));
	if (p == last)
		return;
	map_remove(&b->map, key_of(last));
	*p = *last;
	map_put(&b->map, key_of(p), p);
}

/* Downwards, so that who fills a hole has been looked at. */
void
busiest_refresh(struct busiest *b, size_t max)
{
	for (; max > 0 && b->n > 0; max--) {
		if (b->looked == 0 || b->looked > b->n)
			b->looked = b->n;
		struct place *p = &b->v[--b->looked];
		struct subject *s =
		    ledger_find(b->ledger, SUBJECT_ACCOUNT, key_of(p));

		p->hour = s ? hour_of(b, s) : 0;
		if (p->hour == 0)
			drop(b, p);
	}
	set_floor(b);
}

static int
by_hour(const void *a, const void *b)
{
	const struct busiest_one *x = a, *y = b;

	if (x->hour != y->hour)
		return x->hour > y->hour ? -1 : 1;
	return str_compare(subject_key(x->subject), subject_key(y->subject));
}

size_t
busiest_list(struct busiest *b, struct busiest_one out[BUSIEST])
{
	size_t n = 0;

	b->looked = 0;
	busiest_refresh(b, b->n);
	for (size_t i = 0; i < b->n; i++) {
		out[n].subject =
		    ledger_find(b->ledger, SUBJECT_ACCOUNT, key_of(&b->v[i]));
		out[n].hour = b->v[i].hour;
		n += out[n].subject != NULL;
	}
	qsort(out, n, sizeof(*out), by_hour);
	return n;
}
