/* dnsbl_round - asks one list about all of our addresses and domains
 *
 * One question at a time, not faster than is set; and after them, by questions
 * whose answers are known, whether the list works: what it said counts only
 * then. A list that doesn't answer three times in a row is left alone.
 */
#ifndef REPUTATION_DNSBL_ROUND_H
#define REPUTATION_DNSBL_ROUND_H

#include "reputation/dnsbl.h"

struct dns;
struct loop;
struct dnsbl_round;

enum dnsbl_health {
	DNSBL_WORKS,
	DNSBL_DEAD,    /* its tests fail: nothing it says counts */
	DNSBL_BARRED,  /* it refuses to answer us */
	DNSBL_NO_REPLY /* nothing is known */
};
const char *dnsbl_health_text(enum dnsbl_health h);

/* Of a target: what it said, and why, in the list's own words (TXT); empty:
 * none. */
struct dnsbl_found {
	bool is_asked;
	struct dnsbl_answer answer;
	char reason[DNSBL_TEXT];
};

struct dnsbl_result {
	enum dnsbl_health health;
	char why[DNSBL_TEXT];		 /* unless it works */
	const struct dnsbl_found *found; /* one for each target */
	size_t n;
};

/* r is valid until this returns; the round is gone then. */
typedef void dnsbl_round_fn(void *ctx, const struct dnsbl_result *r);

struct dnsbl_round_options {
	struct loop *loop;
	/* The resolver for the next question. */
	struct dns *(*dns)(void *ctx);
	const struct dnsbl *list; /* it and the targets live on */
	const char *key;	  /* copied; "": none */
	const struct dnsbl_target *targets;
	size_t n;
	int64_t gap_us; /* between questions */
	uint32_t salt;
	dnsbl_round_fn *on_done;
	void *ctx;
};

/* Answered exactly once, never before this returns. */
struct dnsbl_round *dnsbl_round_start(const struct dnsbl_round_options *o);
/* No answer comes. NULL is fine. */
void dnsbl_round_cancel(struct dnsbl_round **r);

#endif
