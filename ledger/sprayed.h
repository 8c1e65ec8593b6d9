/* sprayed - places that several accounts send from that never did before, or
 * where the passwords of many are tried
 *
 * A thief with many passwords has few machines: of each network (/24, /64) the
 * last SPRAYED_ACCOUNTS accounts are kept that sent from there though they are
 * at home elsewhere, and as many whose logins failed there, each for a day. A
 * table of SPRAYED_PLACES of them (640 KiB, made with the first), the longest
 * silent go. Not in the books: it begins anew with a restart.
 */
#ifndef LEDGER_SPRAYED_H
#define LEDGER_SPRAYED_H

#include "base/ip.h"

enum {
	SPRAYED_PLACES = 4096, /* a power of two */
	SPRAYED_ACCOUNTS = 8,
	SPRAYED_DAY = 86400,
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

#endif
