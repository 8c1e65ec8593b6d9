/* trace_find - what `outpost trace` looks for, and whether a line has it
 *
 * Each criterion has a needle, a text that stands in every line that may fulfil
 * it: whole blocks of a log are searched for it before a line is looked at.
 */
#ifndef DAEMON_TRACE_FIND_H
#define DAEMON_TRACE_FIND_H

#include "base/error.h"
#include "base/ip.h"
#include "mta/account.h"
#include "mta/postfix.h"
#include "mta/ref.h"

enum trace_kind {
	TRACE_QUEUE_ID,
	TRACE_MESSAGE_ID,
	TRACE_TO,
	TRACE_FROM,
	TRACE_CLIENT,
	TRACE_ACCOUNT, /* a login */
	TRACE_UID,     /* an account uid:NAME */
	TRACE_KINDS
};

struct trace_criterion {
	enum trace_kind kind;
	char value[ACCOUNT_TEXT + 32];
	struct ip ip;
	struct str needle; /* empty: none, a queue id */
	struct str other;  /* a second one; empty: none */
	bool is_nocase;
	char needle_text[ACCOUNT_TEXT + 32];
};

struct trace_query {
	struct trace_criterion v[TRACE_KINDS];
	size_t n;
	int64_t at;	/* 0: any time */
	int64_t within; /* seconds around it */
	struct account_rules rules;
	const struct ref_keys *refs; /* NULL: references aren't read */
	/* As for the chains. */
	void (*uid_name)(void *ctx, uint32_t uid, struct text *out);
};

/* -1: value is none of that kind, or the kind was there already. */
int trace_query_add(struct trace_query *q, enum trace_kind kind,
    struct str value, struct error *err);
/* "--account": a login, uid:NAME, ip:ADDRESS, fwd:ADDRESS. */
int trace_query_add_account(
    struct trace_query *q, struct str account, struct error *err);
/* "2026-11-21T22:40:00Z", "2026-11-21 22:40[:00]" or "22:40[:00]", local time;
 * the last is the latest such time that isn't after now. */
bool trace_parse_time(struct str s, int64_t now, int64_t *at);
/* The same, or "2h": so long ago. */
bool trace_parse_since(struct str s, int64_t now, int64_t *at);

/* The next place of a criterion's needle in a block; NULL: none. */
const char *trace_needle_find(
    struct str needle, bool is_nocase, const char *p, const char *end);
/* A bit for each criterion that the line fulfils. */
uint32_t trace_match(const struct trace_query *q, const struct logline *line,
    const struct postfix_line *p);

#endif
