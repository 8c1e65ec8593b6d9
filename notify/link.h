/* link - the link to a case's page: signed, it expires, it can be revoked
 *
 * A token is 32 characters of base64url: the case, until when it holds, and the
 * case's generation of links, enciphered under their own authentication code
 * (HMAC-SHA256, 15 bytes; the cipher's stream is the HMAC of that). So it has
 * nothing to read, a bit of it changed makes it void, and every node prints the
 * same one for the same case. Its keys come from the installation's secret.
 * Pure.
 */
#ifndef NOTIFY_LINK_H
#define NOTIFY_LINK_H

#include "base/crypto.h"
#include "ledger/case_id.h"

enum {
	LINK_TOKEN = 32,
	LINK_GENERATIONS = 256,
	LINK_ROUND = 3600, /* ends are rounded up to full hours */
};

struct link_keys {
	struct crypto_key seal, code, form;
};

void link_keys_init(struct link_keys *k, const struct crypto_key *secret);

struct link {
	char id[CASE_ID]; /* "K7QX-2M9P" */
	int64_t until;
	unsigned generation; /* who opens it asks whether that is the case's */
};

/* Appends the token. id is as ledger/case_id.h prints it (else nothing is
 * appended: false); until is taken as 0 to the year 3880. */
bool link_print(
    const struct link_keys *k, const struct link *l, struct text *out);
/* false for what is not ours or has expired. How long it takes doesn't tell
 * which, nor how near a guess was. */
bool link_open(
    const struct link_keys *k, struct str token, int64_t now, struct link *out);

/* Until when a link that is given out now holds: at least half of link_for, at
 * most all of it. The same for all that ask in one half since the case began,
 * so that what carries it (a table's line) rarely changes. */
int64_t link_until(int64_t since, int64_t now, int64_t link_for);

/* What a form carries so that only this page's own can be sent: bound to the
 * link and to a cookie of this browser. 22 characters. */
enum { LINK_FORM = 22 };
void link_form_print(const struct link_keys *k, struct str token,
    struct str cookie, struct text *out);
bool link_form_is(const struct link_keys *k, struct str token,
    struct str cookie, struct str form);

#endif
