/* complaint - what a report means, and how far it is to be believed
 *
 * Pure. A report counts in full when the mail that brought it is from a
 * configured reporter and our own MTA vouches for that (authres.h); whoever
 * else writes one makes a claim, however good its form is. Whose message it
 * was is another question (owner.h).
 */
#ifndef FBL_COMPLAINT_H
#define FBL_COMPLAINT_H

#include "fbl/report.h"
#include "fbl/seen.h"
#include "fbl/settings.h"
#include "ledger/fact.h"

struct complaint {
	/* FACT_COMPLAINT, FACT_TRAP, FACT_NOT_SPAM, FACT_OPT_OUT; FACT_CLAIM
	 * for a complaint that nobody vouches for; FACT_KINDS: it says nothing
	 * about an account (an authentication failure, or what isn't known). */
	enum fact_kind fact;
	bool is_vouched;
	struct str reporter; /* the From address, however believable */
	/* Who complained: an address, or what the reporter put in its place,
	 * which is the same for the same person (RFC 6590); empty: not told. */
	struct str complainer;
	uint64_t incidents; /* how many it stands for */
};

void complaint_read(const struct fbl_settings *s, const struct fbl_report *r,
    struct complaint *out);

/* The way it came vouches for it, whatever stands in it. */
void complaint_vouch(const struct fbl_report *r, struct complaint *c);

/* What it is once: the report itself; and, of a message with this token, the
 * complaint of this person. One that nobody vouches for is the same whoever it
 * names: the names are free. */
void complaint_report_key(const struct fbl_report *r, uint8_t key[SEEN_KEY]);
void complaint_key(
    const struct complaint *c, struct str token, uint8_t key[SEEN_KEY]);

/* The complaints of one person about one account, in the week of `at` and since
 * its last lift (mark): they are one, so that it takes several people to stop
 * an account; and so are those that take back (not-spam): a friend can't
 * outweigh all the others. false: who complained isn't told, or it is neither.
 */
bool complaint_person_key(const struct complaint *c, struct str account,
    int64_t at, int64_t mark, uint8_t key[SEEN_KEY]);

/* When it counts: at the time of the message (told by its reference, or by the
 * report), if that is known and neither in the future nor older than the
 * ledger's memory; else now. */
int64_t complaint_time(
    const struct fbl_report *r, int64_t message_at, int64_t now);

#endif
