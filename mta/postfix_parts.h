/* postfix_parts - what the parsers of the daemons' lines share
 *
 * Private to mta/postfix*.c. A parser walks a view from the left, taking what
 * Postfix wrote literally.
 */
#ifndef MTA_POSTFIX_PARTS_H
#define MTA_POSTFIX_PARTS_H

#include <endian.h>

#include "mta/postfix.h"

/* What a byte may be part of. */
enum { PART_HEX = 1, PART_LONG = 2, PART_DIGIT = 4 };
extern const uint8_t part_class[256];

/* Whose line it is. */
enum postfix_daemon {
	DAEMON_UNKNOWN, /* of a tag that is kept: nobody asked yet */
	DAEMON_FOREIGN, /* not Postfix's */
	DAEMON_OTHER,	/* Postfix's, with no lines of its own */
	DAEMON_SMTP,
	DAEMON_DELIVERY, /* lmtp, local, pipe, error ... */
	DAEMON_SMTPD,
	DAEMON_QMQPD,
	DAEMON_QMGR,
	DAEMON_CLEANUP,
	DAEMON_PICKUP,
	DAEMON_BOUNCE,
	DAEMON_POSTSUPER,
	DAEMON_POSTSCREEN
};

/* As the tag says, which remembers it. */
enum postfix_daemon postfix_find_daemon(const struct logline *in);
static inline enum postfix_daemon
postfix_daemon_of(const struct logline *in)
{
	return in->kept && in->kept->daemon
		   ? (enum postfix_daemon)in->kept->daemon
		   : postfix_find_daemon(in);
}

/* One parser per family of daemons. They get the line's text without
 * "QUEUEID: " (then l->queue_id is set) and set kind and fields; they leave
 * the line alone when they don't know the text. */
void postfix_parse_smtpd(struct postfix_line *l, struct str text);
void postfix_parse_postscreen(struct postfix_line *l, struct str text);
void postfix_parse_cleanup(struct postfix_line *l, struct str text);
void postfix_parse_pickup(struct postfix_line *l, struct str text);
void postfix_parse_qmgr(struct postfix_line *l, struct str text);
void postfix_parse_bounce(struct postfix_line *l, struct str text);
void postfix_parse_postsuper(struct postfix_line *l, struct str text);
void postfix_parse_delivery(struct postfix_line *l, struct str text);
void postfix_parse_warning(struct postfix_line *l, struct str text);
/* "reject: RCPT from NAME[IP]: TEXT; from=<>..." of smtpd, cleanup and
 * postscreen, and cleanup's "info: header ...". */
void postfix_parse_action(struct postfix_line *l, struct str text);
/* "proxy-accept: END-OF-MESSAGE: REPLY; from=<>..." */
void postfix_parse_proxy(struct postfix_line *l, struct str text);
/* "Trusted TLS connection established to NAME[IP]:25: ..." */
void postfix_parse_tls(struct postfix_line *l, struct str text);
/* Another program's line: does the logging system say that it lost some? */
void postfix_parse_lost(struct postfix_line *l, const struct logline *in);

/* A view of a literal, in the initializer of a table. */
#define PART(literal)                           \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}

STR_INLINE void
part_put(struct postfix_line *l, enum line_field f, struct str v)
{
	l->field[f] = v;
	l->has |= 1ULL << f;
}

STR_INLINE bool
part_take(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	s->p += prefix.n;
	s->n -= prefix.n;
	return true;
}

/* Up to the first c, which is stepped over; false without one. */
STR_INLINE bool
part_cut(struct str *s, char c, struct str *head)
{
	const char *at = memchr(s->p, c, s->n);

	if (!at)
		return false;
	*head = str_make(s->p, (size_t)(at - s->p));
	s->n -= head->n + 1;
	s->p = at + 1;
	return true;
}

/* Up to the needle, which is stepped over. Looking for its first byte is much
 * faster than memmem for such short ones. */
static inline bool
part_cut_at(struct str *s, struct str needle, struct str *head)
{
	const char *at = s->p, *end = s->p + s->n;

	while ((at = memchr(at, needle.p[0], (size_t)(end - at)))) {
		if (str_starts(str_make(at, (size_t)(end - at)), needle)) {
			*head = str_make(s->p, (size_t)(at - s->p));
			*s = str_skip(*s, head->n + needle.n);
			return true;
		}
		at++;
	}
	return false;
}

/* Drops the suffix. */
STR_INLINE bool
part_drop(struct str *s, struct str suffix)
{
	if (!str_ends(*s, suffix))
		return false;
	s->n -= suffix.n;
	return true;
}

/* Number of digits that s begins or ends with. */
static inline size_t
part_digits(struct str s)
{
	size_t i = 0;

	while (i < s.n && part_class[(uint8_t)s.p[i]] & PART_DIGIT)
		i++;
	return i;
}

static inline size_t
part_last_digits(struct str s)
{
	size_t i = 0;

	while (i < s.n && part_class[(uint8_t)s.p[s.n - 1 - i]] & PART_DIGIT)
		i++;
	return i;
}

/* With how many bytes in 0-9 or A-F these eight begin. */
static inline size_t
part_hex8(const char *p)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w;

	memcpy(&w, p, 8);
	w = le64toh(w);
	uint64_t seven = w & 0x7f * ones;
	uint64_t is_digit =
	    (seven + (0x80 - '0') * ones) & ~(seven + (0x7f - '9') * ones);
	uint64_t is_letter =
	    (seven + (0x80 - 'A') * ones) & ~(seven + (0x7f - 'F') * ones);
	uint64_t other = (~(is_digit | is_letter) | w) & 0x80 * ones;

	return other ? (size_t)__builtin_ctzll(other) / 8 : 8;
}

/* Length of the queue id, short or long form, that s begins with; 0: none. Of
 * most short ones the bytes need no look one by one. */
static inline size_t
part_queue_id(struct str s)
{
	unsigned mask = PART_HEX | PART_LONG;
	size_t i, n = s.n < 65 ? s.n : 65;
	unsigned of;

	if (n >= 16) {
		i = part_hex8(s.p);
		if (i == 8)
			i += part_hex8(s.p + 8);
		if (i < 16 && !(part_class[(uint8_t)s.p[i]] & PART_LONG))
			return i >= 5 ? i : 0;
	}
	for (i = 0; i < n && (of = part_class[(uint8_t)s.p[i]] & 3U) != 0; i++)
		mask &= of;
	if (i > 64)
		return 0;
	return (mask & PART_HEX && i >= 5) || (mask & PART_LONG && i >= 10) ? i
									    : 0;
}

/* "NAME[IP]" or "NAME[IP]:PORT" that s begins with, into three fields of
 * which the name's is given; steps over it. */
static inline bool
part_take_peer(struct postfix_line *l, struct str *s, enum line_field name_f)
{
	struct str rest = *s, name, address;

	if (!part_cut(&rest, '[', &name) || !part_cut(&rest, ']', &address) ||
	    memchr(s->p, ' ', s->n - rest.n))
		return false;
	if (name.n > 0)
		part_put(l, name_f, name);
	part_put(l, name_f + 1, address);
	if (rest.n > 1 && rest.p[0] == ':') {
		size_t n = part_digits(str_skip(rest, 1));

		if (n > 0 && n <= 5) {
			part_put(l, name_f + 2, str_make(rest.p + 1, n));
			rest = str_skip(rest, n + 1);
		}
	}
	*s = rest;
	return true;
}

/* SMTP code and enhanced status that s begins with: "550 5.1.1 ",
 * "550-5.7.1 ", "5.7.1 "; into reply and dsn; steps over them. */
void part_take_reply(struct postfix_line *l, struct str *s);

#endif
