/* tags - lists of NAME=VALUE; ... in TXT records */
#include "domains/tags.h"

bool
tags_part(struct str *rest, char sep, struct str *part)
{
	if (rest->n == 0)
		return false;
	if (!str_cut(rest, sep, part)) {
		*part = *rest;
		rest->n = 0;
	}
	*part = str_trim(*part);
	return true;
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(i > 0 && ((c >= '0' && c <= '9') || c == '_')))
			return false;
	}
	return s.n > 0;
}

int
tags_next(struct str *rest, struct tag *out)
{
	struct str part, name;

	do {
		if (!tags_part(rest, ';', &part))
			return 0;
	} while (part.n == 0);
	out->value = part;
	if (!str_cut(&out->value, '=', &name) || !is_name(str_trim(name))) {
		out->name = part;
		return -1;
	}
	out->name = str_trim(name);
	out->value = str_trim(out->value);
	return 1;
}
