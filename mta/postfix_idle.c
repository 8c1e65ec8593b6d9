/* postfix_idle - lines that are no news, known by their first words */
#include "mta/postfix_parts.h"

/* "Trusted TLS connection established to " */
static bool
is_tls(struct str text)
{
	static const struct str first[] = {PART("Anonymous TLS connection "),
	    PART("Trusted TLS connection "), PART("Untrusted TLS connection "),
	    PART("Verified TLS connection ")};

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		struct str s = text;

		if (text.p[0] == first[i].p[0] && part_take(&s, first[i]))
			return str_starts(s, STR("established ")) ||
			       str_starts(s, STR("reused "));
	}
	return false;
}

static bool
is_connection(struct str text)
{
	switch (text.p[0]) {
	case 'c':
		return str_starts(text, STR("connect from "));
	case 'd':
		return str_starts(text, STR("disconnect from "));
	default:
		return is_tls(text);
	}
}

/* "QUEUEID: message-id=" */
static bool
is_message_id(struct str text)
{
	size_t n = part_queue_id(text);

	return n > 0 && str_starts(str_skip(text, n), STR(": message-id="));
}

bool
postfix_is_idle(const struct logline *in)
{
	if (in->text.n == 0 || in->program.p == in->tag.p)
		return false;
	if (str_is(in->program, STR("smtpd")))
		return is_connection(in->text);
	if (str_is(in->program, STR("cleanup")))
		return is_message_id(in->text);
	return str_is(in->program, STR("smtp")) && is_tls(in->text);
}
