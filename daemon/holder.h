/* holder - which queued messages are to be held, until when, and which to go
 *
 * It knows the accounts that are held or suspended, is offered what they have
 * in the queues, and says what outpost-queue is to be asked next; the answers
 * come back. What it holds it keeps in the books, too; outpost-queue's own list
 * corrects it. Pure: no I/O, no clock.
 */
#ifndef DAEMON_HOLDER_H
#define DAEMON_HOLDER_H

#include "daemon/held_select.h"
#include "queue/queue_book.h"
#include "queue/queue_proto.h"
#include "limits/evidence.h"
#include "mta/chain.h"

/* What becomes of mail that isn't clean and about which nobody decided. */
enum holder_then {
	HOLDER_RETURN, /* to its sender, if that is its account; else it stays
			*/
	HOLDER_KEEP,
	HOLDER_RELEASE,
};

struct holder;
struct holder_options {
	int64_t messages_max, bytes_max; /* of each that is stopped */
	int64_t lease;	       /* how long at once, when there is no end */
	int64_t keep;	       /* how long after it what isn't clean stays */
	enum holder_then then; /* and then */
	/* Addresses behind which many stand: they tell nothing. NULL: none */
	const struct ip_nets *front_ends;
	/* An account has more in the queues than may be held. Once per
	 * sanction. */
	void (*on_full)(void *ctx, const struct held_scope *whose, size_t n);
	/* So many messages, of this account and perhaps others, stay on hold
	 * though their time is over. */
	void (*on_kept)(void *ctx, struct str account, size_t n);
	void *ctx;
};

struct holder *holder_new(const struct holder_options *o);
void holder_free(struct holder **h);
void holder_set(struct holder *h, const struct holder_options *o);

/* Who is stopped, anew: begin, each, end. */
struct holder_stop {
	struct held_scope whose;
	int64_t until;	   /* may be TIME_NEVER */
	const char *cause; /* the sanction's; "": none */
	struct str event;  /* the sanction, for its evidence; may be empty */
	bool is_doubt;	   /* for a short while, until more is known: at the end
			      all of it leaves */
};
void holder_stop_begin(struct holder *h); /* holder_stop.c */
void holder_stop(struct holder *h, const struct holder_stop *stop);
/* Its domain's and its networks' sanctions don't hold it. */
void holder_exempt(struct holder *h, struct str account);
void holder_stop_end(struct holder *h);
bool holder_is_stopped(
    const struct holder *h, struct str account, const struct ip *client);
size_t holder_stopped(const struct holder *h); /* how many */

/* holder_expect.c: Postfix will put it on hold by itself, if outpost-queue
 * agrees: what that is to be asked; false: none may be held so. It holds once
 * that is answered. */
struct holder_new {
	struct str account, instance, queue_id, sender;
	struct ip client;
	int64_t until;
};
bool holder_expect(const struct holder *h, const struct holder_new *n,
    int64_t now, struct queue_message *out);
void holder_expected(struct holder *h, const struct queue_message *m);
bool holder_has(const struct holder *h, struct str instance, struct str id);

/* It is in a queue. */
void holder_offer(struct holder *h, const struct chains_queued *q, int64_t now);
/* holder_order.c: what is held shall leave, or go back to its senders. */
struct holder_order {
	struct held_scope scope;
	struct held_select release;
	bool is_clean_only;  /* of these only what is clean */
	bool is_rest_return; /* the rest goes back, if its sender is its own */
	int64_t at; /* it isn't about what was handed in later; 0: about all */
};
struct holder_sum {
	struct held_tally released, returned, kept;
	size_t n_forged; /* of kept: shall go back, but to whom */
};
/* What it would be; sum may be NULL. Messages that were ordered away before
 * aren't counted. */
void holder_foresee(const struct holder *h, const struct holder_order *o,
    struct holder_sum *sum);
/* Whom it is about isn't stopped now: who is when all are told the next time is
 * so anew, and the order is over. */
void holder_order(
    struct holder *h, const struct holder_order *o, struct holder_sum *sum);

/* holder_ask.c: what to ask next: false, nothing. One question at a time; its
 * answer is taken message by message, then its end told. */
bool holder_next(struct holder *h, int64_t now, struct queue_request *q);
void holder_take(struct holder *h, const struct queue_message *m);
void holder_end(struct holder *h, int64_t now, bool is_failed);

/* How much is to be held that isn't yet; how much is. */
size_t holder_waiting(const struct holder *h);
size_t holder_held(const struct holder *h);

/* holder_books.c: tag 'Q', table "held". */
struct books_part;
struct books_part holder_part(struct holder *h);

#endif
