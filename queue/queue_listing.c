/* queue_listing - a line of `postqueue -j`, as far as its recipients */
#include "queue/queue_listing.h"

static void
skip_blanks(struct str *s)
{
	while (s->n > 0 && (*s->p == ' ' || *s->p == '\t'))
		*s = str_skip(*s, 1);
}

/* What stands between quotes, escapes as they are. */
static bool
take_string(struct str *s, struct str *raw)
{
	struct str rest = *s;

	if (!str_take(&rest, STR("\"")))
		return false;
	for (size_t i = 0; i < rest.n; i++) {
		if (rest.p[i] == '\\') {
			i++;
		} else if (rest.p[i] == '"') {
			*raw = str_head(rest, i);
			*s = str_skip(rest, i + 1);
			return true;
		}
	}
	return false;
}

static bool
take_plain(struct str *s, struct str *raw)
{
	size_t n = 0;

	while (n < s->n && !memchr(",} \t[{\"", s->p[n], 7))
		n++;
	*raw = str_head(*s, n);
	*s = str_skip(*s, n);
	return n > 0;
}

/* What an address may have escaped; the rest becomes "?". */
static void
decode(struct str raw, char *buf, size_t cap, struct str *out)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.n && n < cap; i++) {
		char c = raw.p[i];

		if (c == '\\' && i + 1 < raw.n) {
			c = raw.p[++i];
			if (c == 'u')
				i += 4;
			if (c != '"' && c != '\\' && c != '/')
				c = '?';
		}
		buf[n++] = c;
	}
	*out = str_make(buf, n);
}

enum { HAS_QUEUE = 1, HAS_ID = 2, HAS_TIME = 4, HAS_SIZE = 8, HAS_SENDER = 16 };

static unsigned
take_member(struct str key, struct str raw, struct queue_listed *out)
{
	if (str_is(key, STR("queue_name"))) {
		out->queue = raw;
		return HAS_QUEUE;
	}
	if (str_is(key, STR("queue_id"))) {
		out->id = raw;
		return queue_id_is_good(raw) ? HAS_ID : 0;
	}
	if (str_is(key, STR("arrival_time")))
		return str_to_i64(raw, &out->arrived) ? HAS_TIME : 0;
	if (str_is(key, STR("message_size")))
		return str_to_i64(raw, &out->size_bytes) ? HAS_SIZE : 0;
	if (!str_is(key, STR("sender")))
		return 0;
	decode(raw, out->buf, sizeof(out->buf), &out->sender);
	if (str_is(out->sender, STR("MAILER-DAEMON")))
		out->sender.n = 0;
	return HAS_SENDER;
}

bool
queue_listing_parse(struct str line, struct queue_listed *out)
{
	const unsigned all =
	    HAS_QUEUE | HAS_ID | HAS_TIME | HAS_SIZE | HAS_SENDER;
	unsigned has = 0;
	struct str key, raw;

	if (!str_take(&line, STR("{")))
		return false;
	while (has != all) {
		skip_blanks(&line);
		if (!take_string(&line, &key))
			return false;
		skip_blanks(&line);
		if (!str_take(&line, STR(":")))
			return false;
		skip_blanks(&line);
		if (!take_string(&line, &raw) && !take_plain(&line, &raw))
			return false;
		has |= take_member(key, raw, out);
		skip_blanks(&line);
		if (!str_take(&line, STR(",")))
			break;
	}
	return has == all;
}
