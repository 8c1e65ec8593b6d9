/* desk - what the outpost command asks, answered from memory */
#include "daemon/desk.h"

enum { AHEAD_MAX = 15 }; /* seconds, the age of a beat among them */

static desk_fn *const handlers[COMMAND_IDS] = {
    [COMMAND_ID_status] = desk_status,
    [COMMAND_ID_list] = desk_list,
    [COMMAND_ID_show] = desk_show,
    [COMMAND_ID_top] = desk_top,
    [COMMAND_ID_suspend] = desk_suspend,
    [COMMAND_ID_lift] = desk_lift,
    [COMMAND_ID_undo] = desk_undo,
    [COMMAND_ID_queue] = desk_queue,
    [COMMAND_ID_ips] = desk_ips,
    [COMMAND_ID_providers] = desk_providers,
    [COMMAND_ID_domains] = desk_domains,
    [COMMAND_ID_domain] = desk_domain,
    [COMMAND_ID_incidents] = desk_incidents,
    [COMMAND_ID_incident] = desk_incident,
    [COMMAND_ID_provider] = desk_provider,
    [COMMAND_ID_dmarc] = desk_dmarc,
    [COMMAND_ID_ip] = desk_ip,
    [COMMAND_ID_pause] = desk_pause,
    [COMMAND_ID_slow] = desk_slow,
    [COMMAND_ID_resume] = desk_resume,
    [COMMAND_ID_exempt] = desk_exempt,
    [COMMAND_ID_limit] = desk_limit,
    [COMMAND_ID_mode] = desk_mode,
    [COMMAND_ID_brake] = desk_brake,
    [COMMAND_ID_trial] = desk_trial,
    [COMMAND_ID_events] = desk_events,
    [COMMAND_ID_explain] = desk_explain,
    [COMMAND_ID_why] = desk_explain,
    [COMMAND_ID_complaints] = desk_complaints,
    [COMMAND_ID_aggregates] = desk_aggregates,
    [COMMAND_ID_suppressed] = desk_suppressed,
    [COMMAND_ID_export] = desk_export,
    [COMMAND_ID_cases] = desk_cases,
    [COMMAND_ID_case] = desk_case_do,
    [COMMAND_ID_report] = desk_report,
    [COMMAND_ID_forget] = desk_forget,
    [COMMAND_ID_books] = desk_books,
    [COMMAND_ID_letter] = desk_letter,
    [COMMAND_ID_reload] = desk_reload,
    [COMMAND_ID_webhooks] = desk_webhooks,
    [COMMAND_ID_hooks] = desk_hooks,
};

/* `mode`, `brake`, `trial`, `limit SUBJECT` and `suppressed` without more only
 * look. */
static bool
only_looks(const struct control_request *q)
{
	if (q->command == COMMAND_ID_mode || q->command == COMMAND_ID_brake ||
	    q->command == COMMAND_ID_trial)
		return q->n_args == 0;
	if (q->command == COMMAND_ID_limit || q->command == COMMAND_ID_case ||
	    q->command == COMMAND_ID_suppressed ||
	    q->command == COMMAND_ID_provider ||
	    (q->command == COMMAND_ID_webhooks && !control_has(q, "all")))
		return q->n_args <= 1;
	return commands[q->command].access == COMMAND_LOOK ||
	       q->command == COMMAND_ID_domains ||
	       q->command == COMMAND_ID_domain;
}

bool
desk_asks_about(
    struct desk *d, const struct control_request *q, struct desk_subject *out)
{
	size_t i = q->command == COMMAND_ID_explain;
	struct control_reply r;

	if ((q->command != COMMAND_ID_show && q->command != COMMAND_ID_why &&
		q->command != COMMAND_ID_explain &&
		q->command != COMMAND_ID_limit) ||
	    q->n_args <= i)
		return false;
	control_reply_init(&r);
	bool is_one = desk_subject_parse(d, q->args[i], out, &r);

	control_reply_done(&r);
	return is_one;
}

void
desk_webhooks(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	d->webhooks(d->ctx, q, r);
}

void
desk_hooks(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	d->hooks(d->ctx, q, r);
}

static bool
is_for_many(enum command_id command)
{
	return command == COMMAND_ID_suspend || command == COMMAND_ID_lift ||
	       command == COMMAND_ID_show;
}

/* What such orders say is that nothing counts up to now: by a clock that is
 * ahead, also what is sent from now until then, on every node. */
static bool
is_too_early(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	int64_t ahead = 0;

	if (q->command == COMMAND_ID_lift || q->command == COMMAND_ID_undo ||
	    (q->command == COMMAND_ID_brake && q->n_args > 0))
		ahead = d->ahead(d->ctx);
	if (ahead <= AHEAD_MAX)
		return false;
	control_fail(r, EXIT_FAILED,
	    "the clock of this host is %lld s ahead of the other nodes': what "
	    "is sent until they are there would count nowhere. Set it right "
	    "(timedatectl), or do this on another host",
	    (long long)ahead);
	return true;
}

void
desk_answer(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	if (!handlers[q->command]) {
		control_fail(r, EXIT_USAGE, "%s is no question to outpostd",
		    commands[q->command].name);
		return;
	}
	if (!q->may_change && !only_looks(q)) {
		control_fail(r, EXIT_DENIED,
		    "%s may look, not change (see admins in outpost.conf)",
		    q->user);
		return;
	}
	if (is_too_early(d, q, r))
		return;
	if (control_has(q, "batch") && is_for_many(q->command))
		desk_batch(d, q, handlers[q->command], r);
	else
		handlers[q->command](d, q, r);
}
