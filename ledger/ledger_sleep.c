/* ledger_sleep - the silent, as few bytes each
 *
 * Most of a million subjects are silent most of the time. Who is, and is known
 * to the books as it is, sleeps: its key, and what the books' table says of it,
 * stand in the dorm (dorm.h) and no longer in a map. Who is named wakes.
 * Without books nobody sleeps: a replay has the memory, and not the time.
 */
#include "ledger/ledger_state.h"

#include <stdlib.h>

#include "base/error.h"

enum {
	LARGEST = 4096, /* the value */
	CANDIDATES = 8,
	STEPS = 64,
};

static enum subject_kind
kind_of(const struct dorm_entry *e)
{
	return (enum subject_kind)e->kind;
}

static uint32_t
last_seen_of(const struct dorm_entry *e)
{
	return ledger_value_last_seen(e->value);
}

static struct subject *
spell(const struct dorm_entry *e)
{
	struct subject *s = xalloc(1, sizeof(*s) + e->key.n);

	s->kind = e->kind;
	s->key_n = (uint16_t)e->key.n;
	if (e->key.n > 0)
		memcpy(s->key, e->key.p, e->key.n);
	/* It was read before, or written here. */
	(void)ledger_take_value(s, e->value);
	s->listed = e->is & DORM_IS_SKETCHES ? LISTED_SKETCHES : 0;
	return s;
}

static struct subject *
wake(struct ledger *l, const struct dorm_entry *e, uint64_t hash)
{
	struct subject *s = spell(e);
	struct str key = str_make(s->key, s->key_n);

	dorm_remove(&l->dorm, s->kind, key, hash);
	map_put_hashed(&l->maps[s->kind], key, hash, s);
	subjects_link_back(l, s);
	if (l->is_walked) {
		subjects_enlist(l, s, 1u << LIST_POST);
		s->listed |= LISTED_SKETCHES;
	}
	return s;
}

struct subject *
sleepers_wake(
    struct ledger *l, enum subject_kind kind, struct str key, uint64_t hash)
{
	struct dorm_entry e;

	key = str_head(key, SUBJECT_KEY);
	return dorm_find(&l->dorm, (uint8_t)kind, key, hash, &e)
		   ? wake(l, &e, hash)
		   : NULL;
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
sleepers_visit(struct ledger *l, size_t *i)
{
	struct dorm_entry e;

	sleepers_leave(l);
	if (dorm_next(&l->dorm, i, &e))
		l->visited = spell(&e);
	return l->visited;
}

/* Nobody waits for it, and it is nowhere but in its map and its queue. */
static bool
may_sleep(const struct ledger *l, const struct subject *s)
{
	for (int i = 0; i < LISTS; i++)
		if (s->at[i])
			return false;
	return l->walked == 0 && (l->listing & 1u << LIST_SAVE) && !s->seen &&
	       !s->record.live && !s->others && !s->read_at && s != l->all &&
	       s != l->visited && (!s->kept || s->kept->is_small) &&
	       subject_is_silent(l, s);
}

bool
sleepers_lay(struct ledger *l, struct subject *s)
{
	char buf[LARGEST], bits[LARGEST];
	struct text value, scratch;
	struct str key = str_make(s->key, s->key_n);

	if (!may_sleep(l, s))
		return false;
	text_init(&value, buf, sizeof(buf));
	text_init(&scratch, bits, sizeof(bits));
	ledger_pack_value(s, &scratch, &value);
	if (value.is_cut || scratch.is_cut)
		return false;
	uint64_t hash = map_hash(key);
	const struct dorm_entry e = {
	    .kind = s->kind,
	    .is = s->listed & LISTED_SKETCHES ? DORM_IS_SKETCHES : 0,
	    .due = s->kept ? s->kept->due : 0,
	    .key = key,
	    .value = text_view(&value),
	};

	l->loaded.is_all = false;
	if (!dorm_put(&l->dorm, &e, hash))
		return false;
	map_remove_hashed(&l->maps[s->kind], key, hash);
	subjects_leave_queue(l, s);
	l->generation++; /* it may stand in a way */
	subject_void_sums(l, s);
	subjects_free(s);
	return true;
}

/* It is forgotten. */
static void
drop(struct ledger *l, const struct dorm_entry *e)
{
	char buf[SUBJECT_KEY];
	struct str key = str_make(buf, e->key.n);
	enum subject_kind kind = kind_of(e);

	if (key.n > 0)
		memcpy(buf, e->key.p, key.n);
	dorm_remove(&l->dorm, e->kind, key, map_hash(key));
	subjects_gone(l, kind, key);
}

struct subject *
sleepers_look(struct ledger *l, size_t *i, int max)
{
	struct dorm_entry e;

	for (; max > 0; max--) {
		if (!dorm_next(&l->dorm, i, &e)) {
			*i = 0;
			return NULL;
		}
		uint32_t seen = record_minute(ledger_unstamp(last_seen_of(&e)));

		if (seen + l->keeps[e.kind] <= l->minute)
			drop(l, &e);
		else if (e.is & DORM_IS_LARGE || subject_is_due(e.due, l->now))
			return wake(l, &e, map_hash(e.key));
	}
	return NULL;
}

/* About the longest silent: of some that the hand passes. */
bool
sleepers_push_out(struct ledger *l, struct subject_queue *q)
{
	struct dorm_entry e, oldest = {0};
	char key[SUBJECT_KEY];
	uint32_t least = UINT32_MAX;
	size_t found = 0;
	bool is_needed = !q->oldest || q->oldest == l->all;

	for (size_t i = 0; q->n_asleep > 0 && i < 2 * l->dorm.n + 2 &&
			   found < CANDIDATES && (i < STEPS || is_needed);
	     i++) {
		if (!dorm_next(&l->dorm, &q->push_at, &e)) {
			q->push_at = 0;
			continue;
		}
		if (subjects_queue(l, kind_of(&e)) != q)
			continue;
		uint32_t seen = last_seen_of(&e);

		if (found++ > 0 && seen > least)
			continue;
		least = seen;
		oldest = (struct dorm_entry){
		    .kind = e.kind, .key = str_make(key, e.key.n)};
		memcpy(key, e.key.p, e.key.n);
	}
	if (found > 0)
		drop(l, &oldest);
	return found > 0;
}

/* Books are read in order: who comes after the last one is new. Otherwise it
 * must be looked for. */
static bool
is_new(struct ledger *l, enum subject_kind kind, struct str key, uint64_t hash)
{
	struct dorm_entry e;
	struct str last = str_make(l->loaded.key, l->loaded.key_n);
	int d = subject_kind_letter(kind) - l->loaded.letter;

	if (d == 0)
		d = memcmp(key.p, last.p, key.n < last.n ? key.n : last.n);
	if (d == 0)
		d = key.n > last.n;
	l->loaded.is_all = l->dorm.n == 0 || (l->loaded.is_all && d > 0);
	l->loaded.letter = subject_kind_letter(kind);
	l->loaded.key_n = (uint16_t)key.n;
	memcpy(l->loaded.key, key.p, key.n);
	return !map_find_hashed(&l->maps[kind], key, hash) &&
	       (l->loaded.is_all ||
		   !dorm_find(&l->dorm, (uint8_t)kind, key, hash, &e));
}

bool
sleepers_load(
    struct ledger *l, enum subject_kind kind, struct str key, struct str value)
{
	struct subject_look look;
	struct ledger_head head;
	uint64_t hash = map_hash(key);

	if (kind == SUBJECT_ALL || value.n > LARGEST ||
	    !is_new(l, kind, key, hash) ||
	    !ledger_value_sleeps(value, &head, &look))
		return false;
	subjects_make_room(l);
	dorm_fill(&l->dorm);
	const struct dorm_entry e = {
	    .kind = (uint8_t)kind,
	    .is = look.is_small ? 0 : DORM_IS_LARGE,
	    .due = look.due,
	    .key = key,
	    .value = value,
	};

	if (!dorm_put(&l->dorm, &e, hash))
		return false;
	subjects_queue(l, kind)->n_asleep++;
	l->n_subjects++;
	ledger_set_clock(l, head.last_seen);
	return true;
}
