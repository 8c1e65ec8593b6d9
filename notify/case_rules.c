/* case_rules - what follows from an answer, and from none */
#include "notify/case.h"

#include "base/time.h"

/* A thief may sit in the mailbox and read our letters: he may answer, and
 * change the password, as the owner would. */
static bool
may_be_the_thief(const struct case_question *q)
{
	return q->is_answer_in_evidence || q->is_password_in_evidence;
}

static bool
is_trusted(const struct case_question *q)
{
	return q->repeats == 0 && q->score < q->trust_score && !q->was_denied &&
	       !q->is_answer_in_evidence;
}

enum case_follows
case_answered(const struct case_question *q)
{
	if (q->is_complaints)
		return CASE_TO_DESK;
	switch (q->answer) {
	case CASE_HUMAN:
		return CASE_TO_DESK;
	case CASE_ME:
		return !q->is_operator && is_trusted(q) ? CASE_LIFTS
							: CASE_TO_DESK;
	case CASE_NO_ANSWER:
	case CASE_NOT_ME:
		break;
	}
	if (!q->is_password_changed)
		return q->answer == CASE_NOT_ME ? CASE_TO_PASSWORD : CASE_WAITS;
	if (q->is_operator || q->was_denied || may_be_the_thief(q))
		return CASE_TO_DESK;
	return CASE_LIFTS;
}

struct case_question
case_question_of(const struct case_head *c, int64_t trust_score)
{
	return (struct case_question){
	    .answer = c->answer,
	    .is_answer_in_evidence = c->is_answer_in_evidence,
	    .is_password_changed = c->password.at_us > 0,
	    .is_password_in_evidence = c->is_password_in_evidence,
	    .is_operator = c->is_operator,
	    .is_complaints = c->is_complaints,
	    .was_denied = c->decided.at_us > 0 && !c->is_approved,
	    .repeats = c->repeats,
	    .score = c->score,
	    .trust_score = trust_score,
	};
}

enum case_due
case_due(const struct case_head *c, int64_t remind_after, int64_t close_after,
    int64_t now)
{
	bool is_waiting = c->state == CASE_OPEN || c->state == CASE_PASSWORD;
	int64_t since = case_waits_since(c);

	if (!is_waiting || !c->is_opened)
		return CASE_DUE_NOTHING;
	if (close_after > 0 && now - since >= close_after)
		return CASE_DUE_CLOSE;
	if (remind_after > 0 && c->reminded < since &&
	    now - since >= remind_after)
		return CASE_DUE_REMINDER;
	return CASE_DUE_NOTHING;
}
