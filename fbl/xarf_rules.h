/* xarf_rules - is a document valid XARF? */
#ifndef FBL_XARF_RULES_H
#define FBL_XARF_RULES_H

#include "base/error.h"
#include "base/json.h"

/* A document that says it is of version 4, or an earlier one. -1 with the first
 * thing that is wrong. */
int xarf_rules_check(const struct json *doc, bool is_v4, struct error *err);

/* More objects or values than any report has: it isn't even parsed. */
bool xarf_is_too_big(struct str json);

#endif
