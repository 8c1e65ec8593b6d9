/* dns_name - what two names of the DNS have to do with each other */
#ifndef BASE_DNS_NAME_H
#define BASE_DNS_NAME_H

#include <stdbool.h>

#include "base/str.h"

/* Is NAME ABOVE itself or a name below it? Without regard to case (RFC 4343).
 * Neither ends in a dot; nothing is below an empty name. */
bool dns_is_below(struct str name, struct str above);

#endif
