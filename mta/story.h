/* story - what the log says of one message, told as a whole
 *
 * The lines of queue ids that may belong together go in; flights (a queue id
 * from its first line to "removed"), their links and what became of each
 * recipient come out. Unlike the chains, which count facts while the log runs,
 * nothing waits and nothing is forgotten here: all lines are there at once, in
 * any order. Queue ids are reused: a first line after the end of a flight
 * begins another one. Pure: no clock, no I/O.
 *
 * What links two flights is what links them for the chains (mta/chain.h), and
 * "sender non-delivery notification: B". A "queued as B" of a server that isn't
 * ours is believed only if both have one Message-ID: a remote server may name
 * any queue id it likes. A message of one of submission_hosts is the account's
 * whom the first reference that cleanup logs for it names.
 */
#ifndef MTA_STORY_H
#define MTA_STORY_H

#include "base/arena.h"
#include "mta/account.h"
#include "mta/outcome.h"
#include "mta/postfix.h"
#include "mta/ref.h"

enum story_link {
	STORY_FIRST,   /* nothing before it is known */
	STORY_HOP,     /* a content filter, another instance */
	STORY_RELAY,   /* another host of ours */
	STORY_PROXY,   /* behind the before-queue filter */
	STORY_FORWARD, /* .forward, alias of local(8) */
	STORY_REQUEUE, /* postsuper -r */
	STORY_NOTICE,  /* a bounce or delay notice about it */
	STORY_LINKS
};
const char *story_link_text(enum story_link link);

enum story_outcome {
	STORY_WAITING, /* not tried, or handed on and nothing seen since */
	STORY_DELIVERED,
	STORY_DEFERRED, /* tried, still in the queue */
	STORY_UNKNOWN_USER,
	STORY_REFUSED, /* by the receiver, for spam, policy or reputation */
	STORY_BOUNCED,
	STORY_EXPIRED,
	STORY_DELETED,	   /* by an operator */
	STORY_TURNED_AWAY, /* by us, before it was accepted */
	STORY_OUTCOMES
};
const char *story_outcome_text(enum story_outcome outcome);

struct story_line {
	struct logline line; /* views into the stories' own copy */
	struct str whole;
	uint64_t order; /* of arrival */
	uint32_t matched;
	enum line_kind kind;
	struct story_flight *flight;
	struct story_flight *child; /* the flight that it hands on to; NULL */
	struct story_line *next;    /* of the flight */
};

/* Views live as long as the stories; empty when not known. */
struct story_flight {
	struct str host, instance;
	struct str queue_id;		     /* empty: before the queue */
	struct story_flight *parent, *older; /* older: the same queue id */
	struct story_line *first, *last;
	struct story *story;
	enum story_link link;
	int64_t begin_us, end_us;
	bool has_begin; /* its client= or uid= line was there */
	bool is_ended, is_expired, is_deleted, is_held, is_requeued;
	bool is_tried;		  /* has a delivery line */
	struct str orig_queue_id; /* what it says it continues */
	struct str message_id, sender;
	bool has_sender;
	struct str client_name, client_address, login;
	struct str uid;
	uint64_t size_bytes, nrcpt;
};

struct story_recipient {
	struct story_flight *flight; /* the last link that tried */
	struct str to, orig_to;
	enum story_outcome outcome;
	int64_t at_us; /* of the last attempt */
	uint32_t attempts;
	struct str relay_name, relay_address, dsn, reply;
	struct str program; /* that tried last: "lmtp" */
	struct str code;    /* of a refusal of ours: "554" */
	bool is_copy;	    /* of bcc_recipients */
	struct story_recipient *next;
};

enum story_who {
	STORY_WHO_UNKNOWN, /* its beginning isn't in the log */
	STORY_WHO_ACCOUNT,
	STORY_WHO_INBOUND,
	STORY_WHO_NOTICE, /* a notice of our own */
};

struct story {
	struct story_flight **flights; /* the first one is the root */
	size_t n_flights;
	struct story_line **lines; /* in order of time */
	size_t n_lines;
	uint32_t matched;
	int64_t begin_us, end_us;

	enum story_who who;
	struct str account; /* also of a forward: "fwd:..." */
	struct str claimed; /* of a shared account */
	bool is_shared;
	bool is_referred; /* the account is known by its reference */
	bool is_hashed;	  /* by one whose name isn't in it */
	struct str sender;
	bool has_sender;
	struct str message_id;
	struct story_recipient *recipients; /* without those of notices */
	size_t n_recipients;
	uint64_t outcomes[STORY_OUTCOMES];
	uint64_t not_tried; /* recipients of which nothing is logged yet */
};

struct stories_options {
	const struct mta_settings *settings; /* lives as long as the stories */
	/* Appends a user's name; nothing when not known. May be NULL. */
	void (*uid_name)(void *ctx, uint32_t uid, struct text *out);
	void *ctx;
	outcome_fn *outcome; /* NULL: the enhanced status tells */
	void *outcome_ctx;
	const struct ref_keys *refs; /* NULL: references aren't read */
	size_t lines_max, bytes_max;
};

/* The reference that a header check's line quotes; false: none of ours. */
bool story_reference(
    const struct ref_keys *keys, const struct postfix_line *p, struct ref *out);

struct stories;
struct stories *stories_new(const struct stories_options *o);
void stories_free(struct stories **s);

/* Keeps a copy of a line; `line` and `postfix` are what whole says. matched:
 * bits that mean something to the caller. False: it is full. */
bool stories_add(struct stories *s, struct str whole,
    const struct logline *line, const struct postfix_line *postfix,
    uint32_t matched);
/* All lines are there. Afterwards *n stories that have all bits of `want`, by
 * the time of their beginning; they live as long as s. */
struct story *const *stories_tell(struct stories *s, uint32_t want, size_t *n);

#endif
