/* sprayed - places that several accounts send from that never did before, or
 * where the passwords of many are tried; what several send alike from such
 *
 * A thief with many passwords has few machines: of each network (/24, /64) the
 * last SPRAYED_ACCOUNTS accounts are kept that sent from there though they are
 * at home elsewhere, and as many whose logins failed there, each for a day. A
 * table of SPRAYED_PLACES of them (640 KiB, made with the first), the longest
 * silent go. Not in the books: it begins anew with a restart.
 *
 * One with machines enough has one text for all of them: of shapes of messages
 * from places that are new to who sends them there is another such table. A
 * shape is a subject that tells something (fact.h), where the log has them; or
 * a size, of who sends several of one size: that says less, so the others must
 * have done so within the hour.
 */
#ifndef LEDGER_SPRAYED_H
#define LEDGER_SPRAYED_H

#include "base/ip.h"

enum {
	SPRAYED_PLACES = 4096, /* a power of two */
	SPRAYED_ACCOUNTS = 8,
	SPRAYED_DAY = 86400,
	SPRAYED_HOUR = 3600,
	SPRAYED_SENDERS = 2,  /* others who are strangers there, too */
	SPRAYED_FAILURES = 5, /* others whose logins failed there */
};

/* All zero is empty. */
struct sprayed {
	struct sprayed_place *v;
};

void sprayed_done(struct sprayed *s);
/* A login of this account (a hash of its name) failed there. */
void sprayed_failed(
    struct sprayed *s, const struct ip *client, uint32_t account, int64_t at);
/* It sends from there, as it never did; true: so do others, or their logins
 * failed there. */
bool sprayed_sent(
    struct sprayed *s, const struct ip *client, uint32_t account, int64_t at);

/* A message from where it never was. */
struct sprayed_message {
	uint32_t account, subject; /* hashes; subject 0: not known */
	uint64_t size_bytes;	   /* 0: says nothing */
	int64_t at;
};
/* true: others send the like, from where they never were. `shapes` is a table
 * of its own. */
bool sprayed_alike(struct sprayed *shapes, const struct sprayed_message *m);

#endif
