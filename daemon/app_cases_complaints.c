/* app_cases_complaints - a case of complaints ends by itself */
#include <assert.h>

#include "base/time.h"
#include "daemon/app_cases.h"
#include "daemon/app_state.h"
#include "limits/complained.h"

/* Shared with hosts that can't be asked now, who may know of more. */
static bool
is_blind(struct app *a)
{
	return strcmp(a->settings->daemon.redis_uri, "managed") != 0 &&
	       !app_board_is_current(a->board);
}

enum case_due
app_cases_complaints_due(struct app *a, const struct case_head *head)
{
	bool is_taken = *head->assignee && case_is_pending(head);
	struct str account = str_from(head->account);
	struct standing_state state;

	assert(strcmp(COMPLAINED_RULE, CASE_RULE_COMPLAINTS) == 0);
	if (!case_is_in_force(head) || is_taken || is_blind(a))
		return CASE_DUE_NOTHING;
	standings_get(pipeline_standings(a->pipeline), SUBJECT_ACCOUNT, account,
	    loop_now_us(a->loop) / TIME_US, &state);
	if (state.rung == STANDING_THROTTLED &&
	    strcmp(state.rule, COMPLAINED_RULE) == 0)
		return CASE_DUE_NOTHING;
	struct ledger *l = pipeline_ledger(a->pipeline);

	return complained_is_over(&a->settings->limits, l,
		   ledger_find(l, SUBJECT_ACCOUNT, account))
		   ? CASE_DUE_CLOSE
		   : CASE_DUE_NOTHING;
}
