/* case_bed - events of cases, for the tests of cases */
#ifndef NOTIFY_CASE_BED_H
#define NOTIFY_CASE_BED_H

#include <stdio.h>

#include "base/time.h"
#include "notify/case.h"

#define BED_CAUSE "0123456789abcdef0123456789abcdef"
enum { BED_SINCE = 1763764800 };

static inline void
bed_put(char *field, size_t size, const char *text)
{
	snprintf(field, size, "%s", text);
}

#define BED_PUT(field, text) bed_put(field, sizeof(field), text)

/* Seconds after the case began; a seq of its own. */
static inline struct event
bed_event(enum event_type type, int64_t after)
{
	static uint64_t seq;
	struct event e = {
	    .type = type, .at_us = (BED_SINCE + after) * TIME_US, .seq = ++seq};

	BED_PUT(e.node, "0123456789abcdef");
	BED_PUT(e.kind, "account");
	BED_PUT(e.subject, "alice@example.com");
	BED_PUT(e.by, "outpost");
	BED_PUT(e.evidence, "{}");
	if (case_is_event(type))
		BED_PUT(e.file, BED_CAUSE);
	snprintf(e.cause, sizeof(e.cause), "%032llx", (unsigned long long)seq);
	return e;
}

static inline struct event
bed_suspension(void)
{
	struct event e = bed_event(EVENT_SANCTION, 0);

	BED_PUT(e.cause, BED_CAUSE);
	BED_PUT(e.rung, "suspended");
	BED_PUT(e.rule, "burst");
	BED_PUT(e.reason, "500 recipients in 10m");
	BED_PUT(e.evidence,
	    "{\"score\":120,\"repeats\":0,\"began\":\"2025-11-21T22:30:00Z\","
	    "\"known\":[\"192.0.2.0/24\"],\"reasons\":[{\"rule\":\"burst\","
	    "\"points\":120,\"text\":\"500 recipients in 10m\"}]}");
	e.until = BED_SINCE + 86400;
	e.mark = 7;
	return e;
}

static inline struct event
bed_said(enum event_type type, int64_t after, const char *rung)
{
	struct event e = bed_event(type, after);

	BED_PUT(e.rung, rung);
	return e;
}

#endif
