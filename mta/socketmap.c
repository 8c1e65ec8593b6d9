/* socketmap - Postfix's socketmap_table(5): a question and its answer */
#include "mta/socketmap.h"

enum { DIGITS = 4 };

enum socketmap_parsed
socketmap_parse(struct str in, struct str *map, struct str *key, size_t *used)
{
	size_t n = 0, digits = 0;

	for (; digits < in.n && in.p[digits] >= '0' && in.p[digits] <= '9';
	     digits++) {
		n = 10 * n + (size_t)(in.p[digits] - '0');
		if (digits >= DIGITS || n > SOCKETMAP_ASK_MAX)
			return SOCKETMAP_BROKEN;
	}
	if (digits == in.n && digits <= DIGITS)
		return SOCKETMAP_MORE;
	if (digits == 0 || in.p[digits] != ':')
		return SOCKETMAP_BROKEN;
	struct str rest = str_skip(in, digits + 1);

	if (rest.n < n + 1)
		return SOCKETMAP_MORE;
	if (rest.p[n] != ',')
		return SOCKETMAP_BROKEN;
	*key = str_head(rest, n);
	if (!str_cut(key, ' ', map) || map->n == 0)
		return SOCKETMAP_BROKEN;
	*used = digits + 1 + n + 1;
	return SOCKETMAP_ASKED;
}

void
socketmap_print(struct text *out, struct str value)
{
	if (value.n == 0 || value.n > SOCKETMAP_ANSWER_MAX) {
		text_add(out, "9:NOTFOUND ,");
		return;
	}
	text_printf(out, "%zu:OK ", value.n + 3);
	text_str(out, value);
	text_char(out, ',');
}
