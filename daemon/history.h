/* history - the last events, for `outpost events` and `outpost show`
 *
 * A bounded list in the order of their identity, kept in the books.
 */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include "ledger/books.h"
#include "ledger/event.h"

struct history;

struct history *history_new(size_t max);
void history_free(struct history **h);

/* false: it is there already. */
bool history_add(struct history *h, const struct event *e);
bool history_has(const struct history *h, const char *id);
/* Is one of this type about this subject among them? */
bool history_knows(
    const struct history *h, enum event_type type, const char *subject);
size_t history_count(const struct history *h);

/* Oldest first: the last `n` that match; kind and subject empty: all; after:
 * only events with a later identity (NULL: all). */
typedef void history_fn(void *ctx, const struct event *e);
void history_each(const struct history *h, struct str kind, struct str subject,
    const struct event *after, size_t n, history_fn *each, void *ctx);

/* All whose JSON has this text, oldest first: for who knows no subject. */
void history_each_with(
    const struct history *h, struct str text, history_fn *each, void *ctx);

/* INT64_MAX: there are none. */
int64_t history_oldest_us(const struct history *h);
/* Drops what is older than that, up to max at once. */
void history_tick(struct history *h, int64_t since_us, size_t max);
/* Drops those whose JSON is one that is meant; returns how many. */
typedef bool history_is_fn(void *ctx, struct str json);
size_t history_drop(struct history *h, history_is_fn *is, void *ctx);

/* Tag 'H', table "events". */
struct books_part history_part(struct history *h);

#endif
