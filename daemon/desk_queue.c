/* desk_queue - what a person did with held mail becomes an event
 *
 * The command asks outpost-queue itself, who knows by the kernel who asks. Then
 * it tells outpostd, which knows that, too, what became of how many: so that it
 * stands in the history, on every node.
 */
#include "base/time.h"
#include "daemon/desk.h"
#include "limits/sanction_event.h"

static bool
is_sum(struct str json)
{
	struct json *doc = json_parse(json, NULL);
	bool is_object = json_is_object(doc);

	json_free(&doc);
	return is_object && json.n < EVENT_EVIDENCE - 1;
}

void
desk_queue(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct str done = control_option(q, "done");
	struct standing_state state;
	struct sanction_about about;
	struct desk_subject s;
	static struct event e;

	if (q->n_args != 2 || !is_sum(done)) {
		control_fail(r, EXIT_USAGE, "queue is no question to outpostd");
		return;
	}
	if (!desk_subject_parse(d, q->args[0], &s, r))
		return;
	pipeline_about(d->pipeline, s.kind, str_from(s.key), &state, &about);
	sanction_event_begin(&about, EVENT_QUEUE, &e);
	e.is_operator = true;
	sanction_event_put(e.rule, sizeof(e.rule), q->args[1]);
	sanction_event_put(e.by, sizeof(e.by), str_from(q->user));
	sanction_event_put(
	    e.reason, sizeof(e.reason), control_option(q, "reason"));
	sanction_event_put(e.evidence, sizeof(e.evidence), done);
	standings_own_cause(&e, e.cause);
	d->emit(d->ctx, &e);
	r->is_order = true;
}
