/* fact - one thing seen, with its time
 *
 * The only file of ledger/ that the rooms above it that make facts know. All
 * views are valid until the fact_fn returns.
 */
#ifndef LEDGER_FACT_H
#define LEDGER_FACT_H

#include "base/ip.h"
#include "base/str.h"

/* FACT(name, "text"): see facts.def for what each means. */
enum fact_kind {
#define FACT(name, text, help) FACT_##name,
#include "ledger/facts.def"
#undef FACT
	FACT_KINDS
};

const char *fact_kind_text(enum fact_kind kind);

enum { FACT_SUBJECT_TELLS = 2 };

struct fact {
	enum fact_kind kind;
	bool is_outward;   /* about an outward recipient; else an inside one */
	bool is_shared;	   /* the account is a shared account */
	bool was_pending;  /* FACT_RECIPIENT: takes 1 back of what is pending */
	bool is_suspended; /* deferred without an attempt ("delivery
			      temporarily suspended"): no new evidence */
	int64_t at;	   /* seconds; the line's time */
	int64_t accepted_at;  /* when its message was accepted; 0: no message */
	struct str account;   /* normalised; empty: inbound or unknown */
	struct str claimed;   /* inside a shared account; else empty */
	struct str domain;    /* of the account, never of a claimed one */
	struct ip client;     /* ip_is_none: not known */
	struct str sender;    /* envelope sender */
	struct str recipient; /* as the client named it; empty: not known */
	uint64_t size_bytes;  /* FACT_ACCEPTED */
	uint32_t recipients;  /* FACT_ACCEPTED: to how many; 0: not known */
	uint32_t subject;     /* FACT_ACCEPTED: a hash; 0: not known; with
				 FACT_SUBJECT_TELLS it is hardly chance
				 when others have the same */
	int32_t n;	      /* how many: 1, or FACT_PENDING's change (+/-) */
	struct str host, instance, queue_id; /* the chain's first link's */
	struct str text;		     /* the reply, for evidence */
};

typedef void fact_fn(void *ctx, const struct fact *fact);

#endif
