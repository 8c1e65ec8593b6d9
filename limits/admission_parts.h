/* admission_parts - inside admission: its messages and its tallies
 *
 * Only admission*.c include this. Instances, processes, queue ids and subjects
 * are told apart by their hash alone: it is keyed with a secret, and of a
 * million two are the same once in thirty million times. Messages and tallies
 * are two and one lines of the cache; they are used again, never freed.
 */
#ifndef LIMITS_ADMISSION_PARTS_H
#define LIMITS_ADMISSION_PARTS_H

#include "base/map.h"
#include "limits/admission.h"

enum { ADMISSION_LINE = 64 };

/* What counts for one subject; lives while an entry refers to it. */
struct admission_tally {
	struct admission_count count;
	uint64_t hash;
	struct admission_entry *first, *last; /* as account: its messages,
						 oldest first */
	struct admission_tally *next_spare;
	uint32_t refs;
	uint8_t kind;
};

/* A message. */
struct admission_entry {
	struct admission_tally *tallies[SUBJECT_COUNTED];
	uint8_t n_tallies, stage;
	bool is_latest; /* of its process */
	bool is_named;	/* stands under its queue id */
	uint32_t at;
	uint64_t process; /* these are hashes; 0: none */
	uint64_t instance, queue_id;
	uint32_t last_recipient; /* a service listed twice asks twice */
	uint32_t inside;
	int64_t recipients;
	struct admission_entry *older, *newer; /* of all, by `at` */
	struct admission_entry *account_older, *account_newer; /* of one */
};

_Static_assert(sizeof(struct admission_tally) <= ADMISSION_LINE, "one line");
_Static_assert(
    sizeof(struct admission_entry) <= 2 * (int)ADMISSION_LINE, "two lines");

struct admission_block;

struct admission {
	struct admission_options options;
	struct map processes, queue_ids; /* the latest entry of each */
	struct map tallies[SUBJECT_COUNTED];
	struct admission_entry *oldest, *newest;
	struct admission_block *blocks;
	char *unused, *unused_end;	       /* of the latest block */
	struct admission_entry *spare_entries; /* linked by newer */
	struct admission_tally *spare_tallies;
	enum admission_stage last_stage; /* the last one that is wired */
	struct admission_stats stats;
};

/* The maps have no keys but the hashes. 0: NULL. */
static inline struct admission_entry *
admission_find_hash(const struct map *m, uint64_t hash)
{
	return hash ? map_find_hashed(m, STR(""), hash) : NULL;
}

static inline struct admission_tally *
admission_find_tally(
    const struct admission *a, enum subject_kind kind, uint64_t hash)
{
	return map_find_hashed(&a->tallies[kind], STR(""), hash);
}

/* Found or made; it stays while something refers to it: who takes it counts
 * that in refs. */
struct admission_tally *admission_get_tally(
    struct admission *a, enum subject_kind kind, uint64_t hash);

/* Memory for one, not initialized. */
struct admission_entry *admission_take(struct admission *a);
/* As the newest of all, and of its account. */
void admission_link(struct admission *a, struct admission_entry *e);
/* As the newest of all. */
void admission_renew(struct admission *a, struct admission_entry *e);
/* It counts no more. */
void admission_drop(struct admission *a, struct admission_entry *e);

#endif
