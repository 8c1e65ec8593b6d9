/* logline - the frame of a syslog line: when, where, who, and the text
 *
 * Understood: RFC 3164 ("Nov 21 22:40:00 host tag[pid]: text", also what
 * Postfix writes to maillog_file), RFC 3339 time in its place, the variants
 * with a year first ("2026 Nov 21 22:40:00", "2026-11-21 22:40:00.1234"),
 * RFC 5424, each with or without "<PRI>". NUL bytes before the line (a hole
 * left by truncation) and a CR at its end are passed over. Any program's line
 * is understood, Postfix's or not.
 */
#ifndef MTA_LOGLINE_H
#define MTA_LOGLINE_H

#include "base/str.h"

/* All views are into the line. */
struct logline {
	int64_t at_us;
	struct str host;
	struct str tag;	     /* as written: "postfix/submission/smtpd" */
	struct str instance; /* its first component: "postfix" */
	struct str program;  /* its last component: "smtpd" */
	struct str pid;	     /* as written; see logline_pid */
	struct str text;
	/* Where the clock keeps the tag, until its next line; NULL: nowhere. */
	struct logline_tag *kept;
	/* chains_expect: the queue id that the text begins with. */
	size_t id_n;
	uint64_t id_hash; /* 0: not known */
	uint16_t id_host; /* the number of its host */
};

enum { LOGLINE_TAGS = 64 }; /* a power of two */
enum { LOGLINE_LIKE = 32 };

struct logline_like {
	uint64_t text[4], mask[4]; /* which of its bits count */
};

/* A tag that a "[" follows: what it consists of, and what is known by it. */
struct logline_tag {
	uint8_t n; /* 0: empty */
	uint8_t instance_n, program_at;
	uint8_t daemon;		  /* postfix_parts.h; 0: nobody asked yet */
	struct logline_like like; /* to its "[" */
};

/* What the times of one source's lines need to be read right: one clock per
 * file, lines in their order. */
struct logline_clock {
	int64_t now; /* no line is from later than a day after this; 0: any */
	int64_t last_us; /* of the line before; INT64_MIN: none yet */

	/* Private: the text of a date up to its minute, and what it means. */
	int64_t base;
	size_t prefix_n, zone_n;
	bool has_zone;
	char prefix[24];
	char zone[8];

	/* What stood between the seconds and the tag of the line before: ".",
	 * six digits if has_us, then the tail, with the host. All of it with
	 * the date is head_n bytes; 0: not known. */
	bool has_us;
	uint8_t head_n, tail_n, host_at, host_n;
	struct logline_like tail[2];

	/* All of the head of the line before, to its tag, if it is short and
	 * has no fraction: most lines are of the same second. They are longer
	 * than same_n; SIZE_MAX: there is none. */
	size_t same_n;
	int64_t same_us;
	struct logline_like same;

	struct logline_tag tags[LOGLINE_TAGS];
};

/* What is seen in most lines is compared at once, without a look at its
 * length; so 32 bytes are read at p. n is at most 32. */
void logline_like_set(struct logline_like *like, const char *p, size_t n);

static inline bool
logline_is_like(const struct logline_like *like, const char *p)
{
	uint64_t differs = 0;

	for (size_t i = 0; i < 4; i++) {
		uint64_t w;

		memcpy(&w, p + 8 * i, sizeof(w));
		differs |= (w ^ like->text[i]) & like->mask[i];
	}
	return differs == 0;
}

/* now: seconds; for a live log the current time (keep clock->now up to date),
 * for an old file the time of its last change. A date without a year gets the
 * year that continues the lines before, or, for the first line, the latest
 * that isn't after now. A local time that happens twice (end of DST) is the
 * one nearest to the line before. */
void logline_clock_init(struct logline_clock *clock, int64_t now);

/* Parse a line (without its line feed). False when it is no syslog line; then
 * the clock is unchanged and *out undefined. */
bool logline_parse(
    struct logline_clock *clock, struct str line, struct logline *out);

/* 0: not given. */
uint32_t logline_pid(const struct logline *l);

#endif
