/* desk_suppressed - who wants no more mail of an account */
#include "base/time.h"
#include "daemon/desk.h"
#include "daemon/report.h"
#include "fbl/suppressed.h"
#include "limits/sanction_event.h"

static void
add_row(struct report *r, const struct suppressed *s)
{
	report_str(r, s->account);
	report_str(r, s->address);
	report_time(r, s->since);
	report_str(r, s->why);
	report_str(r, s->reporter);
}

/* account empty: of all. */
static void
list(struct desk *d, struct str account, const struct control_request *q,
    struct control_reply *r)
{
	struct report *rows = report_new(q->is_json);

	report_column(rows, "account", TABLE_LEFT);
	report_column(rows, "address", TABLE_LEFT);
	report_column(rows, "since", TABLE_LEFT);
	report_column(rows, "why", TABLE_LEFT);
	report_column(rows, "reporter", TABLE_LEFT);
	for (const struct kept_item *i = kept_newest(d->suppressed); i;
	     i = i->older) {
		struct suppressed s;

		if (suppressed_read(i, &s) &&
		    (account.n == 0 || str_is(s.account, account)))
			add_row(rows, &s);
	}
	report_end(&rows, q->width, "nobody is suppressed", &r->out);
}

void
desk_export_suppressed(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct str format = control_option(q, "format");
	const struct kept_item *i = kept_newest(d->suppressed);

	if (q->is_json || str_is(format, STR("json"))) {
		struct control_request json = *q;

		json.is_json = true;
		list(d, STR(""), &json, r);
		return;
	}
	if (format.n > 0 && !str_is(format, STR("plain"))) {
		control_fail(r, EXIT_USAGE, "--format must be plain or json");
		return;
	}
	for (; i; i = i->older) {
		struct suppressed s;

		if (!suppressed_read(i, &s))
			continue;
		text_printable(&r->out, s.account);
		text_char(&r->out, ' ');
		text_printable(&r->out, s.address);
		text_char(&r->out, '\n');
	}
}

/* An event, so that it holds on all nodes. */
static void
end(struct desk *d, const struct desk_subject *account,
    const struct control_request *q, struct control_reply *r)
{
	struct standing_state state;
	struct sanction_about about;
	static struct event e;
	struct json_out j;
	struct text t;

	pipeline_about(
	    d->pipeline, account->kind, str_from(account->key), &state, &about);
	sanction_event_begin(&about, EVENT_ALLOW, &e);
	e.is_operator = true;
	sanction_event_put(e.by, sizeof(e.by), str_from(q->user));
	sanction_event_put(
	    e.reason, sizeof(e.reason), control_option(q, "reason"));
	text_init(&t, e.evidence, sizeof(e.evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "address", q->args[1]);
	json_i64(&j, "at",
	    suppressed_end_at(d->suppressed, str_from(account->key), q->args[1],
		about.now_us / TIME_US));
	json_close(&j);
	standings_own_cause(&e, e.cause);
	d->emit(d->ctx, &e);
	r->is_order = true;
	text_printable(&r->out, q->args[1]);
	text_add(&r->out, " is no longer suppressed for ");
	text_printable(&r->out, str_from(account->key));
	text_char(&r->out, '\n');
}

void
desk_suppressed(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	bool is_end = control_has(q, "end");
	struct desk_subject account = {.kind = SUBJECT_ACCOUNT};

	if (q->n_args > 2 || is_end != (q->n_args == 2)) {
		control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
		    commands[q->command].name, commands[q->command].usage);
		return;
	}
	if (q->n_args > 0 && !desk_subject_parse(d, q->args[0], &account, r))
		return;
	if (!is_end)
		list(d, str_from(account.key), q, r);
	else if (str_trim(control_option(q, "reason")).n == 0)
		control_fail(r, EXIT_USAGE,
		    "suppressed --end needs --reason TEXT: it stands in the "
		    "history");
	else if (!suppressed_has(
		     d->suppressed, str_from(account.key), q->args[1]))
		control_fail(r, EXIT_UNKNOWN, "%.*s is not suppressed for %s",
		    STR_ARG(q->args[1]), account.key);
	else
		end(d, &account, q, r);
}
