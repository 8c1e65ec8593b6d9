/* mastercf - which services a Postfix has */
#include "mta/mastercf.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of a line; empty at its end. */
static struct str
take_word(struct str *line)
{
	size_t n = 0;

	while (line->n > 0 && is_blank(*line->p))
		*line = str_skip(*line, 1);
	while (n < line->n && !is_blank(line->p[n]))
		n++;
	struct str word = str_head(*line, n);

	*line = str_skip(*line, n);
	return word;
}

/* A line that begins with a blank goes on with the one before. */
static bool
is_service(struct str line, struct str name)
{
	if (line.n == 0 || is_blank(*line.p) || *line.p == '#' ||
	    !str_is(take_word(&line), name))
		return false;
	return str_is(take_word(&line), STR("unix"));
}

bool
mastercf_has(struct str text, struct str service)
{
	struct str line;

	while (str_cut(&text, '\n', &line)) {
		if (is_service(line, service))
			return true;
	}
	return is_service(text, service);
}

bool
mastercf_is_missing(struct str program, struct str text, struct str *transport)
{
	if (!str_is(program, STR("qmgr")) && !str_is(program, STR("oqmgr")))
		return false;
	return str_take(&text, STR("warning: connect to transport private/")) &&
	       str_cut(&text, ':', transport) && transport->n > 0;
}

bool
mastercf_is_read(struct str program, struct str text)
{
	return str_is(program, STR("master")) &&
	       (str_starts(text, STR("reload -- version")) ||
		   str_starts(text, STR("daemon started -- version")));
}
