/* dns_name - what two names of the DNS have to do with each other */
#include "base/dns_name.h"

bool
dns_is_below(struct str name, struct str above)
{
	if (name.n <= above.n)
		return str_is_nocase(name, above);
	size_t dot = name.n - above.n - 1;

	return above.n > 0 && name.p[dot] == '.' &&
	       str_is_nocase(str_skip(name, dot + 1), above);
}
