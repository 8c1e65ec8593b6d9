/* judge - what the counts say about an account: a score, its reasons, a rung
 *
 * One pure function of (counts, config, time of the latest fact), without
 * state of its own. The live daemon, `outpost replay` and the tests call the
 * same one.
 */
#ifndef LIMITS_JUDGE_H
#define LIMITS_JUDGE_H

#include "base/text.h"
#include "ledger/ledger.h"

/* The ladder, best first; see standings.def. */
enum standing {
#define STANDING(name, text, action, help) STANDING_##name,
#include "limits/standings.def"
#undef STANDING
	STANDINGS
};

const char *standing_text(enum standing s);   /* "suspended" */
const char *standing_action(enum standing s); /* "suspend"; "" for good */
bool standing_parse(struct str s, enum standing *out); /* either form */

struct limit;
struct limits_rules; /* rules.h: the limits, classes, signals of a config */
struct limits_override;

/* What the directory says of an account's owner. */
struct judge_owner {
	struct str plan; /* a view; empty: not known */
	int64_t born;	 /* when the account was made, seconds; 0: not known */
	/* It is among those who caused an incident: how much of it, percent;
	 * 0: it isn't. And since when. */
	unsigned blamed;
	int64_t blamed_at;
};

/* What is judged. Everything the verdict depends on is in here. */
struct judge_input {
	const struct limits_rules *rules;
	struct ledger *ledger;
	struct subject *subject;
	size_t class_index;			 /* of rules; see rules_class */
	const struct limits_override *overrides; /* the operator's, for it */
	size_t n_overrides;
	enum standing standing; /* as it is */
	int64_t passed; /* when its last hold in doubt let it go on; 0 */
	bool is_exempt;
	bool is_shared;		/* only limited, never held or suspended */
	int64_t asked;		/* recipients a policy request wants on top */
	int64_t asked_messages; /* 1: with them a message begins */
	int64_t admitted; /* recipients admitted that the log shows not yet */
	int64_t admitted_messages;
	int64_t now; /* the time of the latest fact */
	struct judge_owner owner;
};

/* One reason of a verdict. */
struct reason {
	const char *rule; /* the limit's or signal's name; lives with rules */
	int count;	  /* enum count, LIMIT_DISTINCT_... or REASON_... of
			     rules.h */
	int64_t window;
	uint64_t value;	 /* counted, pending and asked included */
	uint64_t bound;	 /* the limit, or what is usual */
	int points;	 /* below 0: it speaks for the account */
	bool is_limit;	 /* a hard cap: exceeded by what was asked */
	bool is_warning; /* a limit's warning share is reached */
	bool is_own;	 /* a signal: bound is from its own history */
	bool is_share;	 /* a signal: value of bound delivered */
	bool is_blamed;	 /* a signal: value is percent of an incident */
	uint64_t room;	 /* a signal that is silent: see signal.h */
	int64_t until;	 /* ... too */
	int points_max;	 /* a signal that speaks */
	/* ... and is an excess: so much makes a point now, and until then. */
	double each, each_later;
};

enum { VERDICT_REASONS = 8 };

/* How much more may be counted of what the plan reads (plan->counts) before
 * there can be something new: of what nearly every message raises, of strangers
 * (most who are watched write to many, and each would take from what is left of
 * the recipients), and of each of the others, which ask for few. And how long;
 * TIME_NEVER: whatever time it is. 0 of one is 0 of all: there can be at once.
 */
struct judge_rest {
	uint64_t often, strangers, seldom;
	int64_t until;
};
#define JUDGE_REST_ANY {UINT64_MAX, UINT64_MAX, UINT64_MAX, TIME_NEVER}

/* Bits, as ledger_raised's, of what is counted often. */
#define JUDGE_OFTEN                                                   \
	(1ull << COUNT_MESSAGES | 1ull << COUNT_RECIPIENTS |          \
	    1ull << COUNT_INSIDE | 1ull << COUNT_DELIVERED |          \
	    1ull << COUNT_INSIDE_DELIVERED | 1ull << COUNT_DEFERRED | \
	    1ull << COUNT_DEFERRALS | 1ull << COUNT_KIB |             \
	    1ull << COUNT_LOGINS |                                    \
	    1ull << LEDGER_DISTINCT_RECIPIENTS |                      \
	    1ull << LEDGER_DISTINCT_NETWORKS)

struct verdict {
	enum standing rung; /* GOOD: nothing to do */
	int score;
	int64_t retry_after; /* seconds until the limit frees, a guess; 0 */
	struct reason reasons[VERDICT_REASONS];
	size_t n_reasons;
	/* What else it can be: for as long as this, and at least for this
	 * minute of the books if it isn't 0 (which is: not known), no rung is
	 * worse than `worst`, and no limit warns that didn't. */
	struct judge_rest rest;
	enum standing worst;
};

void judge(const struct judge_input *in, struct verdict *out);
/* The same in a fraction of the time, of who isn't far: what only is told isn't
 * looked at. Of the reasons there is none but the first warning. */
void judge_brief(const struct judge_input *in, struct verdict *out);

/* The cheap way to know that judge would find nothing, for subjects of which
 * the standings know nothing. Of `in` it reads ledger, subject, owner, now,
 * what is asked and what is admitted. */
struct rules_plan;
bool judge_is_far(const struct rules_plan *plan, const struct judge_input *in);
/* Whether one of these counts, which rose (bits as ledger_raised's), is where
 * somebody asks about it. What holds by the others was found when they rose. */
bool judge_hears(const struct rules_plan *plan, const struct judge_input *in,
    uint64_t raised);
/* How far: until so much more is counted judge_is_far stays true, whatever time
 * it is; 0: it isn't now. That holds while nothing else changes what is counted
 * (others' pages, the time of the first fact ever), and of attempts only if
 * somebody judges each. */
struct judge_rest judge_headroom(
    const struct rules_plan *plan, const struct judge_input *in);
/* a becomes what both allow. */
void judge_rest_less(struct judge_rest *a, const struct judge_rest *b);
/* Is it 0? The guard (any number) is looked at first; else it becomes the first
 * that makes it so. */
bool judge_is_near(
    const struct rules_plan *plan, const struct judge_input *in, size_t *guard);

/* The limits that hold for in->subject, each with what it counts now; for
 * `explain`. */
struct limit_state {
	const struct limit *limit;
	uint64_t value, max; /* max after override and probation */
	const struct limits_override *override; /* NULL: none */
	bool is_probation;
};
typedef void judge_limit_fn(void *ctx, const struct limit_state *state);
void judge_each_limit(
    const struct judge_input *in, judge_limit_fn *each, void *ctx);

/* What a reason counts: "recipients", "new_networks". */
const char *reason_count_text(int count);
/* "412 recipients in 10 minutes, usually at most 9" - words that a customer
 * can read. */
void reason_print(const struct reason *r, struct text *out);

#endif
