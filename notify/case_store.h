/* case_store - all cases of this node: heads in memory, events on disk
 *
 * An environment of its own ("cases" in the state directory) keeps every event
 * of every case, and what was copied as evidence. Each entry is a link of a
 * chain, in the order in which they came to this node: its hash is the SHA-256
 * of the hash before it and of what it holds, so nothing can be changed, left
 * out or put between without a trace, as long as one later hash is known
 * elsewhere (the daily letter to the desk tells it). What retention or an order
 * to forget takes away leaves its link, and an entry that says so.
 *
 * 20,000 cases opened at 50,000 a second, on disk at 31,000 (one core of a busy
 * machine); what they copy is filed at 50 cases a second, in the background.
 *
 * An entry is handed to the disk when cases_commit is called, and is read by
 * everybody from the moment it was added. When the disk can't be used, cases
 * live in memory alone.
 */
#ifndef NOTIFY_CASE_STORE_H
#define NOTIFY_CASE_STORE_H

#include "base/disk.h"
#include "notify/case_file.h"

struct cases;
struct cases_options {
	const char *dir; /* the state directory; NULL: memory alone */
	size_t map_bytes;
	size_t max; /* cases; beyond, the oldest that are over go */
};

struct cases *cases_new(size_t max);
/* Loads what is there. -1: the error says what is wrong; the store goes on in
 * memory. */
int cases_open(
    struct cases *c, const struct cases_options *o, struct error *err);
void cases_start(struct cases *c, struct loop *l);
/* The last commit included. */
void cases_free(struct cases **c);

/* An event; false: it is known, or of no case. *opened: NULL, or set to the
 * case that it opened and that was not known before. */
bool cases_add(
    struct cases *c, const struct event *e, const struct case_head **opened);
bool cases_has(struct cases *c, const struct event *e);

/* What was added until cases_seal is handed over by cases_commit; on_done as
 * with disk_commit, or never when there is nothing. */
void cases_seal(struct cases *c);
void cases_commit(struct cases *c, disk_done_fn *on_done, void *ctx);

/* By id, as people type it, else by account: its newest, or what it is stopped
 * for now rather than newer complaints. NULL: none. Valid until the next
 * cases_add or cases_remove. */
const struct case_head *cases_find(struct cases *c, struct str name);
const struct case_head *cases_get(struct cases *c, const char *cause);
/* One of an account that is to be kept; NULL: there is none. */
const struct case_head *cases_kept_of(struct cases *c, struct str account);
/* All of an account, newest first. */
size_t cases_of(struct cases *c, struct str account,
    const struct case_head **out, size_t max);
/* Its events, in their order; each must not change the store. */
typedef void cases_event_fn(void *ctx, const struct event *e);
int cases_each(struct cases *c, const struct case_head *head,
    cases_event_fn *each, void *ctx, struct error *err);
/* All of it; case_file_free. NULL with an error: the disk can't be read. */
struct case_file *cases_read(
    struct cases *c, const struct case_head *head, struct error *err);

/* All heads in no order; a walk by slices, `at` begins with 0: false at the
 * end. Cases that open meanwhile may be left out. */
typedef void cases_fn(void *ctx, const struct case_head *head);
bool cases_walk(
    struct cases *c, size_t *at, size_t max, cases_fn *each, void *ctx);
size_t cases_count(const struct cases *c);

/* What is kept of it goes, but for its links; why: "retention", "forget". */
int cases_remove(struct cases *c, const struct case_head *head, const char *why,
    int64_t now, struct error *err);
/* Links at the chain's beginning whose cases are gone, at most `max`. */
int cases_trim(struct cases *c, size_t max, struct error *err);

struct cases_chain {
	uint64_t links; /* since it began */
	char head[65];	/* the latest hash, hex */
};
void cases_chain(const struct cases *c, struct cases_chain *out);
struct cases_size {
	size_t cases, waiting; /* entries that are not on disk */
	uint64_t used_bytes, map_bytes;
	bool is_in_memory; /* no disk */
};
void cases_size(const struct cases *c, struct cases_size *out);

/* Checks the chain, and the entries of one case (NULL: of all) against it. May
 * run in another thread: give it what cases_verify_begin gives, once every
 * entry is on disk. */
struct cases_check {
	struct disk *disk;
	char cause[33]; /* empty: of all */
	struct cases_chain expect;
	/* A hash that is known from before; empty: none. */
	char known[65];
	uint64_t links, entries, missing; /* out */
	bool is_known_found;
	struct error what; /* of the first thing that is wrong */
	void *ctx;	   /* the caller's */
	/* Set it to have the check end soon; then nothing is touched any more
	 * once it is over. */
	_Atomic bool is_stopped, is_over;
};
void cases_verify_begin(
    const struct cases *c, const char *cause, struct cases_check *check);
/* 0: all is as it was written. */
int cases_verify(struct cases_check *check);

#endif
