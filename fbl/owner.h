/* owner - whose message a report is about
 *
 * Pure: a report gives clues, the best first; a reference of ours (mta/ref.h)
 * tells the account by itself, other clues are questions to whoever keeps queue
 * ids or Message-IDs. A clue is no proof of the complaint: whoever got one
 * message holds a valid reference, and may write any Received line. So each has
 * a token, the same for the same message whenever it comes back: a reference
 * counts at most once per recipient of its message, and it is the caller who
 * keeps that book.
 */
#ifndef FBL_OWNER_H
#define FBL_OWNER_H

#include "base/setting.h"
#include "fbl/report.h"
#include "mta/account.h"
#include "mta/ref.h"

enum owner_how {
#define HOW(id, name, confidence, help) OWNER_##id,
#include "fbl/owner.def"
#undef HOW
	OWNER_HOWS
};

enum { OWNER_CLUES = 12, OWNER_TOKEN = 16 };

struct owner_rules {
	const struct ref_keys *refs;
	/* How our own hosts call themselves in Received; "*" for anything. */
	struct setting_list own_hosts;
	/* The field of Feedback-ID (a:b:c:SenderId) that is a reference, 1 to
	 * 4; 0: none. */
	int64_t feedback_id_field;
};

struct owner_clue {
	enum owner_how how;
	unsigned confidence;	    /* percent */
	uint8_t token[OWNER_TOKEN]; /* of the message */
	int64_t at;		    /* when it was sent; TIME_NEVER */
	/* A reference: its account, or a hash that is to be looked up. */
	struct ref ref;
	/* The others. Views as those of the report. */
	struct str host, queue_id;
	struct str message_id; /* without <> */
	struct str sender, recipient;
	struct ip client;
};

/* Fills v with the clues, the best first; their number. */
size_t owner_clues(const struct owner_rules *rules, const struct fbl_report *r,
    struct owner_clue v[OWNER_CLUES]);

/* The account of a reference that isn't hashed. false: to be asked. */
bool owner_clue_account(const struct owner_clue *clue, struct text *account);

/* Asks for one clue; true when it wrote the account. */
typedef bool owner_ask_fn(
    void *ctx, const struct owner_clue *clue, struct text *account);

struct owner {
	struct owner_clue clue; /* how OWNER_UNKNOWN: none helped */
	char account[ACCOUNT_TEXT];
	size_t n;
};

/* For who can answer at once: the first clue that names an account. ask may be
 * NULL: only what a reference tells. */
void owner_find(const struct owner_rules *rules, const struct fbl_report *r,
    owner_ask_fn *ask, void *ctx, struct owner *out);

struct str owner_how_text(enum owner_how how);

#endif
