/* admission - recipients that policy admitted and the log does not show yet
 *
 * A message in submission is known by policy's `instance`, later also by its
 * queue id; its recipients are counted once whichever stages ask: RCPT adds one
 * each, DATA and END-OF-MESSAGE set what recipient_count says. When the log
 * shows the queue id as pending, the log's count takes over. Transactions that
 * were refused count no more, nor those that were aborted, as far as it can be
 * told: the same smtpd process (the instance up to its first dot) has begun
 * another one, and this one never came to the last stage that is wired. Only
 * the last transaction of a process is asked about again. The rest lapses when
 * the log has moved `lapse` past it. Pure and bounded.
 */
#ifndef LIMITS_ADMISSION_H
#define LIMITS_ADMISSION_H

#include "ledger/ledger.h"

struct admission;
struct admission_options {
	size_t max_entries;
	int64_t lapse;
};

enum admission_stage { ADMISSION_RCPT, ADMISSION_DATA, ADMISSION_END };

struct admission_subject {
	enum subject_kind kind;
	struct str key;
	uint64_t hash; /* map_hash of the key; 0: not known */
};

struct admission_request {
	enum admission_stage stage;
	/* Unique among all Postfixes that ask, and so is the process in it: if
	 * several hosts do, the caller puts a name without dots before it.
	 * Empty: a message of its own each time. */
	struct str instance;
	struct str queue_id;	 /* empty before the first recipient */
	struct str recipient;	 /* RCPT */
	bool is_inside;		 /* RCPT: the recipient is known as inside */
	int64_t recipient_count; /* DATA, END */
	/* Who is counted, the account first (the log names it again). */
	const struct admission_subject *subjects;
	size_t n_subjects;
	int64_t now;
};

struct admission_count {
	int64_t recipients, messages;
};

struct admission *admission_new(const struct admission_options *o);
void admission_free(struct admission **a);

/* What a request would change: looked up once, for the judge and then for
 * admit or refuse. Good until the next of these, or seen or advance. */
struct admission_entry;
struct admission_tally;
struct admission_found {
	struct admission_count asked; /* judge's asked, asked_messages */
	struct admission_count pending[SUBJECT_COUNTED]; /* as the subjects
				       stand in it: judge's admitted... */
	/* private */
	struct admission_entry *entry, *previous;
	struct admission_tally *tallies[SUBJECT_COUNTED];
	uint64_t hash[SUBJECT_COUNTED], instance, process;
	uint32_t recipient;
	int64_t change;
	size_t n;
};
void admission_find(const struct admission *a,
    const struct admission_request *q, struct admission_found *found);
/* A request of the subject comes: fetches what it needs into the cache. */
void admission_expect(
    const struct admission *a, const struct admission_subject *s);
/* It was let through. */
void admission_admit(struct admission *a, const struct admission_request *q,
    const struct admission_found *found);
/* It was refused or deferred: at RCPT this recipient counts not, later the
 * whole message. */
void admission_refuse(struct admission *a, const struct admission_request *q,
    const struct admission_found *found);

/* What counts for a subject now. */
void admission_pending(const struct admission *a, enum subject_kind kind,
    struct str key, struct admission_count *out);

/* The log shows a message: its first FACT_PENDING (n recipients). Found by
 * queue id; else, since policy may never have been told one (a single
 * recipient, a proxy filter), the account's oldest message without, one of n
 * recipients first. */
void admission_seen(
    struct admission *a, struct str queue_id, struct str account, int64_t n);
/* The log's time moves. */
void admission_advance(struct admission *a, int64_t log_now);

struct admission_stats {
	size_t entries;
	uint64_t lapsed, aborted, dropped; /* dropped: for want of room */
};
void admission_stats(const struct admission *a, struct admission_stats *out);

#endif
