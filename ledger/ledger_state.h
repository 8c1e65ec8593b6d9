/* ledger_state - what the files of the ledger share, and nobody else sees
 *
 * A subject that counts now is hot: what the minute of its last fact brings is
 * added to `now` only, and poured into the record's cells when another minute's
 * fact comes or somebody asks for cells. Sums of whole windows are `sums` plus
 * `now`.
 */
#ifndef LEDGER_STATE_H
#define LEDGER_STATE_H

#include "base/map.h"
#include "ledger/dorm.h"
#include "ledger/habits.h"
#include "ledger/known.h"
#include "ledger/ledger.h"
#include "ledger/networks.h"
#include "ledger/others.h"
#include "ledger/record_spelt.h"
#include "ledger/sketch.h"
#include "ledger/sprayed.h"

enum { SUBJECT_KEY = LEDGER_KEY };

/* In ledger_next's i the part stands above: those who sleep, then each kind of
 * who is awake, for who wakes meanwhile is found there again. Who tells of them
 * otherwise has the sleepers come last, and no one comes twice. */
enum { LEDGER_NEXT_SHIFT = 56 };
enum ledger_next_part {
	NEXT_ASLEEP,
	NEXT_AWAKE,
	NEXT_ASLEEP_LAST = NEXT_AWAKE + SUBJECT_KINDS,
};

/* Who waits for changes. While the one fold list is drained, in slices, new
 * changes go to the other. */
enum ledger_list { LIST_SAVE, LIST_FOLD, LIST_FOLD_OTHER, LIST_POST, LISTS };
/* The sketches have changed since they were posted. */
enum { LISTED_SKETCHES = 1u << LISTS };

/* Who may push out whom: strangers make clients and networks, so these never
 * push out accounts. */
enum { QUEUE_OWN, QUEUE_STRANGERS, QUEUES };

struct subject_hot {
	uint32_t minute; /* that `now` is of; of a late fact an earlier one */
	uint32_t heated; /* the books' minute when it last went to the front */
	uint32_t sums_minute; /* sums are of this minute; 0: there are none */
	uint32_t sums_until;  /* see record_sum_spelt */
	uint32_t n_sums;      /* there is room for; 0 until somebody asks */
	bool is_late;	      /* ... and have what they shouldn't, too */
	uint32_t has;	      /* a bit per count in `now` */
	uint32_t now[COUNTS];
	uint64_t sums[];
};

/* What else is known about a subject than its counts. */
struct subject_seen {
	struct sketch recipients;
	struct networks networks;
	struct known *known; /* whom it wrote to */
	struct habits *habits;
	struct known *tried; /* of what was refused here; not saved */
	bool is_unsaved;     /* networks: for the journal */
};

/* The same while the subject is silent: as it is packed for the books. */
struct subject_kept {
	uint16_t n;
	bool is_small;
	uint8_t due; /* see ledger_kept.c */
	char packed[];
};

/* See others.h. */
struct subject_other {
	struct subject_other *next;
	char node[17];
	uint32_t first_seen, posted_at, mark; /* stamps */
	int32_t pending, recipients, messages;
	struct others_version version, seen_version;
	struct record record;
	struct subject_seen seen;
};

/* What every fact needs stands first, to be in one line of the cache. */
struct subject {
	struct subject_hot *hot;
	struct subject_seen *seen;	      /* NULL: nothing, or kept */
	uint32_t first_seen, last_seen, mark; /* stamps; 0: none */
	int32_t pending;
	uint64_t note;
	uint16_t key_n;
	uint8_t kind;
	uint8_t listed;	    /* a bit per list, and LISTED_SKETCHES */
	uint32_t at[LISTS]; /* 1 + its index there; 0: not in it */
	uint32_t read_at;   /* stamp: the others' pages were read; 0: never */
	struct record record;
	struct subject *newer, *older;
	struct subject_other *others;
	struct subject_kept *kept;
	char key[];
};

/* A dropped subject, until the books have it. */
struct subject_gone {
	uint8_t kind;
	bool is_saved, is_folded;
	uint16_t key_n;
	char key[];
};

struct subject_list {
	struct subject **v;
	size_t n, cap;
};

struct subject_queue {
	struct subject *newest, *oldest;
	struct subject *hand; /* nobody older than it is hot */
	struct subject *lay;  /* ... is still to be laid to sleep */
	size_t n;
	size_t n_asleep; /* these stand in no order */
	size_t push_at;
};

/* The subjects of the facts of one sender from one client. */
struct ledger_way {
	uint64_t hash, generation;
	struct ip client;
	uint16_t account_n, domain_n;	    /* lengths */
	uint8_t kinds;			    /* a bit per kind that is there */
	struct subject *v[SUBJECT_COUNTED]; /* by kind */
};

/* What a fact does, and for whom: a bit per kind of subject. */
struct ledger_effect {
	uint8_t touched; /* any of the following; who may begin with it */
	uint8_t count;	 /* which one counts */
	uint8_t counted, kib, pending;
	uint8_t networks, recipients; /* the sketches */
	uint8_t known;		      /* whom it knows; new networks */
	uint8_t habits, inside, places;
	uint8_t seen;  /* any of those from networks on */
	uint8_t tried; /* what it tries again counts no more */
	bool is_beginning;
};

enum { LEDGER_WAYS = 8192 };

/* Ways that facts will soon be about, the latest last (ledger_foresee). */
enum { FORESEEN = 4 };

struct ledger {
	int64_t now;
	uint32_t minute, stamp; /* of now */
	size_t max_subjects, n_subjects;
	uint8_t hash_key[SKETCH_KEY];
	int64_t known_after;
	struct map maps[SUBJECT_KINDS]; /* who is awake */
	struct dorm dorm;		/* who sleeps */
	struct {
		bool is_all; /* since then the dorm got only what was loaded */
		char letter;
		uint16_t key_n;
		char key[SUBJECT_KEY];
	} loaded; /* the last one */
	struct subject_queue queues[QUEUES];
	struct subject *all;
	struct subject *visited; /* a copy of one that sleeps; NULL */
	struct ledger_effect effects[FACT_KINDS][2]; /* inside, outward */
	struct ledger_way *ways, *last_way;
	uint64_t foreseen[FORESEEN]; /* their hashes */
	uint32_t n_foreseen;
	uint64_t generation; /* ways of another one are void */
	uint64_t removals;   /* from the maps, in which others moved then */
	unsigned walked; /* ticks until who is silent may be laid to sleep */
	bool is_walked;	 /* by walk_some: who wakes meanwhile is to be posted */
	uint32_t cool_after; /* minutes */
	bool is_brief;	     /* ledger_count_only */
	struct record_pairs pairs;
	struct record_spelling *spelling;
	struct {
		enum count count;
		uint32_t minutes;
	} watched[LEDGER_SUMS];
	uint32_t n_watched;
	bool has_regaining; /* a watched window is record_window_regains */
	uint8_t listing;    /* lists that are in use */
	bool is_loading;    /* what is dropped now is known to the journal */
	bool is_unsorted;   /* loaded: the queues are not by time yet */
	struct subject_list lists[LISTS];
	enum ledger_list folding; /* the fold list that changes go to */
	struct subject_gone **gone;
	size_t n_gone, cap_gone;
	/* Sums of one subject that is not hot. */
	const struct subject *asked;
	uint32_t asked_minute;
	uint64_t asked_sums[LEDGER_SUMS];
	size_t sweep_kind, sweep_at, sweep_asleep;
	struct sprayed sprayed, shapes; /* see sprayed_alike */
	ledger_country_fn *country;	/* NULL: nobody tells */
	void *country_ctx;
	ledger_drop_fn *on_drop; /* NULL: nobody asks */
	void *drop_ctx;
	uint32_t keeps[SUBJECT_KINDS]; /* minutes */
	uint32_t keeps_sizes[SUBJECT_KINDS];
	/* See others_note_ends. */
	struct {
		char node[NODES_ID];
		uint32_t minute;
	} ends[NODES_MAX];
	size_t n_ends;
};

/* Seconds since RECORD_EPOCH, never 0. */
static inline uint32_t
ledger_stamp(int64_t at)
{
	int64_t v = at - RECORD_EPOCH;

	return v < 1 ? 1 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* 0 stays 0. */
static inline int64_t
ledger_unstamp(uint32_t stamp)
{
	return stamp ? RECORD_EPOCH + (int64_t)stamp : 0;
}

/* So long after its last fact it is no longer hot, and may sleep. */
enum { SUBJECT_SILENT_AFTER = 2 /* minutes */ };
static inline bool
subject_is_silent(const struct ledger *l, const struct subject *s)
{
	return !s->hot && record_minute(ledger_unstamp(s->last_seen)) +
				  SUBJECT_SILENT_AFTER <=
			      l->minute;
}

/* ledger_sleep.c. NULL: nobody of that name sleeps; otherwise it wakes. hash:
 * map_hash of the key. */
struct subject *sleepers_wake(
    struct ledger *l, enum subject_kind kind, struct str key, uint64_t hash);
static inline struct subject *
sleepers_find(
    struct ledger *l, enum subject_kind kind, struct str key, uint64_t hash)
{
	return l->dorm.n > 0 ? sleepers_wake(l, kind, key, hash) : NULL;
}
/* The next of the dorm, a copy of it to look at, until the next such call; NULL
 * at the end. */
struct subject *sleepers_visit(struct ledger *l, size_t *i);
struct subject *ledger_next_of(
    struct ledger *l, size_t *i, enum ledger_next_part last);
void sleepers_leave(struct ledger *l);
/* Who is silent, and has nothing that the books don't know or somebody waits
 * for: s is gone then, and who was it sleeps. Not while somebody looks at a
 * subject. */
bool sleepers_lay(struct ledger *l, struct subject *s);
/* Some in passing, from *i on, again and again: those that are over go. Returns
 * one whose packed bytes could be fewer now: it woke. NULL: none of so many. */
struct subject *sleepers_look(struct ledger *l, size_t *i, int max);
bool sleepers_push_out(struct ledger *l, struct subject_queue *q);
/* From the books, unread; false: it has to be read in the usual way. */
bool sleepers_load(
    struct ledger *l, enum subject_kind kind, struct str key, struct str value);

/* ledger_subjects.c */
struct subject_queue *subjects_queue(struct ledger *l, enum subject_kind kind);
/* Behind all others: it was silent. */
void subjects_link_back(struct ledger *l, struct subject *s);
/* It sleeps from now on. */
void subjects_leave_queue(struct ledger *l, struct subject *s);
/* One that slept is dropped, and no longer in the dorm. */
void subjects_gone(struct ledger *l, enum subject_kind kind, struct str key);
/* One more is about to come. */
void subjects_make_room(struct ledger *l);
struct subject *subjects_find(
    struct ledger *l, enum subject_kind kind, struct str key);
struct subject *subjects_get(
    struct ledger *l, enum subject_kind kind, struct str key);
void subjects_to_front(struct ledger *l, struct subject *s);
void subjects_enlist(struct ledger *l, struct subject *s, unsigned lists);
void subjects_unlist(
    struct ledger *l, struct subject *s, enum ledger_list list);
/* Forget those that are gone that both journal and records know. */
void subjects_forget_gone(struct ledger *l);
void subjects_drop(struct ledger *l, struct subject *s);
void subjects_sort(struct ledger *l);
void subjects_free(struct subject *s);
void subject_seen_done(struct subject_seen *seen);
/* Forget what is over; seen may become NULL. */
void subjects_fold_seen(struct subject *s, int64_t now);
void subject_other_free(struct subject_other *other);

/* ledger_kept.c */
struct subject_seen *subjects_seen(struct subject *s);
/* What is kept, spelt out into scratch; s->seen when it is so already. */
const struct subject_seen *subjects_look_seen(
    const struct subject *s, struct subject_seen *scratch);
/* It is silent: seen becomes kept, if everything in it is saved. */
void subjects_keep_seen(struct subject *s);
/* It has been silent: what is kept is packed small, without what is over. true:
 * it became another; *bytes: so many were looked at. */
bool subjects_squeeze_seen(struct subject *s, int64_t now, size_t *bytes);
bool subject_is_due(uint8_t due, int64_t now);
/* The day when recipients of this hour are over, in a byte; 0: there are none.
 */
uint8_t subject_due(uint32_t last_hour, uint32_t n);
/* What a value says, which a checksum has kept. */
struct ledger_value;
bool subjects_load_seen(struct subject *s, const struct ledger_value *v);

/* ledger_ways.c: the subjects of a fact with an account; of these kinds. */
void ways_find(struct ledger *l, const struct fact *f, unsigned kinds,
    struct ledger_touched *t);
/* Of a login, failed or not, or an attempt: strangers make no accounts. */
void ways_find_few(struct ledger *l, const struct fact *f, unsigned kinds,
    struct ledger_touched *t);

/* ledger_books.c: how a subject begins in the journal and on the board. */
struct ledger_head {
	uint32_t first_seen, last_seen, mark;
	int32_t pending;
};
enum {
	LEDGER_VALUE_MAX = 1 << 20,
	/* So many packed bytes of records, however few, are a turn's work. */
	LEDGER_TURN_BYTES = 2048,
};
void ledger_pack_head(const struct subject *s, struct text *out);
bool ledger_take_head(struct str *s, struct ledger_head *h);
/* Who counts now is packed again before long; once silent, it is packed
 * small. */
void ledger_pack_record(const struct subject *s, struct text *out);
void ledger_put_head(struct subject *s, const struct ledger_head *h);
/* After a start the books' clock is where the latest subject was seen. */
void ledger_set_clock(struct ledger *l, uint32_t last_seen);

/* ledger_value.c. All that the books' table says of it. */
void ledger_pack_value(
    struct subject *s, struct text *scratch, struct text *out);
/* Its parts, but for the sets, which follow if there are some. */
void ledger_put_value(const struct ledger_head *h, struct str cells,
    bool has_sets, struct text *out);
/* Of one that is new; false: damaged. */
bool ledger_take_value(struct subject *s, struct str value);
/* The parts of a value, without a closer look; false: damaged. */
struct ledger_value {
	struct ledger_head head;
	struct str cells, sets;
	bool is_dense; /* cells: without DENSE_MARK */
	bool is_5;     /* as the books' format 5 had it */
};
bool ledger_look_value(struct str value, struct ledger_value *v);
uint32_t ledger_value_last_seen(struct str value);

/* ledger_post.c: one packed for the board, with room that serves many; each may
 * change the ledger. */
struct ledger_page {
	struct text record, sketches, scratch;
};
void ledger_page_init(struct ledger_page *p);
void ledger_page_done(struct ledger_page *p);
void ledger_pass(struct subject *s, bool has_sketches, struct ledger_page *p,
    ledger_changed_fn *each, void *ctx);

/* The sets of a subject, which are the board's sketches, too. */
void ledger_pack_sketches(
    const struct subject *s, struct text *scratch, struct text *out);
void ledger_pack_seen(const struct subject_seen *seen, bool is_small,
    struct text *scratch, struct text *out);
/* Of empty ones; takes all, and nothing is nothing. false: damaged, and to be
 * done. */
bool ledger_take_seen(struct str packed, struct subject_seen *seen);
/* As format 5 of the books and 4 of the pages had it. */
bool ledger_take_seen_5(struct str packed, struct subject_seen *seen);
/* What ledger_pack_seen wrote, without a closer look. false: damaged. */
struct subject_look {
	bool is_spelt; /* too much to be kept packed */
	bool is_small, is_nothing;
	uint8_t due;
};
bool ledger_look_seen(struct str packed, struct subject_look *look);
/* May it be kept as it is, unread? is_small: and it gets no smaller. */
bool ledger_value_sleeps(
    struct str value, struct ledger_head *head, struct subject_look *look);

/* others.c */
int64_t others_pending(const struct subject *s);
/* Its cells that count now; scratch: as record_folded's. */
const struct record *others_record(
    const struct ledger *l, struct subject_other *o, struct record *scratch);
void others_mark(struct subject *s, uint32_t mark);
void others_fold(struct subject *s, int64_t now);
void others_forget(struct ledger *l, struct subject *s);

/* ledger_places.c: is the client's network new to it (networks.h)? No client is
 * none. It has been looked at (subjects_seen). */
bool places_is_abroad(
    const struct subject *s, const struct ip *client, int64_t before);
/* A message that habits_see has seen, or a failed login, which only is noted;
 * see sprayed.h. */
bool places_is_sprayed(
    struct ledger *l, const struct fact *f, const struct ledger_touched *t);
/* A recipient that was refused here before: no new attempt. */
bool places_is_tried_again(
    struct ledger *l, const struct fact *f, const struct ledger_touched *t);

/* ledger_habits.c: an accepted message; bits of habits.h. */
unsigned habits_see(struct ledger *l, struct subject *s, const struct fact *f);

/* ledger_effects.c: every count of everybody is read. */
void ledger_count_all(struct ledger *l);

/* ledger_query.c: own and others' cells in one record; `sum` is empty, or to be
 * done. */
const struct record *subject_gather(
    struct ledger *l, struct subject *s, struct record *sum);

/* ledger.c: it counts in this minute; what it did before is poured. */
void ledger_heat(struct ledger *l, struct subject *s, uint32_t minute);
/* Who is hot, and has sums: they become those of this minute, unless more than
 * single minutes left the windows, or is due to. Before anything is folded. */
bool ledger_age_sums(const struct ledger *l, struct subject *s);
/* Pour what is hot into the cells. */
void ledger_pour(struct ledger *l, struct subject *s);
/* No longer hot; memory as small as it gets. */
void ledger_cool(struct ledger *l, struct subject *s);
/* A few steps along those that were hot and are silent now. */
void ledger_cool_some(struct ledger *l, struct subject_queue *q);
void ledger_advance(struct ledger *l, int64_t now);

/* The sums, should there be some, are no longer right; nor is what the caller
 * makes of them. */
static inline void
subject_void_sums(struct ledger *l, struct subject *s)
{
	if (s->hot)
		s->hot->sums_minute = 0;
	s->note = 0;
	if (l->asked == s)
		l->asked = NULL;
}

/* Something of it has changed: whoever waits for that is told. */
static inline void
subject_changed(struct ledger *l, struct subject *s)
{
	if (l->listing & ~s->listed)
		subjects_enlist(l, s, l->listing);
}

#endif
