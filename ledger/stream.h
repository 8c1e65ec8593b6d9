/* stream - events between the nodes: one Redis stream, and an outbox
 *
 * Events are the truth (event.h). A node's own event takes effect at once; it
 * stays in the outbox, which is part of the books, until it was seen in the
 * stream. Events of other nodes are read from the last place the books know,
 * and handed to on_event, each once; our own echo is recognised by its
 * identity and only empties the outbox. With Redis down everything waits, and
 * nothing is lost. A Redis that lost its data (its epoch changed, see keys.h)
 * is told again: on_lost asks the owner for what still matters. And so that a
 * node that is new, or was away for long, learns what holds although the
 * stream is trimmed, one of the nodes puts all of it back from time to time.
 */
#ifndef LEDGER_STREAM_H
#define LEDGER_STREAM_H

#include "base/redis.h"
#include "ledger/books.h"
#include "ledger/event.h"

struct stream;

struct stream_options {
	size_t max_outbox; /* events; beyond, the oldest are given up */
	int64_t keep;	   /* seconds events stay in the stream */
};

struct stream_hooks {
	/* An event that this process didn't emit; once each. It may be known:
	 * one of ours from before a start, or of a copy of our state. */
	void (*on_event)(void *ctx, const struct event *e);
	/* Redis is empty or another: put back what holds, by stream_emit (an
	 * event's identity stays, so nodes that know it ignore it), at once or
	 * bit by bit, then call stream_is_told. A process that ends before is
	 * asked again by the next. */
	void (*on_lost)(void *ctx);
	/* The same, since a quarter of `keep` has passed. May be NULL. */
	void (*on_renew)(void *ctx);
	void *ctx;
};

struct stream *stream_new(
    const struct stream_options *o, const struct stream_hooks *hooks);
void stream_free(struct stream **s);
/* Tag 'E', table "outbox": events not yet seen in the stream, the place read
 * to, the epoch. */
struct books_part stream_part(struct stream *s);
/* After the books are opened: this node's id; the connections to write with,
 * and to wait with (XREAD BLOCK needs one of its own). */
void stream_start(struct stream *s, struct str node, struct loop *l,
    struct redis *writer, struct redis *reader);
/* The state of a connection changed (redis_state_fn tells the owner). */
void stream_on_state(struct stream *s);

/* Was all read that stood in the stream when Redis was first reached? What
 * others decided while this node was away is known from then on. */
bool stream_is_current(const struct stream *s);

/* All that on_lost asked for was emitted. */
void stream_is_told(struct stream *s);

/* An event of this node; copied. */
void stream_emit(struct stream *s, const struct event *e);

struct stream_status {
	size_t outbox; /* waiting to be seen */
	uint64_t written, read, given_up;
};
void stream_status(const struct stream *s, struct stream_status *out);

#endif
