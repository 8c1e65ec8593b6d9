/* mask - other people's addresses in a text, so that they can't be recognised
 *
 * "to=<bob@example.net>" becomes "to=<r3f09c1ab27@example.net>": the local part
 * is replaced by a keyed token, the same for the same address (ASCII case is
 * ignored) under one key. So are addresses in quotes, percent-encoded ones,
 * those inside encoded words of a header (the words go), names without a domain
 * behind to=, from= and the like, and in the rest of a line the local parts of
 * the addresses that it has. Whoever must not be found is found too often
 * rather than too seldom. The account's own address stays. Pure.
 */
#ifndef MTA_MASK_H
#define MTA_MASK_H

#include "base/crypto.h"
#include "mta/account.h"

struct mask {
	struct crypto_key key;
	const struct account_rules *rules;
	char own[ACCOUNT_TEXT];
};

/* account: an account's key; empty: nobody's addresses stay. rules live as long
 * as m. */
void mask_init(struct mask *m, const struct crypto_key *key,
    const struct account_rules *rules, struct str account);

/* A line, or another text without line feeds. */
void mask_text(const struct mask *m, struct str s, struct text *out);

#endif
