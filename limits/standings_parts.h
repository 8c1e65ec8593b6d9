/* standings_parts - inside the standings: what is kept of a subject's events
 *
 * Only standings*.c include this. An event is kept as its JSON with the few
 * fields the standing is read from beside it.
 */
#ifndef LIMITS_STANDINGS_PARTS_H
#define LIMITS_STANDINGS_PARTS_H

#include "base/map.h"
#include "limits/brake.h"
#include "limits/standings.h"

/* The lists of a subject. Of the first ten the identity is (mark, cause), the
 * earliest event of each is kept, and the highest identities stay. Of
 * lifts and undos the latest few are kept, of the others the latest event, per
 * name for limits. */
enum keep_list {
	KEEP_SANCTION, /* one list per rung from WATCHED on */
	KEEP_END = KEEP_SANCTION + STANDING_SUSPENDED - STANDING_WATCHED + 1,
	KEEP_UNDONE = KEEP_END + STANDING_SUSPENDED - STANDING_WATCHED + 1,
	KEEP_WARNING,
	KEEP_LIMIT,
	KEEP_OPERATOR,
	KEEP_LIFT,
	KEEP_LIFTS, /* the last few: which of them ended what */
	KEEP_MARK,  /* the lift with the latest mark */
	KEEP_EXEMPT,
	KEEP_MODE,
	KEEP_ENFORCE, /* the last switch to enforce */
	KEEP_UNDO,    /* the last orders to undo */
	KEEP_APPROVE, /* of the brake, per rule */
	KEEP_RELEASE,
	KEEP_TRIED,  /* what rules on trial would do: the latest per rule and
			rung */
	KEEP_TRIALS, /* orders about trials: the latest per rule and version */
	KEEP_LISTS
};

struct kept {
	enum event_type type;
	enum standing rung;
	int64_t at_us, until, mark;
	uint64_t seq, max;
	bool is_operator, is_observed, is_innocent;
	/* Inside bytes. */
	const char *node, *cause, *rule, *class, *how, *config, *by, *reason;
	struct str json;
	char bytes[];
};

struct kept_list {
	struct kept **v;
	size_t n;
};

struct standings_subject {
	enum subject_kind kind; /* SUBJECT_KINDS: the installation itself */
	struct str key;		/* inside name */
	struct str name;	/* letter and key: the map's and the books' */
	struct kept_list lists[KEEP_LISTS];
	int64_t last_us;
	int64_t looked, due; /* standings_ends.c */
	size_t at, at_due;   /* its places in all and in by_due */
	bool is_dirty;	     /* since the last fold of the books */
	struct standings_subject *next_dirty;
	struct standings_subject *older, *newer; /* by last change */
};

struct standings {
	struct standings_options options;
	struct brake *brake;
	struct map subjects;
	size_t n_of_kind[SUBJECT_KINDS + 1]; /* the last: the mode */
	struct standings_subject *oldest, *newest;
	/* All of them: in no order that a walk could miss one in, and as a
	 * heap, whose end comes first. */
	struct standings_subject **all, **by_due;
	size_t cap_all;
	struct standings_subject *dirty, *folding;
	bool is_journaled;   /* has books */
	bool is_loading;     /* what is folded comes from the records */
	bool is_replaying;   /* ... from the journal */
	struct text unsaved; /* JSON of the news since the last save */
	size_t saved;	     /* so much of it is */
	struct text gone;    /* names of dropped subjects, NUL-terminated */
};

enum {
	STANDINGS_NAME = 1 + 321,
	STANDINGS_UNSAVED = 64 << 20,
	STANDINGS_REMEMBERED = 30 * 86400, /* repeats are counted this long */
	STANDINGS_ENDS = 7 * 86400	   /* ends are told this late */
};

/* NULL: not known. kind SUBJECT_KINDS and no key: the installation. */
struct standings_subject *standings_find(
    const struct standings *s, enum subject_kind kind, struct str key);
void standings_drop(struct standings *s, struct standings_subject *u);

/* standings_ends.c: of a subject that came (its places are at the end), goes,
 * or has changed. */
void standings_ends_add(struct standings *s, struct standings_subject *u);
void standings_ends_remove(struct standings *s, struct standings_subject *u);
void standings_ends_touch(struct standings *s, struct standings_subject *u);

/* standings_walk.c: the next one, as long as *max lasts: each costs 1. NULL:
 * it is over, or max is. */
struct standings_subject *standings_walk_next(
    struct standings *s, struct standings_walk *w, size_t *max);

/* standings_keep.c: true when the list changed; k is taken or freed. */
bool standings_keep(struct standings_subject *u, enum keep_list list,
    const struct event *e, enum standing rung, uint64_t max);
void standings_free_lists(struct standings_subject *u);
/* The one event of a list of one; NULL. */
const struct kept *standings_latest(
    const struct standings_subject *u, enum keep_list list);
/* <0, 0, >0 as event_compare. */
int standings_compare(const struct kept *a, const struct kept *b);

/* standings_read.c */
struct standings_view {
	const struct standings_subject *u;
	const struct kept *lift, *operator, * mark, *exempt;
	const struct kept *enforce;
	const struct kept_list *undos; /* NULL: none */
	bool is_enforcing;
	int64_t now;
};
void standings_look(struct standings *s, const struct standings_subject *u,
    int64_t now, struct standings_view *v);
/* Does it wait for an operator? */
bool standings_is_braked(const struct kept *k);
/* An automatic sanction that nothing has ended but perhaps its time. */
bool standings_is_alive(const struct standings_view *v, const struct kept *k);
void standings_read(struct standings *s, const struct standings_subject *u,
    int64_t now, struct standing_state *out);

/* standings_past.c: what former suspensions leave behind. Each counts that was
 * neither overturned nor undone, two of one epoch once. */
struct standings_past {
	unsigned repeats; /* that ended in the last 30 days */
	int64_t ended_at; /* the latest end that probation follows; 0: none */
};
void standings_read_past(const struct standings_view *v, int64_t probation_for,
    struct standings_past *out);

/* standings_time.c: what is known of one sanction, to who asked. */
void standings_tell(const struct standings_view *v, const struct kept *k,
    standings_ended_fn *each, void *ctx);

/* standings_trial.c: an order about a trial. */
bool standings_fold_trial(struct standings_subject *u, const struct event *e);

/* standings_undo.c: the order that took this sanction back; NULL: none. */
const struct kept *standings_find_undo(
    const struct standings_view *v, const struct kept *k);
/* Was it taken back? Said by the order, or by what is remembered of it. */
bool standings_was_undone(const struct standings_view *v, const struct kept *k);

#endif
