/* case - the file of a suspension: what an account was stopped for, what its
 * owner says to that, what the desk decides
 *
 * A case is a fold of events that doesn't depend on their order of arrival, nor
 * on how often each comes; every node that has seen the same events has the
 * same cases. It opens with a SANCTION of an account, held or suspended, that
 * has an effect, and is named by that event's cause (ledger/case_id.h). A LIFT,
 * EXPIRE or UNDONE ends it, or a SANCTION that takes its place: a hold that
 * becomes a suspension goes on as another case.
 *
 * A case of complaints is another kind: no letter is written about it and no
 * page shows it, it waits for the desk alone. It opens with the first WARNING
 * because of complaints, or the first time the account is throttled for them,
 * in a week; every node gives it the same name, by account and week. That the
 * account is throttled again, every quarter of an hour, is added once a day. A
 * CASE_CLOSED says that the complaints have become few and ends it, as a LIFT
 * does; what comes after that in the same week opens it again, unless the desk
 * said no. The next week's, a hold or a suspension takes its place. (Of those
 * that are not added, one that came before the end that it would void is lost
 * where the end came later; the next one voids it.)
 *
 * How the other events use their fields; kind and subject are the account's,
 * `file` is the case's cause, `by` who it was (a user, "owner", "outpost",
 * "api:NAME"), `how` is CASE_RULE_COMPLAINTS where the case is one of
 * complaints: CASE_FILED     rule names the piece, evidence is it
 * (notify/case_piece.h) CASE_ANSWER    rung is "me", "not-me" or "human";
 * evidence {"what":TEXT, "to":TEXT, "agreed":TEXT, "client":ADDRESS,
 * "country":CODE, "language":CODE, "in_evidence":BOOL}; each may be absent
 *   CASE_PASSWORD  evidence {"client":ADDRESS, "in_evidence":BOOL}: from where
 *                  it was changed, if that is known
 *   CASE_DECISION  rung is "approved" or "denied", reason; evidence
 *                  {"release":TEXT}
 *   CASE_NOTE      reason
 *   CASE_ASSIGNED  rule is the user; empty: nobody
 *   CASE_LETTER    rung is its stage, rule its language, reason what became of
 *                  it ("sent", "no address is known"); evidence {"to":[...]}
 *   CASE_REMINDER, CASE_CLOSED   their cause is case_stage_cause's
 *   CASE_REVOKED   mark: the links' generation from now on
 *   CASE_HOOK      rule is the hook, rung "done" or "failed", reason the last
 *                  line that it wrote, or why; evidence {"what":"suspended",
 *                  "host":NAME, "tries":N, "output":TEXT}
 *   CASE_KEPT      rung is "kept" or "released"
 * CASE_TOLD is no event of a case: what stands in its evidence is one
 * (daemon/app_cases.h).
 * Pure.
 */
#ifndef NOTIFY_CASE_H
#define NOTIFY_CASE_H

#include "base/ip.h"
#include "ledger/case_id.h"
#include "ledger/event.h"

enum case_state {
	CASE_OPEN,     /* waits for the owner */
	CASE_REVIEW,   /* answered: waits for the desk */
	CASE_PASSWORD, /* "it was not me": waits for a new password */
	CASE_APPROVED, /* lifted by a decision */
	CASE_DENIED,
	CASE_CLOSED, /* no answer came */
	CASE_ENDED,  /* lifted or expired without a decision */
	CASE_STATES,
};
const char *case_state_text(enum case_state s); /* "open" */
bool case_state_parse(struct str s, enum case_state *out);

enum case_answer { CASE_NO_ANSWER, CASE_ME, CASE_NOT_ME, CASE_HUMAN };
const char *case_answer_text(enum case_answer a); /* "not-me"; "" for none */
bool case_answer_parse(struct str s, enum case_answer *out);

enum case_end {
	CASE_GOES_ON,
	CASE_END_LIFTED,
	CASE_END_EXPIRED,
	CASE_END_UNDONE,
	CASE_END_REPLACED, /* by another sanction: the case `next` */
};

/* When it was said; the later one wins, on every node the same. */
struct case_stamp {
	int64_t at_us; /* 0: never */
	uint64_t tie;
};

/* What stays in memory of a case. Fixed in size; texts are NUL-terminated, and
 * empty when nothing is known. All times are seconds. */
struct case_head {
	char cause[33];
	char id[CASE_ID];
	char account[321];
	bool is_opened; /* else only what came after the opening is known yet */
	enum case_state state;
	struct case_stamp opened;
	int64_t since, until; /* of the sanction; TIME_NEVER: until lifted */
	char rung[16]; /* "held", "suspended"; complaints: the worse one of
			  "warned" and "throttled" */
	char rule[64], class[64], config[17], by[65];
	int64_t mark;
	bool is_operator;	   /* a person ordered it */
	bool is_complaints;	   /* nobody is stopped: the desk shall look */
	struct case_stamp stirred; /* complaints: heard of last */
	bool is_braked; /* it is held, and waits for an operator's brake */
	int64_t score;
	int64_t repeats; /* suspensions before it, of thirty days */
	int64_t began;	 /* its first message by the evidence; 0: not known */
	int64_t recipients; /* outward, from then until it was stopped */

	struct case_stamp answered; /* the latest */
	enum case_answer answer;
	bool is_answer_in_evidence; /* one of them came from where the mail did
				     */
	uint32_t answers;
	struct case_stamp password; /* the latest confirmation */
	bool is_password_in_evidence;
	struct case_stamp decided;
	bool is_approved;
	char decided_by[65];
	struct case_stamp assigned, kept_set;
	char assignee[65];
	bool is_kept;
	int64_t reminded, closed; /* last; 0: not */
	uint32_t link_generation; /* of links that are good */

	enum case_end end;
	struct case_stamp ended;
	bool is_overturned; /* it was wrong: undone, or lifted as innocent */
	char next[33];	    /* REPLACED: by this case, or empty */
	int64_t last;	    /* of its events */
};

/* Folds an event into what is known so far; zeroed: nothing is, and the first
 * event names the case. Each event is given once. false: it is not of this
 * case, and nothing changed. A SANCTION other than its own, LIFT, EXPIRE or
 * UNDONE is given to every case of the account; what came before the case was
 * opened is not remembered, so who opens it gives those again. */
bool case_fold(struct case_head *c, const struct event *e);
/* Does this event open a case, and of which cause? */
bool case_is_opened_by(const struct event *e, char cause[33]);
/* The rule of the events that open a case of complaints (limits/complained.h),
 * and is this one of them? */
#define CASE_RULE_COMPLAINTS "complaints"
bool case_is_of_complaints(const struct event *e);
/* Is this an event that names its case? */
bool case_is_event(enum event_type t);
/* The end of what it is about has not come. */
bool case_is_in_force(const struct case_head *c);
/* Somebody has to do something: open, review or password. */
bool case_is_pending(const struct case_head *c);
/* So many answers of one case count; what comes after changes nothing. */
enum { CASE_ANSWERS = 20 };

/* What all events of a case have in common: kind, subject, file, by; the
 * caller gives it its identity (at_us, node, seq) and its cause. */
void case_event_begin(const struct case_head *c, enum event_type t,
    struct str by, struct event *out);
/* When it opened, or was answered last. */
int64_t case_waits_since(const struct case_head *c);
/* The cause of the REMINDER or CLOSED of a case since then, the same on every
 * node. */
void case_stage_cause(
    const struct case_head *c, enum event_type t, char cause[33]);

/* What follows from what the owner said, or from a new password. */
struct case_question {
	enum case_answer answer;      /* the latest */
	bool is_answer_in_evidence;   /* any of them */
	bool is_password_changed;     /* a panel or an operator confirmed it */
	bool is_password_in_evidence; /* changed from where the mail came */
	bool is_operator;	      /* a person ordered the sanction */
	bool is_complaints;	      /* the desk alone ends it */
	bool was_denied;
	int64_t repeats, score;
	int64_t trust_score; /* below it a first case is trusted; 0: none */
};
enum case_follows { CASE_WAITS, CASE_TO_DESK, CASE_TO_PASSWORD, CASE_LIFTS };
enum case_follows case_answered(const struct case_question *q);
/* The question as a case asks it now. */
struct case_question case_question_of(
    const struct case_head *c, int64_t trust_score);

/* What is due by now, as the owner did not answer. */
enum case_due { CASE_DUE_NOTHING, CASE_DUE_REMINDER, CASE_DUE_CLOSE };
enum case_due case_due(const struct case_head *c, int64_t remind_after,
    int64_t close_after, int64_t now);

#endif
