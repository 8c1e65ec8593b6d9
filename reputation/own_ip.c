/* own_ip - which of our addresses a delivery left from */
#include "reputation/own_ip.h"

/* Names that say nothing of the address: Postfix's own, and that of the
 * transport for deliveries that are slowed. */
static bool
is_telling(struct str name)
{
	return name.n > 0 && name.n < OWN_IP_NAME &&
	       !str_is(name, STR("postfix")) &&
	       !str_is(name, STR("outpost-slow"));
}

struct str
own_ip_of_tag(struct str tag)
{
	ptrdiff_t slash = str_find_last(tag, STR("/"));
	struct str name = str_make(tag.p, slash < 0 ? 0 : (size_t)slash);

	str_take(&name, STR("postfix/"));
	return is_telling(name) ? name : STR(OWN_IP_DEFAULT);
}
