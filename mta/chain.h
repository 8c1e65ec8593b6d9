/* chain - from log lines to facts: one message, several queue ids
 *
 * Content filters, .forward, postsuper -r and second instances give a message
 * several queue ids, in any order of lines. Each queue id is a flight; flights
 * that belong together are linked, and the first of them knows the account.
 * Acceptance counts once, at the first; outcomes count once, at the last; a hop
 * to ourselves is neither. Recipients are what the client named (orig_to, else
 * to).
 *
 * What links, and what is believed (see postfix.h for what a line may say):
 * - "queued as B" in the reply of a server in own_addresses, if B came from
 *   such an address without a login; of another server, if B came with
 *   "orig_queue_id=A" from one of own_addresses or trusted_clients. That alone
 *   says nothing: whoever reaches a port that takes XFORWARD can name any
 *   message, and any client;
 * - "forwarded as B" of local(8); pickup's "orig_id=OLD" (postsuper -r);
 * - "proxy-accept: ... queued as B" of smtpd_proxy_filter.
 * Between hosts (submission_hosts, outbound_hosts) it is the reference header:
 * the first one that cleanup logs for a message of a submission host tells the
 * account. That host has counted acceptance and recipients; only outcomes are
 * counted here, and no client.
 * A flight that may be a continuation waits link_wait seconds (of the log's
 * time) for the line that says so; its facts wait with it. Then it is
 * ip:ADDRESS if that is trusted, else inbound.
 *
 * Facts are made for accounts only; inbound mail that leaves again (.forward,
 * an alias) is the account "fwd:ADDRESS". A flight that never was active was
 * aborted and makes none. Pure: no clock, no I/O.
 */
#ifndef MTA_CHAIN_H
#define MTA_CHAIN_H

#include "ledger/fact.h"
#include "mta/account.h"
#include "mta/outcome.h"
#include "mta/postfix.h"
#include "mta/ref.h"

struct chains;

/* Appends a user's name; nothing when not known. */
typedef void chain_uid_fn(void *ctx, uint32_t uid, struct text *out);

/* Appends the account of a hashed reference; false: not known, yet. */
typedef bool chain_ref_fn(void *ctx, const struct ref *ref, struct text *out);

/* A message of this account, with the Message-ID that cleanup logged (without
 * <>). Once per message, mostly (chain_message.c). */
typedef void chain_message_fn(
    void *ctx, struct str account, struct str message_id, int64_t at);

/* Facts of this account, from this client, come soon. */
typedef void chain_account_fn(
    void *ctx, struct str account, const struct ip *client);

struct chains_options {
	const struct mta_settings *settings; /* lives as long as the chains */
	uint64_t seed; /* of the hashes in the books: from the secret */
	bool is_kept;  /* chains_part will be saved; costs a little */
	chain_uid_fn *uid_name; /* NULL: "uid:N" */
	void *uid_ctx;
	const struct ref_keys *refs; /* lives as long; NULL: none is read */
	chain_ref_fn *ref_account;   /* NULL: hashed ones aren't resolved */
	void *ref_ctx;
	chain_message_fn *on_message; /* NULL: nobody asks */
	void *message_ctx;
	chain_account_fn *on_account; /* NULL: nobody asks */
	void *account_ctx;
	outcome_fn *outcome; /* NULL: the enhanced status tells */
	void *outcome_ctx;
};

/* on_fact is called from within chains_line, chains_tick and chains_settle,
 * and must not call them.
 *
 * For admission: FACT_PENDING with n > 0 is the moment at which the log takes
 * over what the policy service admitted for (host, instance, queue_id); one
 * with n = 0 says that the transaction was aborted, nothing was accepted. Each
 * recipient that is confirmed takes 1 back (was_pending), the end of the chain
 * the rest. */
struct chains *chains_new(
    const struct chains_options *o, fact_fn *on_fact, void *ctx);
void chains_free(struct chains **c);
/* New settings, from now on. They replace the old ones, which may go. */
void chains_set(struct chains *c, const struct mta_settings *settings);

void chains_line(struct chains *c, const struct logline *line,
    const struct postfix_line *postfix);
/* The line will soon be told: what finds its queue id is fetched meanwhile, and
 * its id_n, id_hash and id_host are set. Nothing changes by it. */
void chains_expect(const struct chains *c, struct logline *line);
/* Time passes without lines. */
void chains_tick(struct chains *c, int64_t now);
/* No more lines will come (the end of a replay): what waits is decided. */
void chains_settle(struct chains *c);

/* The domain's recipients are inside, by the settings or by what was seen. */
bool chains_is_inside(struct chains *c, struct str domain);

enum chains_count {
	CHAINS_FLIGHTS,	   /* now in flight */
	CHAINS_WAITING,	   /* delivery lines that now wait for a link */
	CHAINS_ACCEPTED,   /* chains that made FACT_ACCEPTED */
	CHAINS_ABORTED,	   /* never active */
	CHAINS_UNLINKED,   /* waited for a link that didn't come */
	CHAINS_TIMED_OUT,  /* were active, end not seen */
	CHAINS_DROPPED,	   /* given up because of flights_max */
	CHAINS_STRAY,	   /* delivery lines of queue ids not known */
	CHAINS_DOUBTFUL,   /* delivery lines with two readings */
	CHAINS_UNMARKED,   /* of a submission host, without a reference */
	CHAINS_OVERFLOWED, /* beyond recipients_max or waiting_max */
	CHAINS_COUNTS
};
uint64_t chains_count(const struct chains *c, enum chains_count what);
const char *chains_count_text(enum chains_count what);

/* chain_queue.c: messages of accounts that are in a queue now. Looks at n
 * places at most, from `from` (0: the first); returns where to go on, 0 at the
 * end. */
struct chains_queued {
	struct str account;
	struct str sender; /* the envelope's, of the chain's first link */
	struct str instance, queue_id;
	int64_t active_at;   /* when the log showed it first: it is no newer */
	struct ip client;    /* of the chain's first link; none: not known */
	int64_t accepted_at; /* that link's */
};
typedef void chains_queued_fn(void *ctx, const struct chains_queued *q);
uint32_t chains_in_queue(struct chains *c, uint32_t from, uint32_t n,
    chains_queued_fn *each, void *ctx);
/* The message that this line's host has under a queue id, before the line is
 * read; the account is empty while it isn't known. false: there is none. */
bool chains_queued_as(struct chains *c, const struct logline *line,
    struct str queue_id, struct chains_queued *out);

/* Is a message with this queue id known, of this instance on whatever host? It
 * looks at all that are in flight. */
bool chains_has(struct chains *c, struct str instance, struct str queue_id);

/* The chains' part of the books (chain_books.c): ledger/books.h. Needs
 * is_kept. Load and replay before the first line. */
struct books_part;
struct books_part chains_part(struct chains *c);

#endif
