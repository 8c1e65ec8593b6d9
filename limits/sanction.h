/* sanction - from a verdict, or an operator's order, to an event
 *
 * Pure: the event is built, who calls folds it and sends it. Times: `at` is
 * that of the fact (the books' clock), `now` the wall clock; in a replay both
 * are the fact's.
 */
#ifndef LIMITS_SANCTION_H
#define LIMITS_SANCTION_H

#include "limits/evidence.h"
#include "limits/standings.h"

/* Who makes the event, and about whom. */
struct sanction_about {
	enum subject_kind kind;
	struct str key;
	const char *node;
	uint64_t seq;	/* of the node's events; the caller counts */
	int64_t now_us; /* wall clock */
	/* The subject's standing now: a new event is later than all known. */
	const struct standing_state *state;
	const char *class;  /* of automatic ones; NULL: none */
	const char *config; /* the generation of the rules; NULL: none */
	/* The verdict would suspend and has to wait (limits/brake.h): its rung
	 * is HELD, and lasts for brake_hold. */
	bool is_braked;
	/* Of a SANCTION; NULL: none is told. */
	const struct evidence *evidence;
	/* Of a LIFT: what becomes of held mail, JSON; empty: nothing is told.
	 */
	struct str held;
};

/* A verdict that makes the standing worse: true, and *out is a SANCTION. false
 * when the same or a worse rung (in observe mode an observed one) is in force,
 * when an operator's decision is, when the verdict asks for nothing, and when
 * what it asks for would be over at now_us already (catching up).
 * sanction_is_news: all but the last.
 * A second suspension within 30 days lasts longer, a third until lifted. */
bool sanction_is_news(
    const struct sanction_about *a, const struct verdict *v, bool is_enforcing);
bool sanction_from_verdict(const struct sanction_about *a,
    const struct limits_settings *s, const struct verdict *v, int64_t at,
    bool is_enforcing, struct event *out);

/* What a rule on trial would do (limits/trial.h): noted until the trial's end,
 * without effect. v: the verdict of the rules as written. */
struct trial_rule;
void sanction_tried(const struct sanction_about *a,
    const struct trial_rule *rule, const struct verdict *v, int64_t at,
    struct event *out);

/* An operator said yes to what had to wait: the suspension it would have been.
 * held is its event. */
void sanction_approve(const struct sanction_about *a,
    const struct limits_settings *s, const struct event *held, struct str by,
    struct event *out);

/* A WARNING for the verdict's dearest warning that this period (a window's
 * length) has not had; false: none is due. */
bool sanction_warning(struct standings *s, const struct sanction_about *a,
    const struct verdict *v, int64_t at, bool is_enforcing, struct event *out);

/* The EXPIRE of something that ended. */
void sanction_expire(const struct sanction_about *a,
    const struct standings_ended *ended, struct event *out);

/* The UNDONE of a hold or suspension that was taken back. */
void sanction_undone(const struct sanction_about *a,
    const struct standings_ended *undone, struct event *out);

/* Operators' events; `by` is the user, reason what they gave. until is
 * TIME_NEVER without an end. An order to stop goes on with the evidence of what
 * was in force. */
void sanction_order(const struct sanction_about *a, enum standing rung,
    int64_t until, struct str by, struct str reason, struct event *out);
/* The mark is `at` (the books' clock), later than any earlier mark; rung and
 * rule are what was lifted (observed: nobody needs to be written to);
 * is_innocent: it was wrong, so nothing follows from it. */
void sanction_lift(const struct sanction_about *a, int64_t at, bool is_innocent,
    struct str by, struct str reason, struct event *out);
void sanction_exempt(const struct sanction_about *a, bool is_exempt,
    int64_t until, struct str by, struct str reason, struct event *out);
/* max < 0: the override is taken back. */
void sanction_limit(const struct sanction_about *a, struct str limit,
    int64_t max, int64_t until, struct str by, struct str reason,
    struct event *out);
/* Of all that wait because of this rule. kind and key are not used. */
void sanction_decide(const struct sanction_about *a, struct str rule,
    bool is_approved, struct str by, struct str reason, struct event *out);
/* All that the rule, this generation of the configuration, or the one under the
 * other imposed since then (empty: any); kind and key are not used. */
void sanction_undo(const struct sanction_about *a, struct str rule,
    struct str config, int64_t since, struct str by, struct str reason,
    struct event *out);
/* This version of the rule is on trial until then; 0: no more. kind and key are
 * not used. */
void sanction_trial(const struct sanction_about *a, struct str rule,
    uint64_t version, int64_t until, struct str by, struct str reason,
    struct event *out);
/* kind and key are not used. */
void sanction_mode(const struct sanction_about *a, bool is_enforcing,
    struct str by, struct str reason, struct event *out);

#endif
