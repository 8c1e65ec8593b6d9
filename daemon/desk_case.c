/* desk_case - what outpostd knows of a case, for `outpost export CASE`
 *
 * A case is a SANCTION event. It is named by its id, by its case's name (as
 * refusals and letters give it), by the first digits of its cause, or by its
 * subject: the latest.
 */
#include "base/time.h"
#include "daemon/desk.h"
#include "ledger/case_id.h"

enum { CAUSE_MIN = 8, EVENTS_TOLD = 500 };

struct search {
	struct str name, kind, subject;
	char case_name[CASE_ID]; /* empty: it is none */
	struct event *found;
	bool is_found;
};

static bool
is_case(const struct search *s, const struct event *e)
{
	char id[EVENT_ID], name[CASE_ID];

	if (e->type != EVENT_SANCTION)
		return false;
	if (s->subject.n > 0)
		return str_is(str_from(e->kind), s->kind) &&
		       str_is(str_from(e->subject), s->subject);
	event_id(e, id);
	case_id(e->cause, name);
	if (*s->case_name && strcmp(name, s->case_name) == 0)
		return true;
	return str_is(str_from(id), s->name) ||
	       (s->name.n >= CAUSE_MIN &&
		   str_starts(str_from(e->cause), s->name));
}

static void
find(void *ctx, const struct event *e)
{
	struct search *s = ctx;

	if (!is_case(s, e))
		return;
	*s->found = *e;
	s->is_found = true;
}

static void
print_event(void *ctx, const struct event *e)
{
	struct json_out *j = ctx;
	struct text t;

	text_grow(&t, 64 * 1024);
	event_print(e, &t);
	json_raw(j, NULL, str_trim(text_view(&t)));
	text_done(&t);
}

static void
print_case(struct desk *d, const struct event *e, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_time(&j, "now", d->now(d->ctx));
	json_str(&j, "host",
	    str_from(pipeline_settings(d->pipeline)->daemon.node_name));
	json_open_array(&j, "case");
	print_event(&j, e);
	json_close_array(&j);
	json_open_array(&j, "events");
	history_each(d->history, str_from(e->kind), str_from(e->subject), NULL,
	    EVENTS_TOLD, print_event, &j);
	json_close_array(&j);
	json_close(&j);
	text_char(out, '\n');
}

void
desk_case(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	static struct event event;
	struct search s = {.name = q->args[0], .found = &event};
	struct desk_subject subject;

	case_id_parse(q->args[0], s.case_name);
	history_each(d->history, STR(""), STR(""), NULL,
	    history_count(d->history), find, &s);
	if (!s.is_found) {
		if (!desk_subject_parse(d, q->args[0], &subject, r))
			return;
		s.kind = str_from(subject_kind_text(subject.kind));
		s.subject = str_from(subject.key);
		history_each(
		    d->history, s.kind, s.subject, NULL, EVENTS_TOLD, find, &s);
	}
	if (s.is_found)
		print_case(d, &event, &r->out);
	else
		control_fail(r, EXIT_UNKNOWN,
		    "no case \"%.*s\": nothing was imposed, or it is so long "
		    "ago that its event is gone (events_kept)",
		    STR_ARG(q->args[0]));
}
