/* case_lines - which lines of a log belong to a case */
#include "daemon/case_lines.h"

enum { ID_MIN = 6, HEAD = 160 };

static bool
is_id_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static struct str
take_id(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_id_char(s.p[n]))
		n++;
	return n >= ID_MIN && n < CASE_LINES_ID ? str_head(s, n)
						: str_head(s, 0);
}

/* "... postfix/smtp[123]: 4F2A: to=<...": empty when there is none. */
static struct str
id_of(struct str line)
{
	struct str head = str_head(line, HEAD);
	ptrdiff_t at = str_find(head, STR("]: "));

	if (at < 0)
		return str_head(line, 0);
	struct str rest = str_skip(line, (size_t)at + 3), id = take_id(rest);

	return id.n > 0 && id.n < rest.n && rest.p[id.n] == ':'
		   ? id
		   : str_head(rest, 0);
}

static size_t
find(const struct case_lines *l, struct str id)
{
	size_t i = 0;

	while (i < l->n_ids && !str_is(str_from(l->ids[i].id), id))
		i++;
	return i;
}

void
case_lines_add_id(struct case_lines *l, struct str id)
{
	if (id.n == 0 || id.n >= CASE_LINES_ID || l->n_ids == CASE_LINES_IDS ||
	    find(l, id) < l->n_ids)
		return;
	memcpy(l->ids[l->n_ids].id, id.p, id.n);
	l->n_ids++;
}

/* sasl_username=LOGIN as a whole word; the account is in lower case, and may
 * have got a domain. */
static bool
names_account(const struct case_lines *l, struct str line)
{
	struct str account = str_from(l->account), login;
	ptrdiff_t at = str_find(line, STR("sasl_username="));

	if (at < 0)
		return false;
	login = str_skip(line, (size_t)at + 14);
	size_t n = 0;

	while (n < login.n && login.p[n] != ',' && login.p[n] != ' ')
		n++;
	login = str_head(login, n);
	if (str_is_nocase(login, account))
		return true;
	return n > 0 && str_find_char(login, '@') < 0 && account.n > n &&
	       account.p[n] == '@' &&
	       str_is_nocase(login, str_head(account, n));
}

static void
follow(struct case_lines *l, struct str line)
{
	ptrdiff_t at = str_find(line, STR("queued as "));

	if (at >= 0)
		case_lines_add_id(l, take_id(str_skip(line, (size_t)at + 10)));
}

void
case_lines_look(void *case_lines, struct str line)
{
	struct case_lines *l = case_lines;
	struct str id = id_of(line);
	bool is_its = names_account(l, line);

	if (is_its)
		case_lines_add_id(l, id);
	size_t i = id.n > 0 ? find(l, id) : l->n_ids;

	if (i < l->n_ids) {
		follow(l, line);
		if (l->ids[i].n++ >= CASE_LINES_EACH)
			return;
	} else if (!is_its) {
		return;
	}
	if (l->out.n + line.n + 2 > l->out.cap)
		return;
	text_str(&l->out, line);
	text_char(&l->out, '\n');
}
