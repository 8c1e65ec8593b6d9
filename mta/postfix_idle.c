/* postfix_idle - lines that are no news, known by their first words */
#include "mta/postfix_parts.h"

/* "Trusted TLS connection established to " */
static bool
is_tls(struct str text)
{
	bool is_level;

	switch (text.p[0]) {
	case 'A':
		is_level = part_take(&text, STR("Anonymous "));
		break;
	case 'T':
		is_level = part_take(&text, STR("Trusted "));
		break;
	case 'U':
		is_level = part_take(&text, STR("Untrusted "));
		break;
	case 'V':
		is_level = part_take(&text, STR("Verified "));
		break;
	default:
		return false;
	}
	return is_level && part_take(&text, STR("TLS connection ")) &&
	       (str_starts(text, STR("established ")) ||
		   str_starts(text, STR("reused ")));
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
	if (in->text.n == 0)
		return false;
	switch (postfix_daemon_of(in)) {
	case DAEMON_SMTPD:
		return is_connection(in->text);
	case DAEMON_CLEANUP:
		return is_message_id(in->text);
	case DAEMON_SMTP:
		return is_tls(in->text);
	default:
		return false;
	}
}

struct str
postfix_queue_id(const struct logline *in)
{
	if (in->program.p == in->tag.p)
		return str_head(in->text, 0);
	return str_head(in->text, part_queue_id(in->text));
}
