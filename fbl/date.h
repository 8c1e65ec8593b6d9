/* date - the dates that reports and messages carry */
#ifndef FBL_DATE_H
#define FBL_DATE_H

#include "base/str.h"

/* RFC 5322 with its old zones ("EDT", "GMT"), an unknown or missing zone as
 * UTC, a missing weekday, a comment behind; and RFC 3339. Seconds since 1970;
 * false on anything else. */
bool date_parse(struct str s, int64_t *at);

#endif
