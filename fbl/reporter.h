/* reporter - is a report's sender who he says?
 *
 * Told by the Authentication-Results (RFC 8601) of our own mail server alone. A
 * mail may bring such fields along, under our name too; the server has to
 * remove those. So as not to depend on it alone, fields below a Received line
 * of others are not looked at, and of two that tell of one method the upper
 * counts.
 */
#ifndef FBL_REPORTER_H
#define FBL_REPORTER_H

#include "base/setting.h"
#include "fbl/header.h"

enum reporter_by {
	REPORTER_NOBODY, /* not authenticated */
	REPORTER_DMARC,
	REPORTER_DKIM,
	REPORTER_SPF,
};

struct reporter {
	enum reporter_by by;
	struct str domain; /* of From, lower or upper case; empty: none */
};

/* ids: the names that our server writes there; own_hosts: in Received. The mail
 * passes with dmarc=pass, or with dkim=pass or spf=pass of From's domain or one
 * that it is below. */
void reporter_check(const struct headers *mail, const struct setting_list *ids,
    const struct setting_list *own_hosts, struct reporter *out);

/* "dmarc", "dkim", "spf"; empty for nobody. */
struct str reporter_by_text(enum reporter_by by);

#endif
