/* pipeline_sender - a sender's domain that doesn't let our addresses send (SPF)
 */
#include "daemon/pipeline_state.h"

static void
print(const struct pipeline *p, struct str sender, struct text *action)
{
	const char *include = p->settings->domains.spf_include;
	size_t at = (size_t)(str_find_last(sender, STR("@")) + 1);

	text_printf(action,
	    "REJECT 5.7.1 Mail from %.*s is not sent from here: its SPF record "
	    "does not let us",
	    STR_ARG(str_head(str_skip(sender, at), 100)));
	if (*include)
		text_printf(action, " (it needs include:%s)", include);
}

/* Not of what stays inside; in observe mode nobody is refused. */
bool
pipeline_refuses_sender(const struct pipeline *p,
    const struct policy_request *q, const struct admission_request *ask,
    struct text *action)
{
	if (!p->settings->domains.refuse_unauthorised ||
	    ask->stage != ADMISSION_RCPT || ask->is_inside ||
	    !p->hooks.is_unauthorised ||
	    !standings_is_enforcing(p->standings) ||
	    !p->hooks.is_unauthorised(p->hooks.ctx, q->sender))
		return false;
	print(p, q->sender, action);
	return true;
}
