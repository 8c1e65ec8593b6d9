/* app_webhooks - `outpost webhooks` */
#include <stdio.h>

#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/report.h"

static const char *
format_events(const struct webhook_settings *w, struct text *out)
{
	for (size_t i = 0; i < w->events.n; i++) {
		text_add(out, i ? ", " : "");
		text_add(out, w->events.v[i]);
	}
	return out->p;
}

static void
list(struct app *a, const struct control_request *q, struct control_reply *r)
{
	struct notifiers *n = app_board_notifiers(a->board);
	struct report *rows = report_new(q->is_json);

	report_column(rows, "webhook", TABLE_LEFT);
	report_column(rows, "format", TABLE_LEFT);
	report_column(rows, "events", TABLE_LEFT);
	report_column(rows, "sent", TABLE_RIGHT);
	report_column(rows, "waiting", TABLE_RIGHT);
	report_column(rows, "parked", TABLE_RIGHT);
	report_column(rows, "failing_since", TABLE_LEFT);
	report_column(rows, "next_try", TABLE_LEFT);
	report_column(rows, "last_failure", TABLE_LEFT);
	for (size_t i = 0; i < a->settings->n_webhooks; i++) {
		const struct webhook_settings *w = &a->settings->webhooks[i];
		struct notifiers_webhook s;
		char events[512];
		struct text t;

		if (!notifiers_webhook(n, str_from(w->name), &s))
			continue;
		text_init(&t, events, sizeof(events));
		report_str(rows, str_from(w->name));
		report_str(rows, str_from(w->format));
		report_str(rows, str_from(format_events(w, &t)));
		report_int(rows, (int64_t)s.sent);
		report_int(rows, (int64_t)s.waiting);
		report_int(rows, (int64_t)s.parked);
		report_time(rows, s.failing_since);
		report_time(rows, s.next);
		report_str(rows, str_from(*s.why ? s.why : "-"));
	}
	report_end(&rows, q->width,
	    "there are no webhooks (see webhooks in outpost.conf)", &r->out);
}

static void
add_parked(void *ctx, struct str json, int64_t since, struct str why)
{
	static struct event e; /* 8 KiB; never over a turn of the loop */
	struct report *rows = ctx;
	char id[EVENT_ID];

	if (!event_parse(json, &e, NULL))
		return;
	event_id(&e, id);
	report_time(rows, e.at_us / TIME_US);
	report_str(rows, str_from(event_type_text(e.type)));
	report_str(rows, str_from(e.subject));
	report_str(rows, str_from(e.rung));
	report_time(rows, since);
	report_str(rows, why);
	report_str(rows, str_from(id));
}

static bool
knows(const struct app *a, struct str name, struct control_reply *r)
{
	struct notifiers_webhook s;

	return notifiers_webhook(app_board_notifiers(a->board), name, &s) ||
	       control_fail(r, EXIT_UNKNOWN,
		   "there is no webhook \"%.*s\" (outpost webhooks names them)",
		   STR_ARG(name));
}

static void
list_parked(
    struct app *a, const struct control_request *q, struct control_reply *r)
{
	struct report *rows;

	if (!knows(a, q->args[0], r))
		return;
	rows = report_new(q->is_json);
	report_column(rows, "at", TABLE_LEFT);
	report_column(rows, "type", TABLE_LEFT);
	report_column(rows, "subject", TABLE_LEFT);
	report_column(rows, "rung", TABLE_LEFT);
	report_column(rows, "parked", TABLE_LEFT);
	report_column(rows, "why", TABLE_LEFT);
	report_column(rows, "id", TABLE_LEFT);
	notifiers_parked(
	    app_board_notifiers(a->board), q->args[0], add_parked, rows);
	report_end(&rows, q->width, "nothing is parked", &r->out);
}

static void
retry_one(struct app *a, struct str name, const struct control_request *q,
    struct control_reply *r)
{
	size_t n;

	if (!knows(a, name, r))
		return;
	notifiers_retry(app_board_notifiers(a->board), name, &n);
	if (q->is_json) {
		struct json_out j;

		json_out_init(&j, &r->out);
		json_open(&j, NULL);
		json_str(&j, "webhook", name);
		json_i64(&j, "retried", (int64_t)n);
		json_close(&j);
		text_char(&r->out, '\n');
	} else {
		text_printf(&r->out,
		    "%.*s: %zu parked events are tried again\n", STR_ARG(name),
		    n);
	}
}

static void
retry(struct app *a, const struct control_request *q, struct control_reply *r)
{
	r->is_order = true;
	if (q->n_args == 2) {
		retry_one(a, q->args[1], q, r);
		return;
	}
	for (size_t i = 0; i < a->settings->n_webhooks; i++)
		retry_one(a, str_from(a->settings->webhooks[i].name), q, r);
}

/* It was sent by now. */
static void
tell_test(
    struct app *a, const struct control_request *q, struct control_reply *r)
{
	struct notifiers_webhook s;

	if (!knows(a, q->args[1], r))
		return;
	notifiers_webhook(app_board_notifiers(a->board), q->args[1], &s);
	if (*s.tested)
		control_fail(
		    r, EXIT_FAILED, "%.*s: %s", STR_ARG(q->args[1]), s.tested);
	else if (q->is_json)
		text_add(&r->out, "{\"taken\":true}\n");
	else
		text_printf(&r->out, "%.*s took it\n", STR_ARG(q->args[1]));
}

static bool
is_verb(const struct control_request *q, const char *verb)
{
	return q->n_args > 0 && str_is(q->args[0], str_from(verb));
}

bool
app_webhooks_prepare(struct app *a, const struct control_request *q,
    loop_fn *done, void *done_ctx)
{
	return q->command == COMMAND_ID_webhooks && q->n_args == 2 &&
	       is_verb(q, "test") && q->may_change &&
	       notifiers_test(app_board_notifiers(a->board), q->args[1],
		   q->user, done, done_ctx);
}

void
app_webhooks(
    void *app, const struct control_request *q, struct control_reply *r)
{
	struct app *a = app;
	bool is_all = control_has(q, "all");

	if (q->n_args == 0 && !is_all)
		list(a, q, r);
	else if (q->n_args == 2 && is_verb(q, "test") && !is_all)
		tell_test(a, q, r);
	else if (is_verb(q, "retry") && q->n_args == (is_all ? 1u : 2u))
		retry(a, q, r);
	else if (q->n_args == 1 && !is_all)
		list_parked(a, q, r);
	else
		control_fail(r, EXIT_USAGE, "usage: outpost webhooks %s",
		    commands[COMMAND_ID_webhooks].usage);
}
