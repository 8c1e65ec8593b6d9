/* standings - where every subject is: a fold of its events
 *
 * The fold does not depend on the order in which events arrive, nor on how
 * often each does; every node that has seen the same events holds the same
 * standings. What is kept per subject is bounded:
 *  - automatic sanctions: of each cause the earliest event, of each rung the
 *    causes with the latest marks;
 *  - of the operator's sanctions, of lifts, exemptions and of the overrides of
 *    one limit, the latest.
 * From these standing_get reads the standing at a time:
 *  - an operator's sanction in force beats every automatic one, and ends those
 *    older than itself; a lift ends all older than itself, and every automatic
 *    one that was judged under an older mark; an exemption hides automatic
 *    ones while it lasts; else the worst automatic one in force holds;
 *  - after a suspension comes probation, whether it ended by itself or by a
 *    lift, and the next one lasts longer; not after one that a lift overturned
 *    (is_innocent) or an undo took back;
 *  - observed sanctions have no effect, and end at the switch to enforce.
 *
 * How events use their fields:
 *   SANCTION  rung, rule, until, reason, evidence; an automatic one's mark is
 *             the epoch it was judged in, cause is standings_cause's
 *   LIFT      mark: facts up to here count no more; rung is what it ended
 *   UNDO      rule or config, or both; mark: what it did from here on, up to
 *             the event; no subject
 *   UNDONE    of a hold or suspension that an UNDO took back, whose rule and
 *             mark it has; cause is standings_undone_cause's
 *   EXPIRE    rung, rule and mark of what ended; cause standings_end_cause's
 *   EXEMPT, UNEXEMPT   until, reason
 *   LIMIT, UNLIMIT     rule is the limit's name, evidence {"max":N}, until
 *   WARNING   rule is the limit's name, mark the start of its period
 *   MODE      rung is "observe" or "enforce"; no subject
 *   SANCTION  with how "trial": what a rule on trial would do, until its end;
 *             of no effect, kept apart from all others
 *   TRIAL     rung is "end" or "extend" (until then), of rule in the version
 *             that is in evidence; no subject
 *   BRAKE     rung is "approve" or "release", of all that wait because of
 *             rule; no subject
 */
#ifndef LIMITS_STANDINGS_H
#define LIMITS_STANDINGS_H

#include "ledger/event.h"
#include "limits/rules.h"

struct standings;
struct trial_rule;
struct standings_options {
	size_t max_subjects;
	int64_t probation_for;
};

struct standings *standings_new(const struct standings_options *o);
void standings_free(struct standings **s);
/* A reload. */
void standings_set_options(
    struct standings *s, const struct standings_options *o);

/* true: it was news. An event that can't be understood (unknown kind or rung,
 * an override without a number) changes nothing. */
bool standings_fold(struct standings *s, const struct event *e);

/* Views are valid until the next fold. */
struct standing_state {
	enum standing rung; /* in effect now */
	enum standing
	    observed; /* what would be, were observed ones in effect */
	int64_t observed_since, observed_until; /* when observed is worse */
	const char *observed_reason;		/* than rung; never NULL */
	int64_t since, until; /* of rung (probation too); 0: GOOD */
	const char *rule, *reason, *by, *cause; /* never NULL */
	bool is_operator;
	bool is_braked;	  /* held, and waits for an operator: see brake.h */
	int64_t mark;	  /* of the latest lift or undo; 0: none */
	int64_t epoch;	  /* mark, or the end of the last sanction that ended by
			     itself: new verdicts have causes of their own */
	int64_t passed;	  /* when its last hold in doubt ended by itself; 0 */
	unsigned repeats; /* suspensions that ended in the last 30 days, the
			     overturned ones excepted */
	int64_t exempt_until; /* 0: not exempt */
	const char *exempt_reason, *exempt_by;
	int64_t last_us;    /* of all its events: a new one is later */
	int64_t same_until; /* without another event all but `repeats` stays as
			       it is until then, at least */
	struct str json;    /* the event of rung, or of what is observed when
			       that is worse; empty: none */
};
/* An account's hold in doubt, for a short while: neither does it wait for an
 * operator, nor is it without an end. */
bool standing_is_doubt(const struct standing_state *s);
/* GOOD when nothing is known. */
void standings_get(struct standings *s, enum subject_kind kind, struct str key,
    int64_t now, struct standing_state *out);

/* Every subject of which something is known, in no order. */
typedef void standings_each_fn(void *ctx, enum subject_kind kind,
    struct str key, const struct standing_state *state);
void standings_each(
    struct standings *s, int64_t now, standings_each_fn *each, void *ctx);
/* The same in slices. Who is known from its begin to its end is met, once
 * unless others are forgotten meanwhile; who comes meanwhile is not, so whoever
 * must know of all changes begins again. `max` is the effort, about an eighth
 * as many subjects; those who can't stand at `least` or above, not as observed
 * either, and have no exemption, are passed over cheaply (STANDING_GOOD: none
 * is). false: it is over.
 */
struct standings_walk {
	size_t left;
};
enum { STANDINGS_SLICE = 512 }; /* effort: some hundred microseconds */
void standings_walk_begin(const struct standings *s, struct standings_walk *w);
bool standings_walk(struct standings *s, struct standings_walk *w, size_t max,
    enum standing least, int64_t now, standings_each_fn *each, void *ctx);
size_t standings_count(const struct standings *s);
/* Is anything known of any subject of this kind? */
bool standings_has_kind(const struct standings *s, enum subject_kind kind);

/* When standings_end_next has something next; TIME_NEVER: nothing ends. */
int64_t standings_next_end(const struct standings *s);
/* One of those who have reached an end, or have changed: tells its sanctions
 * that ended by themselves in the last seven days and of which no EXPIRE event
 * is known, watching excepted: who emits makes one of each (see
 * sanction_expire). `cause` is the sanction's. false: nobody has. */
struct standings_ended {
	enum subject_kind kind;
	struct str key;
	enum standing rung;
	const char *rule, *cause, *reason;
	const char *config; /* NULL: not told */
	int64_t at, until, mark;
	bool is_operator, is_observed;
};
typedef void standings_ended_fn(void *ctx, const struct standings_ended *e);
bool standings_end_next(
    struct standings *s, int64_t now, standings_ended_fn *each, void *ctx);

/* Holds and suspensions that an undo took back and of which no UNDONE event is
 * known; a walk. */
bool standings_walk_undone(struct standings *s, struct standings_walk *w,
    size_t max, int64_t now, standings_ended_fn *each, void *ctx);
/* What a rule (empty: any) imposed since a time, whatever became of it, short
 * of being undone; observed ones too. Subject by subject; as a walk, and all
 * at once. */
bool standings_walk_rule(struct standings *s, struct standings_walk *w,
    size_t max, struct str rule, int64_t since, int64_t now,
    standings_ended_fn *each, void *ctx);
void standings_each_of_rule(struct standings *s, struct str rule, int64_t since,
    int64_t now, standings_ended_fn *each, void *ctx);
/* Is this a SANCTION that an undo took back? */
bool standings_is_undone(struct standings *s, const struct event *e);

/* All that is known of it is dropped. false: nothing was. */
bool standings_forget(
    struct standings *s, enum subject_kind kind, struct str key);

/* The installation's mode; observe until an event says otherwise. */
bool standings_is_enforcing(const struct standings *s);

/* The overrides in force; returns how many, at most STANDINGS_OVERRIDES. */
enum { STANDINGS_OVERRIDES = 32 };
size_t standings_overrides(struct standings *s, enum subject_kind kind,
    struct str key, int64_t now,
    struct limits_override out[STANDINGS_OVERRIDES]);

/* Is a WARNING of this cause known, before it is made again? */
bool standings_knows_warning(struct standings *s, enum subject_kind kind,
    struct str key, const char *rule, int64_t mark, bool is_observed);

/* The brake, as the events so far have it; the standings'. */
struct brake;
struct brake *standings_brake(struct standings *s);
/* Those who wait. The operator's latest decision about their rule since, if it
 * has not reached them yet: what makes of each a suspension (approve) or a lift
 * is sanction_approve, sanction_lift. */
struct standings_waiting {
	enum subject_kind kind;
	struct str key;
	const char *rule, *class, *reason;
	int64_t since, until;
	struct str json; /* the event */
	bool is_decided, is_approved;
	const char *node, *by, *why; /* of the decision: on which node */
};
typedef void standings_waiting_fn(void *ctx, const struct standings_waiting *w);
/* false: it doesn't wait. */
bool standings_get_waiting(struct standings *s, enum subject_kind kind,
    struct str key, int64_t now, struct standings_waiting *out);
void standings_each_waiting(
    struct standings *s, int64_t now, standings_waiting_fn *each, void *ctx);
bool standings_walk_waiting(struct standings *s, struct standings_walk *w,
    size_t max, int64_t now, standings_waiting_fn *each, void *ctx);

/* standings_trial.c: what rules on trial would do (limits/trial.h), as long as
 * the events say; whether a rule still is on trial knows who has the
 * configuration. */
void standings_each_tried(
    struct standings *s, int64_t now, standings_ended_fn *each, void *ctx);
bool standings_walk_tried(struct standings *s, struct standings_walk *w,
    size_t max, int64_t now, standings_ended_fn *each, void *ctx);
void standings_each_tried_of(struct standings *s, enum subject_kind kind,
    struct str key, int64_t now, standings_ended_fn *each, void *ctx);
/* Is this rung, or a worse one, noted since then? */
bool standings_knows_tried(struct standings *s, enum subject_kind kind,
    struct str key, const struct trial_rule *rule, enum standing rung,
    int64_t now);
/* The operator's latest word on this version of a rule. */
struct standings_trial_order {
	int64_t at, until; /* until 0: it ended */
};
bool standings_get_trial_order(const struct standings *s, const char *rule,
    uint64_t version, struct standings_trial_order *out);

/* What other nodes must be told again after Redis lost its data: all that the
 * standings are read from, warnings excepted. A walk. */
typedef void standings_event_fn(void *ctx, const struct event *e);
bool standings_walk_live(struct standings *s, struct standings_walk *w,
    size_t max, int64_t now, standings_event_fn *each, void *ctx);

/* 32 hex digits and a NUL, the same on every node. */
enum { STANDINGS_CAUSE = 33 };
void standings_cause(enum subject_kind kind, struct str key, enum standing rung,
    struct str rule, int64_t epoch, bool is_observed,
    char out[STANDINGS_CAUSE]);
/* Of the EXPIRE event that ends the sanction with this cause. */
void standings_end_cause(const char *cause, char out[STANDINGS_CAUSE]);
/* Of the UNDONE event of the sanction with this cause. */
void standings_undone_cause(const char *cause, char out[STANDINGS_CAUSE]);
/* Of anything with an identity of its own: an operator's event. */
void standings_own_cause(const struct event *e, char out[STANDINGS_CAUSE]);

/* standings_books.c: tag 'S', table "standings". */
struct books_part;
struct books_part standings_part(struct standings *s);

#endif
