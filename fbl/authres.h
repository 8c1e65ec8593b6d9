/* authres - what our own MTA found out about who sent a mail
 *
 * Authentication-Results (RFC 8601). Only fields of a configured authserv-id
 * count, and only those that stand above the mail's `hops`-th Received line:
 * what stands below came with the mail, and anybody can have written it. A
 * method's result is that of the topmost field that tells of it: the MTA writes
 * above what it was sent. (It should take fields in its own name out of foreign
 * mail, as RFC 8601, 5 wants; then a method it doesn't tell of can't be forged
 * either.) Pure.
 */
#ifndef FBL_AUTHRES_H
#define FBL_AUTHRES_H

#include "base/setting.h"
#include "fbl/header.h"

enum { AUTHRES_DOMAINS = 8 };

struct authres {
	/* Domains that DKIM (d=), DMARC (the From) or SPF (the envelope
	 * sender) vouches for; views into the fields. */
	struct str v[AUTHRES_DOMAINS];
	size_t n;
};

/* names: our authserv-ids; hops: Received lines that our own hosts add. */
void authres_read(const struct headers *mail, const struct setting_list *names,
    int64_t hops, struct authres *out);

/* Is one of them one of these, or below it ("arf.mail.yahoo.com" is below
 * "yahoo.com")? */
bool authres_vouches(
    const struct authres *a, const struct setting_list *domains);

/* What a receiver found of the signatures of a message that it reports. */
enum authres_result { AUTHRES_PASS, AUTHRES_FAIL, AUTHRES_NONE };
struct authres_signed {
	struct str domain; /* a view; AUTHRES_NONE: the From's */
	enum authres_result result;
};
/* By the report's own field Authentication-Results, else by the topmost of the
 * message, above its first Received line: what stands below came with it. A
 * result that says nothing (temperror ...) is left out. */
size_t authres_signed(const struct headers *part,
    const struct headers *original, struct authres_signed out[AUTHRES_DOMAINS]);

#endif
