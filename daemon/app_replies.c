/* app_replies - what receivers answer: counted by class, and samples of what no
 * rule is for */
#include "daemon/app_state.h"
#include "daemon/metrics.h"

void
app_replies_said(
    void *ctx, const struct postfix_line *l, const struct reply *r, int64_t at)
{
	struct app *a = ctx;

	if (app_is_ours(&a->settings->mta, line_get(l, FIELD_RELAY_ADDRESS)))
		return;
	metric_add(
	    metrics_by(METRICS_REPLIES, str_from(reply_class_text(r->class))),
	    1);
	if (r->is_unmatched)
		unmatched_note(a->unmatched, line_get(l, FIELD_RELAY_NAME),
		    line_get(l, FIELD_DSN), line_get(l, FIELD_TEXT), at);
}
