/* chain_flight - inside the chains: flights, their recipients, what waits
 *
 * For chain*.c only. A flight is one queue id. Flights live in one array that
 * never moves (its pages are touched as they are used); 0 is no flight. The
 * table finds them by host and queue id.
 *
 * A flight without a parent is the first link of its chain, its root. Only
 * roots have an account, recipients and pending. What a root WAITING for its
 * link can't say yet is queued on it, line by line.
 */
#ifndef MTA_CHAIN_FLIGHT_H
#define MTA_CHAIN_FLIGHT_H

#include "base/map.h"
#include "mta/chain.h"
#include "mta/chain_hash.h"
#include "mta/chain_pool.h"

enum { FLIGHT_QUEUE_ID = 23, CHAIN_NAMES = 4096 };

enum flight_kind {
	FLIGHT_WAITING, /* may continue another flight */
	FLIGHT_ACCOUNT, /* a root with an account */
	FLIGHT_INBOUND, /* a root from outside: none, but may be a forward */
	FLIGHT_NOBODY,	/* a root that makes no facts: our own notices */
};

enum flight_flag {
	FLIGHT_STUB = 1,   /* named by another's line, none of its own yet */
	FLIGHT_ACTIVE = 2, /* qmgr took it up */
	FLIGHT_ENDED = 4,
	FLIGHT_SHARED = 8,	 /* its account is a shared one */
	FLIGHT_OWN = 16,	 /* came from an address that may continue */
	FLIGHT_HIDDEN = 32,	 /* not in the table: its id was used again */
	FLIGHT_SAVE = 64,	 /* changed since the last save */
	FLIGHT_FOLD = 128,	 /* changed since the last fold */
	FLIGHT_USED = 256,	 /* a place in the array that is taken */
	FLIGHT_FOLDED = 512,	 /* has a record on disk */
	FLIGHT_RELAYED = 1024,	 /* came from a submission host */
	FLIGHT_MARKED = 2048,	 /* its first reference was seen */
	FLIGHT_COUNTED = 4096,	 /* accepted, and counted, at another node */
	FLIGHT_NAMES = 8192,	 /* account: what it says that it continues */
	FLIGHT_FILTERED = 16384, /* a content filter spoke against it */
};

/* Where a flight's time-out is kept: one list each, oldest first. */
enum flight_list {
	LIST_LINK,  /* link_wait */
	LIST_NEW,   /* new_timeout */
	LIST_QUEUE, /* queue_timeout */
	LISTS,
	LIST_NONE = LISTS, /* ended, kept for what follows it */
};

struct chain_text {
	uint32_t n;
	char p[];
};

enum delivery_kind {
	DELIVERY_HOP,	  /* handed to ourselves; goes on elsewhere */
	DELIVERY_FORWARD, /* the same, by a .forward or local alias */
	DELIVERY_SEEN,	  /* the line has two readings */
	DELIVERY_OUTCOME,
	DELIVERY_EXPIRED, /* all that its flight deferred */
};

enum delivery_flag {
	DELIVERY_OUTWARD = 1,
	DELIVERY_OF_ROOT = 2,	/* the line's flight is the root */
	DELIVERY_SUSPENDED = 4, /* no attempt was made */
};

/* What one delivery line says. On the stack with views into the line, or kept
 * in a block together with its texts. */
struct delivery {
	struct delivery *next;
	int64_t at;
	uint64_t key;	 /* what the line's recipient is called before */
	uint64_t key_to; /* and what it is called by the next link */
	uint32_t where;	 /* low half of the flight's id */
	uint32_t repeats;
	uint8_t kind, flags, outcome; /* enum fact_kind */
	struct str to, orig_to, text;
};

enum recipient_flag {
	RECIPIENT_NAMED = 1,	/* by the client */
	RECIPIENT_ALIAS = 2,	/* link: the key of what it stands for */
	RECIPIENT_VIA = 4,	/* link: what the next link calls it */
	RECIPIENT_SHARED = 8,	/* an alias of several: see their VIA */
	RECIPIENT_LINES = 16,	/* lines wait until it is known */
	RECIPIENT_RENAMED = 32, /* orig_to differs from to */
	RECIPIENT_FORWARD = 64, /* left by a .forward */
	RECIPIENT_CONFIRMED = 128,
	RECIPIENT_DEFERRED = 256,
	RECIPIENT_FINAL = 512,
	RECIPIENT_OUTWARD = 1024, /* the last that is known */
};

struct recipient {
	uint64_t key; /* 0: an empty place */
	uint64_t link;
	union {
		struct delivery *lines;	 /* oldest first; LINES */
		struct chain_text *name; /* may be NULL */
	} u;
	uint32_t where; /* the flight that deferred it last */
	uint16_t flags;
};

struct recipients {
	uint32_t n, cap; /* cap: a power of two */
	struct recipient v[];
};

/* By what it is found stands first, to be in one line of the cache. */
struct flight {
	uint64_t id;		 /* never used again */
	uint64_t hash;		 /* of host and queue id */
	uint16_t host, instance; /* instance 0: any */
	uint16_t flags;
	uint8_t kind, list;
	uint8_t queue_id_n;
	char queue_id[FLIGHT_QUEUE_ID];
	uint32_t parent, children;
	struct chain_text *account, *sender;
	struct recipients *recipients;
	struct ip client;
	uint32_t accepted_at; /* when it was active first */
	uint32_t size_bytes;
	uint32_t pending;
	uint32_t stamp, order; /* when it was put into its list */
	uint32_t prev, next;   /* of the list; of the free ones */
	uint16_t domain_at;    /* in account */
	uint32_t subject;      /* a root's: a hash; 0: not logged */
	uint64_t forced; /* all its recipients are this one of its parent; 0 */
	uint64_t followed; /* hash of what followed it and ended last */
	struct delivery *first, *last; /* a stub with a parent keeps here
					  what holds if it never appears */
};

/* What a flight is found by. */
struct flight_name {
	struct str queue_id;
	uint64_t hash; /* of host and queue id */
	uint16_t host, instance;
};

struct chain_slot {
	uint32_t hash, index; /* index 0: empty */
};

struct chain_name {
	struct str text; /* owned */
	uint16_t number;
};

struct chain_names {
	struct map map;
	struct chain_name **v;
	uint16_t n;
	const struct chain_name *last; /* asked for last; NULL */
};

/* What an address is to us. */
enum {
	ADDRESS_OWN = 1,
	ADDRESS_INSIDE = 2,
	ADDRESS_TRUSTED = 4,
	ADDRESS_KNOWN = 8,
	ADDRESS_OUTBOUND = 16,
	ADDRESS_SUBMISSION = 32,
	ADDRESS_FRONT = 64
};
enum { ADDRESS_CACHE = 4096, DOMAINS_MAX = 65536 };

struct chain_address {
	uint64_t hash;
	struct ip ip;
	uint8_t is;
};

/* Hashes of domains; open addressing, 0 is empty, never more than half. */
struct chain_domains {
	uint64_t *v;
	uint32_t n, cap;
};

/* Whom a password check of Dovecot refused, until Postfix says so too. */
enum { CHAIN_REFUSALS = 32 };

struct chain_refusal {
	struct ip client;
	int64_t at; /* 0: none */
	uint16_t login_n;
	char login[ACCOUNT_MAX];
};

struct flight_ids {
	uint64_t *v;
	size_t n, cap;
};

struct chains {
	const struct mta_settings *settings;
	struct account_rules rules;
	fact_fn *on_fact;
	void *ctx;
	chain_uid_fn *uid_name;
	void *uid_ctx;
	const struct ref_keys *refs;
	chain_ref_fn *ref_account;
	void *ref_ctx;
	outcome_fn *outcome;
	void *outcome_ctx;
	chain_account_fn *on_account;
	void *account_ctx;
	chain_message_fn *on_message;
	void *message_ctx;
	uint64_t seed;
	bool is_kept;

	struct flight *flights;
	uint32_t max, used, free, n;
	struct chain_slot *slots;
	uint32_t slots_cap;
	struct {
		uint32_t first, last;
	} lists[LISTS];
	uint32_t order;
	uint64_t next_id;
	int64_t now;

	const struct flight *held; /* not to be dropped */

	struct chain_pool pool;
	struct chain_names hosts, instances;
	struct chain_address addresses[ADDRESS_CACHE];
	struct chain_domains inside, learned;
	struct chain_domains foreign; /* learned once, then seen outside */
	uint64_t counts[CHAINS_COUNTS];
	struct chain_refusal refusals[CHAIN_REFUSALS];
	uint32_t next_refusal;

	/* For the books: flights' places changed, flights' ids gone. */
	struct flight_ids to_save, to_fold, gone_save, gone_fold;
	struct flight_ids folding, folding_gone; /* begun, not yet put */
	struct chain_loading *loading;		 /* chain_books.c */
	bool is_learned_changed;
	uint64_t saved_id;
};

/* chain_flight.c: the array, the table, the lists. */

void flights_init(struct chains *c);
void flights_done(struct chains *c);
struct flight_name flight_name(const struct chains *c, uint16_t host,
    uint16_t instance, struct str queue_id);
/* The flight; NULL when unknown. Its own instance's first, else a stub, else
 * the newest of the host: transports may log under a name of their own. */
struct flight *flight_find(struct chains *c, const struct flight_name *name);
/* For a first line: only its own instance's, or a stub. */
struct flight *flight_find_own(
    struct chains *c, const struct flight_name *name);
/* NULL when there is no room, or for an impossible queue id. WAITING, in no
 * list. */
struct flight *flight_new(struct chains *c, const struct flight_name *name);
/* A place in the array; only its flags are set. NULL: none is left. */
struct flight *flight_take_place(struct chains *c);
void flight_free(struct chains *c, struct flight *f);
void flight_rename(
    struct chains *c, struct flight *f, const struct flight_name *name);
void flight_hide(struct chains *c, struct flight *f);
/* At the end of a list, with the time of now. */
void flight_put(struct chains *c, struct flight *f, enum flight_list list);
/* Into the table. */
void flight_insert(struct chains *c, struct flight *f, uint64_t hash);

static inline struct flight *
flight_at(struct chains *c, uint32_t i)
{
	return i ? &c->flights[i] : NULL;
}

static inline uint32_t
flight_index(struct chains *c, const struct flight *f)
{
	return (uint32_t)(f - c->flights);
}

static inline struct flight *
flight_root(struct chains *c, struct flight *f)
{
	while (f->parent)
		f = &c->flights[f->parent];
	return f;
}

/* It changed: the books shall know. */
void flight_touch(struct chains *c, struct flight *f);

/* chain_names.c: names, addresses, domains, texts. */

static inline bool
name_is(const struct chain_name *name, struct str text)
{
	return name && name->text.n == text.n &&
	       str_same_short(name->text.p, text.p, text.n);
}

/* From 1; 0 when there are too many. */
uint16_t names_look_up(struct chain_names *names, struct str name);
static inline uint16_t
names_get(struct chain_names *names, struct str name)
{
	if (name_is(names->last, name))
		return names->last->number;
	return names_look_up(names, name);
}
static inline struct str
names_text(const struct chain_names *names, uint16_t i)
{
	return i && i <= names->n ? names->v[i - 1]->text : str_make("", 0);
}
void names_done(struct chain_names *names);
/* ADDRESS_* of an address in text; 0, and *ip is none, when it is no address.
 */
unsigned chain_address(struct chains *c, struct str text);
unsigned chain_client(struct chains *c, struct str text, struct ip *ip);
unsigned chain_ip(const struct chains *c, const struct ip *ip);
void chain_learn(struct chains *c, struct str address, bool is_inside);
bool domains_add(struct chain_domains *d, uint64_t hash);
bool domains_has(const struct chain_domains *d, uint64_t hash);
uint64_t chain_domain_hash(struct chains *c, struct str address);
struct chain_text *chain_text_new(struct chains *c, struct str s);
void chain_text_free(struct chains *c, struct chain_text **t);
static inline struct str
chain_text_view(const struct chain_text *t)
{
	return t ? str_make(t->p, t->n) : str_make("", 0);
}

/* chain_recipient.c: a root's recipients, and lines that wait. */

struct recipient *recipient_find(const struct flight *root, uint64_t key);
/* Made when absent; NULL beyond recipients_max. Moves the others. */
struct recipient *recipient_get(
    struct chains *c, struct flight *root, uint64_t key);
void recipients_free(struct chains *c, struct flight *root);
/* A copy that stays; NULL beyond waiting_max. */
struct delivery *delivery_keep(struct chains *c, const struct delivery *d);
void delivery_free(struct chains *c, struct delivery *d);
void flight_queue(struct chains *c, struct flight *f, struct delivery *kept);
struct delivery *flight_take_queue(struct flight *f);

/* chain_fact.c: facts about a root. */

/* And that all its recipients are pending. */
void fact_accepted(struct chains *c, struct flight *root);
void fact_pending(struct chains *c, struct flight *root, int32_t n);
/* An outcome of one recipient; with it what comes before it once. */
void fact_outcome(struct chains *c, struct flight *root, struct recipient *r,
    const struct delivery *d);
/* A content filter spoke against it; told once, of inbound mail for each
 * forward. */
void fact_filtered(struct chains *c, struct flight *root);
/* Mail that came in, and stays, was delivered: one without a sender (a bounce,
 * where a relay keeps what became of mail to itself) is told. Anybody can send
 * such. */
void fact_returned(
    struct chains *c, const struct flight *root, const struct delivery *d);
/* The chain is over. */
void fact_end(struct chains *c, struct flight *root);

/* chain_deliver.c: what delivery lines mean for recipients. */

/* To a root that isn't WAITING. */
void chain_apply(
    struct chains *c, struct flight *root, const struct delivery *d);
/* Apply to the chain of f, now or when its root is known. */
void chain_submit(struct chains *c, struct flight *f, const struct delivery *d);

/* chain_attempt.c: reads delivery lines. */

void chain_delivery(struct chains *c, struct flight *f, int64_t at,
    const struct logline *line, const struct postfix_line *l);
void chain_expired(struct chains *c, struct flight *f, int64_t at);

/* chain_proxy.c: lines of smtpd before a before-queue filter. */

void chain_proxy(struct chains *c, uint16_t host, uint16_t instance,
    const struct logline *line, const struct postfix_line *l);

/* chain_relay.c: mail that another host took, or delivers. */

/* A client line of a submission host. */
void chain_relayed(struct chains *c, struct flight *f, struct str login);
/* cleanup logs a reference header; false: the line is none. */
bool chain_reference(struct chains *c, struct flight *f, int64_t at,
    const struct logline *line, const struct postfix_line *l);
/* The reference of f, which is RELAYED and WAITING, didn't come. */
void chain_unmarked(struct chains *c, struct flight *f);
/* What a delivery line says that is about an outbound host. False: none. */
bool chain_outbound(struct chains *c, const struct postfix_line *l,
    unsigned relay, struct delivery *d);

/* chain_link.c: which flight continues which, and how they end. */

/* May next be what f was handed on as? Already linked is true. */
bool chain_may_follow(struct chains *c, const struct flight *next,
    struct flight *f, uint64_t forced);
/* False when that can't be; then nothing changed. */
bool chain_link(struct chains *c, struct flight *child, struct flight *parent,
    uint64_t forced);
/* f names the flight `of` as what it continues. */
bool chain_names(const struct flight *f, const struct flight *of);
/* Into the list of its state. */
void chain_relist(struct chains *c, struct flight *f);
/* A WAITING root becomes one of another kind, and says what waited. */
void chain_resolve(struct chains *c, struct flight *f, enum flight_kind kind,
    struct str account);
/* The link didn't come. */
void chain_settle_flight(struct chains *c, struct flight *f);
/* chain_message.c: on_message, when the flight is whose account is known. f may
 * be NULL. */
void chain_message(struct chains *c, const struct flight *f, int64_t at,
    const struct postfix_line *l);
/* cleanup logs a subject (header_checks): only its hash is kept, until the
 * message is accepted. */
void chain_subject(struct chains *c, struct flight *f,
    const struct logline *line, const struct postfix_line *l);
void chain_end(struct chains *c, struct flight *f);
/* End it whatever it waits for. */
void chain_give_up(struct chains *c, struct flight *f);
void chain_expire_lists(struct chains *c);
/* Room for one more: drops the one least needed. */
void chain_make_room(struct chains *c);
/* The stub that stands for a queue id named by a line of `of`. */
struct flight *chain_stub(
    struct chains *c, const struct flight *of, const struct flight_name *name);

/* chain_login.c: reads lines about logins. */

void chain_login(struct chains *c, int64_t at, const struct logline *line,
    const struct postfix_line *l);

/* chain_books.c: all is read, now it is linked. */
void chain_loaded(struct chains *c);

#endif
