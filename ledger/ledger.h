/* ledger - the counts of every subject over time
 *
 * The ledger only counts: facts go in, sums come out. It keeps a record per
 * subject, running sums for the (count, window) pairs somebody watches, and
 * the small sketches (distinct recipients, distinct client networks). Pure: no
 * clock, no I/O. Memory is bounded by max_subjects: the longest silent go, and
 * clients and networks, which strangers can make, never push out accounts.
 *
 * Whom a fact counts for: with an account, the account, the claimed one, the
 * domain, the client, its network, and all. Without one it is inbound mail and
 * counts for nobody; but a failed login counts for client, network, all, and
 * the account named if that is known already. An attempt counts for its account
 * and all; pending for account, claimed one and domain.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "ledger/fact.h"
#include "ledger/record.h"

enum subject_kind {
#define SUBJECT(name, letter, text, help) SUBJECT_##name,
#include "ledger/subjects.def"
#undef SUBJECT
	SUBJECT_KINDS
};
/* Of the kinds before it there are counts. */
enum { SUBJECT_COUNTED = SUBJECT_ALL + 1 };

const char *subject_kind_text(enum subject_kind k);
char subject_kind_letter(enum subject_kind k);
bool subject_kind_from_letter(char letter, enum subject_kind *k);
bool subject_kind_parse(struct str s, enum subject_kind *k);

struct ledger;
struct subject; /* lives until the ledger drops it: never kept over a turn */

struct ledger_options {
	size_t max_subjects;
	/* From the installation's secret, the same on every node: the key of
	 * the hashes in sketches. Zero will do for replay and tests. */
	uint8_t hash_key[16];
};

struct ledger *ledger_new(const struct ledger_options *o);
void ledger_free(struct ledger **l);

/* Ask for a running sum; returns its slot. At most LEDGER_SUMS different ones;
 * -1 beyond. The same pair gives the same slot. May be called while counting
 * goes on (a reload). */
enum { LEDGER_SUMS = 128 };
int ledger_watch(struct ledger *l, enum count c, int64_t window);

/* The subjects a fact was counted for. */
struct ledger_touched {
	struct subject *v[SUBJECT_KINDS];
	size_t n;
	uint64_t met;  /* strangers and new networks: as ledger_raised */
	uint32_t most; /* of these by more than the fact counts: so many */
};
void ledger_add(
    struct ledger *l, const struct fact *f, struct ledger_touched *touched);
/* Such facts come soon: what is known of whom they are about is fetched into
 * the cache, a step with each of these calls. */
void ledger_foresee(
    struct ledger *l, struct str account, const struct ip *client);
/* When not all is read: by kind of subject, bits as ledger_raised's of what is.
 * Before the first fact. Nothing else is counted then, and facts touch nobody
 * of whom nothing is read; what is read is the same as ever, also when somebody
 * was first seen. A daemon shows everything, a replay reads little. */
void ledger_count_only(struct ledger *l, const uint64_t counts[SUBJECT_KINDS]);
/* Nobody asks about counts of this kind that are older than this; then neither
 * they are kept (but for a day more), nor who was silent for so long. Without
 * it, and at most, RECORD_DAYS. A longer one than before begins with what is
 * left. */
void ledger_keep(struct ledger *l, enum subject_kind kind, int64_t window);
/* The same of the size of messages (COUNT_KIB), which takes a third of what a
 * record takes: once who has it is silent nothing older is kept, but for some
 * hours. */
void ledger_keep_sizes(
    struct ledger *l, enum subject_kind kind, int64_t window);
int64_t ledger_keeps(
    const struct ledger *l, enum subject_kind kind, enum count c);
/* What a fact raised: a bit per count, and beyond them of what the sketches
 * tell. Pending recipients are recipients: confirming one raises nothing but
 * what is told by who it is. */
enum {
	LEDGER_DISTINCT_RECIPIENTS = COUNTS,
	LEDGER_DISTINCT_NETWORKS,
	LEDGER_COUNTS
};
uint64_t ledger_raised(
    const struct fact *f, const struct ledger_touched *touched);

/* The time of the latest fact; the books' clock. It never goes back. */
int64_t ledger_now(const struct ledger *l);
/* The books were read: what follows from all of it is worked out now, which
 * takes a moment, and not with the first fact. */
void ledger_loaded(struct ledger *l);
/* Time passes without facts: what is to be done every second, at once or in
 * parts (0 and up, in order). */
enum { LEDGER_TICK_PARTS = 64 };
void ledger_tick(struct ledger *l, int64_t now);
void ledger_tick_some(struct ledger *l, int64_t now, unsigned part);

/* NULL when nothing is known. */
struct subject *ledger_find(
    struct ledger *l, enum subject_kind kind, struct str key);
/* The same by map_hash of the key, of which LEDGER_KEY bytes count. Told
 * beforehand, where the key is found is in the cache by then. */
enum { LEDGER_KEY = 320 };
struct subject *ledger_find_hashed(
    struct ledger *l, enum subject_kind kind, struct str key, uint64_t hash);
void ledger_expect(
    const struct ledger *l, enum subject_kind kind, uint64_t hash);
/* ledger_find, made when absent. */
struct subject *ledger_get(
    struct ledger *l, enum subject_kind kind, struct str key);
/* In no order; i starts at 0. Only to be looked at, until the next call: of who
 * was silent for long it is a copy. */
struct subject *ledger_next(struct ledger *l, size_t *i);
size_t ledger_subjects(const struct ledger *l);
/* When the books began: the time of the first fact ever. 0: none yet. */
int64_t ledger_began(const struct ledger *l);

enum subject_kind subject_kind(const struct subject *s);
struct str subject_key(const struct subject *s);
/* A number that the caller keeps with a subject in memory; 0 in a new one, and
 * when what is counted of it changed otherwise than by a fact: by a mark or one
 * from before it, the books, other nodes' pages; and when it is seen from a
 * network where it was not just now. A late fact raises no sum by
 * more than it counts. */
uint64_t subject_note(const struct subject *s);
void subject_set_note(struct subject *s, uint64_t note);
int64_t subject_first_seen(const struct subject *s);
int64_t subject_last_seen(const struct subject *s);
/* The running sum of a watched slot, own node and others together. */
uint64_t subject_watched(struct ledger *l, struct subject *s, int slot);
/* The same of all slots, n, at once: whole[slot] and, of its count, now[].
 * Until the ledger changes, or is asked about somebody else. */
struct subject_sums {
	const uint64_t *whole;
	const uint32_t *now;
	size_t n;
};
void subject_watched_all(
    struct ledger *l, struct subject *s, struct subject_sums *out);
/* No less than that, and cheaper: sums of an earlier minute may do, for time
 * only makes them smaller. n is 0 when each has to be asked for. */
void subject_at_most_all(
    struct ledger *l, struct subject *s, struct subject_sums *out);
/* With some odd windows it does not: their sums can grow by themselves. */
bool ledger_sums_regain(const struct ledger *l);
/* Any sum; walks the cells. */
uint64_t subject_sum(
    struct ledger *l, struct subject *s, enum count c, int64_t window);
/* Recipients accepted and not yet confirmed by a delivery line. */
int64_t subject_pending(const struct subject *s);
/* Counts in `n` buckets of `step` seconds ending now, oldest first: charts. */
void subject_series(struct ledger *l, struct subject *s, enum count c,
    int64_t step, uint64_t *out, size_t n);
/* Estimates over the last hour and day (up to twice that: outward). */
uint64_t subject_distinct_recipients(
    const struct subject *s, int64_t window, int64_t now);
/* The last networks this subject sent from, newest first; returns how many. */
struct subject_network {
	struct ip_net net;
	int64_t first_seen, last_seen;
};
/* What is seen of a network after so many seconds is news: note becomes 0. */
enum { SUBJECT_NETWORKS = 16, SUBJECT_NETWORK_NEWS = 600 };
size_t subject_networks(
    const struct subject *s, struct subject_network out[SUBJECT_NETWORKS]);
/* How many recipients it is remembered to have written to (known.h), here. */
size_t subject_known(const struct subject *s);
/* Has it written to this one before, here? */
bool ledger_has_met(
    const struct ledger *l, const struct subject *s, struct str recipient);
/* Is the client's network new to it (networks.h)? */
bool ledger_is_abroad(const struct ledger *l, struct subject *s,
    const struct ip *client, int64_t at);
/* Of those seen in the window, how many are new to it (networks.h). */
uint64_t subject_foreign_networks(const struct ledger *l,
    const struct subject *s, int64_t window, int64_t now);
/* Who tells the country of an address: two letters in a number, 0: not known.
 * Until then nobody does. */
typedef uint16_t ledger_country_fn(void *ctx, const struct ip *ip);
void ledger_set_country(struct ledger *l, ledger_country_fn *fn, void *ctx);
/* Of the networks seen in the window: how many countries; how many of them the
 * account was in before that (ledger_known_after) with none. 0 when nobody
 * tells. */
struct subject_countries {
	uint64_t all, news;
};
struct subject_countries subject_countries(const struct ledger *l,
    const struct subject *s, int64_t window, int64_t now);
/* After how long a network is known; a day unless said. */
void ledger_known_after(struct ledger *l, int64_t seconds);
uint64_t subject_distinct_networks(
    const struct subject *s, int64_t window, int64_t now);
/* What its windows of the past held in which it was active, the last `window`
 * excluded. Before `until` (0: nothing is known of that) there will be at least
 * and at most so many, and what is usual no less than `least`, unless a fact
 * comes more than an hour late, which voids the note. */
struct subject_past {
	uint64_t usual; /* the quantile; 0 without any */
	size_t windows;
	int64_t until;
	uint64_t least;
	size_t at_least, at_most;
};
/* q: 0 to 1. */
void subject_usual(struct ledger *l, struct subject *s, enum count c,
    int64_t window, double q, struct subject_past *out);

/* Told of every subject that is dropped, while its view still is good. */
typedef void ledger_drop_fn(void *ctx, enum subject_kind kind, struct str key);
void ledger_on_drop(struct ledger *l, ledger_drop_fn *fn, void *ctx);
/* Its counts are dropped; no view of it is good any more. false: none. */
bool ledger_forget(struct ledger *l, enum subject_kind kind, struct str key);
/* A lift: sums start after `mark`; facts of messages accepted at or before it
 * count before it, what is pending then doesn't at all. */
void ledger_mark(struct ledger *l, struct subject *s, int64_t mark);
int64_t subject_mark(const struct subject *s);

/* ledger_books.c: the ledger's part of the books (see books.h), and the board
 * (see board.h), which both need what changed. */
struct books_part ledger_part(struct ledger *l);
/* Subjects changed since the last call, each once, up to max; they are passed
 * with their packed record (counts) and, when changed, packed sketches. */
typedef void ledger_changed_fn(void *ctx, enum subject_kind kind,
    struct str key, struct str record, struct str sketches);
size_t ledger_each_changed(
    struct ledger *l, size_t max, ledger_changed_fn *each, void *ctx);
/* Such sketches are of who was silent. */
bool ledger_is_small(struct str sketches);
/* How many wait for it. */
size_t ledger_changed(const struct ledger *l);
/* Everything counts as changed again (Redis lost its data). */
void ledger_change_all(struct ledger *l);
/* So does one subject (it could not be posted). */
void ledger_change(struct ledger *l, enum subject_kind kind, struct str key);

#endif
