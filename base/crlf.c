/* crlf - lines as SMTP and HTTP want them */
#include "base/crlf.h"

void
crlf_text(struct text *t, struct str s)
{
	bool is_open = true;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
			continue;
		is_open = c != '\n' && c != '\r';
		if (is_open)
			text_char(t, c);
		else
			text_str(t, STR("\r\n"));
	}
	if (is_open)
		text_str(t, STR("\r\n"));
}

bool
crlf_is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 127)
			return false;
	}
	return true;
}
