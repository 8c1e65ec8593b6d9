/* pipeline_doubt - new messages of an account that is held wait on hold
 *
 * Whoever is held in doubt may send on: what he hands in waits in the queue,
 * until either all of it leaves or he is suspended. Only where Postfix asks at
 * the end of each message, and where outpost-queue has agreed to let that queue
 * id go again; else his recipients are deferred.
 */
#include "base/time.h"
#include "daemon/pipeline_state.h"

/* Not one that waits for an operator, which is long. */
static bool
is_doubt(const struct answer_subject *s)
{
	return s->kind == SUBJECT_ACCOUNT && standing_is_doubt(s->state);
}

static bool
is_answered_in_doubt(const struct answer *answer)
{
	return (answer->action == ANSWER_HOLD ||
		   answer->action == ANSWER_DEFER) &&
	       answer->subject && is_doubt(answer->subject);
}

/* One that isn't there to hold: what is over it is deferred. */
static bool
exceeds_limit(struct pipeline *p, const struct verdict *v)
{
	for (size_t i = 0; v && i < v->n_reasons; i++) {
		const struct reason *r = &v->reasons[i];
		const struct limit *l =
		    rules_find_limit(p->settings->rules, str_from(r->rule));

		if (r->is_limit && (!l || l->action < STANDING_HELD))
			return true;
	}
	return false;
}

/* What would be answered, were nobody held in doubt. */
static enum answer_action
answer_else(struct pipeline *p, struct answer_subject *judged, size_t n,
    const struct answer_subject *held)
{
	static const struct standing_state good;
	struct answer_subject saved = *held;
	struct answer_subject *at = &judged[held - judged];
	struct answer other;

	*at = (struct answer_subject){saved.kind, saved.key, &good, NULL};
	answer_choose(judged, n, standings_is_enforcing(p->standings), &other);
	*at = saved;
	return other.action;
}

bool
pipeline_hold_instead(struct pipeline *p, const struct policy_request *q,
    struct answer_subject *judged, size_t n, struct answer *answer)
{
	const struct pipeline_hooks *hooks = &p->hooks;
	bool is_end = q->state == POLICY_END_OF_MESSAGE;

	p->is_asked_at_end = p->is_asked_at_end || is_end;
	if (answer->action != ANSWER_DEFER || !is_doubt(answer->subject) ||
	    !p->is_asked_at_end || !hooks->can_hold ||
	    !hooks->can_hold(hooks->ctx) ||
	    (!is_end && exceeds_limit(p, answer->subject->verdict)) ||
	    answer_else(p, judged, n, answer->subject) != ANSWER_DUNNO)
		return false;
	if (is_end && !hooks->may_hold(hooks->ctx, q->queue_id))
		return true;
	answer->action = ANSWER_HOLD;
	return false;
}

bool
pipeline_doubts(struct pipeline *p, const struct policy_request *q,
    struct text *account, int64_t *until)
{
	struct standing_state state;

	if (!account_from_login(&p->accounts, q->sasl_username, account) &&
	    !account_from_certificate(q->ccert_subject, account))
		return false;
	standings_get(p->standings, SUBJECT_ACCOUNT, text_view(account),
	    ledger_now(p->ledger), &state);
	*until = state.until;
	return standing_is_doubt(&state);
}

bool
pipeline_is_friend_afar(
    struct pipeline *p, const struct fact *attempt, const struct answer *answer)
{
	struct subject *s =
	    ledger_find(p->ledger, SUBJECT_ACCOUNT, attempt->account);

	return s && attempt->recipient.n > 0 &&
	       ledger_has_met(p->ledger, s, attempt->recipient) &&
	       (is_answered_in_doubt(answer) ||
		   ledger_is_abroad(
		       p->ledger, s, &attempt->client, attempt->at));
}

void
pipeline_trust_seen(struct pipeline_view *v)
{
	struct judge_input seen = v->in;
	struct verdict verdict;

	seen.admitted = seen.admitted_messages = 0;
	seen.asked = v->in.asked > 0;
	judge(&seen, &verdict);
	if (verdict.rung < v->verdict.rung)
		v->verdict.rung = verdict.rung > STANDING_THROTTLED
				      ? verdict.rung
				      : STANDING_THROTTLED;
}
