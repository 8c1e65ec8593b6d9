/* desk_wrap - prose in the width of a terminal */
#include "base/table.h"
#include "daemon/desk_incident_view.h"

enum { NARROW = 20 };

/* What is put into the rest of a line: up to the last blank that fits, or,
 * without any, as much as fits. */
static struct str
take_line(struct str *s, size_t room)
{
	size_t width;
	struct str line = table_fit(*s, room, &width), head = line;
	ptrdiff_t blank = str_find_last(line, STR(" "));

	if (line.n == s->n || s->p[line.n] == ' ')
		head = line;
	else if (blank > 0)
		head = str_head(line, (size_t)blank);
	*s = str_trim(str_skip(*s, head.n));
	return head;
}

void
desk_wrap(struct str words, size_t indent, size_t width, struct text *out)
{
	size_t room = width > indent + NARROW ? width - indent : SIZE_MAX;

	while (words.n > 0) {
		struct str line = take_line(&words, room);

		if (line.n == 0)
			break; /* a single character wider than all */
		text_str(out, line);
		if (words.n > 0) {
			text_char(out, '\n');
			text_pad(out, ' ', indent);
		}
	}
	text_char(out, '\n');
}
