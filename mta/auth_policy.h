/* auth_policy - what Dovecot asks and tells of a login by HTTP
 *
 * Its auth policy protocol (2.2.27 and later, doc.dovecot.org "Authentication
 * policy support"): an object in JSON, POSTed with command=allow before and
 * after the password was checked, with command=report when it is over. Pure.
 */
#ifndef MTA_AUTH_POLICY_H
#define MTA_AUTH_POLICY_H

#include "base/ip.h"
#include "base/json.h"

enum auth_policy_end {
	AUTH_POLICY_SUCCESS,
	AUTH_POLICY_FAILURE, /* a wrong password, or no such user */
	AUTH_POLICY_NEITHER, /* refused by policy, a fault, or not told */
};

struct auth_policy {
	struct str login, protocol; /* may be empty */
	struct ip client;	    /* none: not known */
	enum auth_policy_end end;   /* of a report */
};

/* Views live as long as *doc (json_free). false with an error: it is none. */
bool auth_policy_parse(struct str body, struct auth_policy *out,
    struct json **doc, struct error *err);
/* Is mail handed in over this protocol? */
bool auth_policy_is_submission(const struct auth_policy *q);
/* The answer's body: status 0, or -1 with what the log says. */
void auth_policy_print(struct text *out, bool is_refused, struct str msg);

#endif
