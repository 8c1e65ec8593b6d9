/* ledger_sleep - the silent, as one block of bytes each
 *
 * Most of a million subjects are silent most of the time. Who is, and is known
 * to the books as it is, sleeps: a few bytes, its key, and what the books'
 * table says of it. The maps hold such blocks beside subjects, with a bit that
 * tells. Who is named wakes. Without books nobody sleeps: a replay has the
 * memory, and not the time.
 */
#include "ledger/ledger_state.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/error.h"

struct sleeper {
	uint16_t key_n, n; /* of the key, and of the value that follows */
	uint8_t is;	   /* its kind, and the bits below */
	uint8_t due;	   /* as subject_kept's */
	char bytes[];
};

enum {
	IS_KIND = 0x3f,
	IS_LARGE = 0x40,    /* not squeezed yet */
	IS_SKETCHES = 0x80, /* LISTED_SKETCHES */
	LARGEST = 4096,	    /* the value */
	CANDIDATES = 8,
	STEPS = 64,
};

static struct sleeper *
sleeper_of(void *in_map)
{
	return (struct sleeper *)((char *)in_map - SUBJECT_SLEEPS);
}

static struct str
key_of(const struct sleeper *z)
{
	return str_make(z->bytes, z->key_n);
}

static enum subject_kind
kind_of(const struct sleeper *z)
{
	return (enum subject_kind)(z->is & IS_KIND);
}

static uint32_t
last_seen_of(const struct sleeper *z)
{
	return ledger_value_last_seen(str_make(z->bytes + z->key_n, z->n));
}

static void *
make(enum subject_kind kind, struct str key, struct str value, unsigned is,
    uint8_t due)
{
	struct sleeper *z = xrealloc(
	    NULL, 1, offsetof(struct sleeper, bytes) + key.n + value.n);

	z->key_n = (uint16_t)key.n;
	z->n = (uint16_t)value.n;
	z->is = (uint8_t)((unsigned)kind | is);
	z->due = due;
	if (key.n > 0)
		memcpy(z->bytes, key.p, key.n);
	memcpy(z->bytes + key.n, value.p, value.n);
	return (char *)z + SUBJECT_SLEEPS;
}

static struct subject *
spell(const struct sleeper *z)
{
	struct subject *s = xalloc(1, sizeof(*s) + z->key_n);

	s->kind = (uint8_t)kind_of(z);
	s->key_n = z->key_n;
	memcpy(s->key, z->bytes, z->key_n);
	/* It was read before, or written here. */
	(void)ledger_take_value(s, str_make(z->bytes + z->key_n, z->n));
	s->listed = z->is & IS_SKETCHES ? LISTED_SKETCHES : 0;
	return s;
}

struct subject *
sleepers_wake(struct ledger *l, void *in_map)
{
	struct sleeper *z = sleeper_of(in_map);
	struct subject *s = spell(z);

	map_put(&l->maps[s->kind], str_make(s->key, s->key_n), s);
	subjects_link_back(l, s);
	free(z);
	return s;
}

void
sleepers_leave(struct ledger *l)
{
	if (!l->visited)
		return;
	subject_void_sums(l, l->visited);
	subjects_free(l->visited);
	l->visited = NULL;
}

struct subject *
sleepers_visit(struct ledger *l, void *in_map)
{
	sleepers_leave(l);
	l->visited = spell(sleeper_of(in_map));
	return l->visited;
}

void
sleepers_free(void *in_map)
{
	free(sleeper_of(in_map));
}

/* Nobody waits for it, and it is nowhere but in its map and its queue. */
static bool
may_sleep(const struct ledger *l, const struct subject *s)
{
	for (int i = 0; i < LISTS; i++)
		if (s->at[i])
			return false;
	return (l->listing & 1u << LIST_SAVE) && !s->hot && !s->seen &&
	       !s->record.live && !s->others && !s->read_at && s != l->all &&
	       s != l->visited && (!s->kept || s->kept->is_small) &&
	       record_minute(ledger_unstamp(s->last_seen)) +
		       SUBJECT_SMALL_AFTER <=
		   l->minute;
}

bool
sleepers_lay(struct ledger *l, struct subject *s)
{
	char buf[LARGEST], bits[LARGEST];
	struct text value, scratch;

	if (!may_sleep(l, s))
		return false;
	text_init(&value, buf, sizeof(buf));
	text_init(&scratch, bits, sizeof(bits));
	ledger_pack_value(s, &scratch, &value);
	if (value.is_cut || scratch.is_cut)
		return false;
	void *in_map = make((enum subject_kind)s->kind,
	    str_make(s->key, s->key_n), text_view(&value),
	    s->listed & LISTED_SKETCHES ? IS_SKETCHES : 0,
	    s->kept ? s->kept->due : 0);

	map_put(&l->maps[s->kind], key_of(sleeper_of(in_map)), in_map);
	subjects_leave_queue(l, s);
	l->generation++; /* it may stand in a way */
	subject_void_sums(l, s);
	subjects_free(s);
	return true;
}

/* It is forgotten. */
static void
drop(struct ledger *l, void *in_map)
{
	struct sleeper *z = sleeper_of(in_map);

	map_remove(&l->maps[kind_of(z)], key_of(z));
	subjects_gone(l, kind_of(z), key_of(z));
	free(z);
}

struct subject *
sleepers_look(struct ledger *l, void *in_map)
{
	const struct sleeper *z = sleeper_of(in_map);
	uint32_t seen = record_minute(ledger_unstamp(last_seen_of(z)));

	if (seen + l->keeps[kind_of(z)] <= l->minute)
		drop(l, in_map);
	else if (z->is & IS_LARGE || subject_is_due(z->due, l->now))
		return sleepers_wake(l, in_map);
	return NULL;
}

/* The next in the maps of a queue's kinds, again and again; NULL: a map has
 * ended. */
static void *
pass(struct ledger *l, struct subject_queue *q)
{
	void *in_map = NULL;

	if (subjects_queue(l, (enum subject_kind)q->push_kind) == q)
		in_map = map_next(&l->maps[q->push_kind], &q->push_at);
	if (!in_map) {
		q->push_kind = (q->push_kind + 1) % SUBJECT_KINDS;
		q->push_at = 0;
	}
	return in_map;
}

/* About the longest silent: of some that the hand passes. */
bool
sleepers_push_out(struct ledger *l, struct subject_queue *q)
{
	void *oldest = NULL;
	uint32_t least = UINT32_MAX;
	size_t found = 0, room = l->n_subjects + SUBJECT_KINDS;
	bool is_needed = !q->oldest || q->oldest == l->all;

	for (size_t i = 0; q->n_asleep > 0 && i < room && found < CANDIDATES &&
			   (i < STEPS || is_needed);
	     i++) {
		void *in_map = pass(l, q);

		if (!in_map || !subject_sleeps(in_map))
			continue;
		uint32_t seen = last_seen_of(sleeper_of(in_map));

		found++;
		if (seen <= least) {
			least = seen;
			oldest = in_map;
		}
	}
	if (oldest)
		drop(l, oldest);
	return oldest != NULL;
}

bool
sleepers_load(
    struct ledger *l, enum subject_kind kind, struct str key, struct str value)
{
	struct subject_look look;
	struct ledger_head head;

	if (kind == SUBJECT_ALL || value.n > LARGEST ||
	    map_find(&l->maps[kind], key) ||
	    !ledger_value_sleeps(value, &head, &look))
		return false;
	subjects_make_room(l);
	void *in_map =
	    make(kind, key, value, look.is_small ? 0 : IS_LARGE, look.due);

	map_put(&l->maps[kind], key_of(sleeper_of(in_map)), in_map);
	subjects_queue(l, kind)->n_asleep++;
	l->n_subjects++;
	ledger_set_clock(l, head.last_seen);
	return true;
}
