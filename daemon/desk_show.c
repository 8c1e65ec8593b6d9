/* desk_show - all about one subject: standing, counts, limits, why */
#include "base/time.h"
#include "daemon/desk.h"
#include "daemon/report.h"

enum {
	HOUR = 3600,
	DAY = 24 * HOUR,
	BARS = 24,
	HISTORY_SHOWN = 10,
	ORIGIN = 160,
};

static void
print_standing(enum subject_kind kind, const struct standing_state *s,
    int64_t now, struct text *out)
{
	bool is_observed =
	    s->rung == STANDING_GOOD && s->observed != STANDING_GOOD;
	enum standing rung = is_observed ? s->observed : s->rung;
	int64_t until = is_observed ? s->observed_until : s->until;

	text_printf(out, "standing   %s%s", desk_standing_text(kind, rung),
	    is_observed ? " (observed: without effect)" : "");
	if (rung != STANDING_GOOD) {
		text_add(out, "\nsince      ");
		time_local_text(
		    out, is_observed ? s->observed_since : s->since);
		text_printf(out, ", by %s", is_observed ? "outpost" : s->by);
		text_add(out, "\nuntil      ");
		if (until == TIME_NEVER)
			text_add(out, "lifted by an operator");
		else
			time_local_text(out, until);
		text_add(out, "\nwhy        ");
		text_printable(out,
		    str_from(is_observed ? s->observed_reason : s->reason));
	}
	if (s->exempt_until > now) {
		text_add(out, "\nexempt     until ");
		time_local_text(out, s->exempt_until);
		text_printf(out, ", by %s: ", s->exempt_by);
		text_printable(out, str_from(s->exempt_reason));
	}
	text_char(out, '\n');
}

/* The last day, an hour each, as bars. */
static void
print_chart(struct ledger *l, struct subject *s, struct text *out)
{
	static const char *const bars[] = {
	    " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	uint64_t v[BARS], max = 0;

	subject_series(l, s, COUNT_RECIPIENTS, HOUR, v, BARS);
	for (size_t i = 0; i < BARS; i++)
		max = v[i] > max ? v[i] : max;
	text_add(out, "last day   |");
	for (size_t i = 0; i < BARS; i++)
		text_add(out, bars[max ? (v[i] * 8 + max - 1) / max : 0]);
	text_printf(out, "| recipients an hour, at most %llu\n",
	    (unsigned long long)max);
}

static void
print_counts(struct ledger *l, struct subject *s,
    const struct control_request *q, struct text *out)
{
	struct report *r = report_new(q->is_json);

	report_column(r, "count", TABLE_LEFT);
	report_column(r, "10m", TABLE_RIGHT);
	report_column(r, "1h", TABLE_RIGHT);
	report_column(r, "1d", TABLE_RIGHT);
	report_column(r, "7d", TABLE_RIGHT);
	report_column(r, "35d", TABLE_RIGHT);
	for (enum count c = 0; c < COUNTS; c++) {
		static const int64_t windows[] = {
		    600, HOUR, DAY, 7 * DAY, 35 * DAY};

		if (!q->is_json && subject_sum(l, s, c, 35 * DAY) == 0)
			continue;
		int64_t keeps = ledger_keeps(l, subject_kind(s), c);

		report_str(r, str_from(count_text(c)));
		for (size_t i = 0; i < 5; i++) {
			if (windows[i] > keeps)
				report_none(r);
			else
				report_int(r,
				    (int64_t)subject_sum(l, s, c, windows[i]));
		}
	}
	report_end(&r, q->width, "nothing counted in the last five weeks", out);
}

struct limit_rows {
	struct report *report;
	const struct trial *trial;
};

static void
add_limit(void *ctx, const struct limit_state *s)
{
	struct limit_rows *rows = ctx;
	char window[32], note[320];
	struct text t;

	text_init(&t, window, sizeof(window));
	time_duration(&t, s->limit->window);
	report_str(rows->report, str_from(s->limit->name));
	report_str(rows->report, str_from(limit_count_text(s->limit->count)));
	report_str(rows->report, text_view(&t));
	report_int(rows->report, (int64_t)s->value);
	report_int(rows->report, (int64_t)s->max);
	const struct trial_rule *on = trial_find(rows->trial, s->limit->name);

	text_init(&t, note, sizeof(note));
	if (s->override || s->is_probation)
		text_add(&t, s->override ? "set by an operator"
					 : "closer: on probation");
	else if (on)
		trial_print_change(rows->trial, on, &t);
	text_add(
	    &t, on && !s->override && !s->is_probation ? ", on trial" : "");
	report_str(rows->report, text_view(&t));
}

void
desk_print_limits(struct desk *d, const struct desk_subject *s,
    const struct control_request *q, struct control_reply *r)
{
	static struct pipeline_view v;
	struct limit_rows rows = {
	    report_new(q->is_json), pipeline_settings(d->pipeline)->trial};
	struct subject *subject = s->subject;

	if (!subject)
		subject = ledger_get(
		    pipeline_ledger(d->pipeline), s->kind, str_from(s->key));
	pipeline_look(d->pipeline, subject, &v);
	report_column(rows.report, "limit", TABLE_LEFT);
	report_column(rows.report, "count", TABLE_LEFT);
	report_column(rows.report, "window", TABLE_RIGHT);
	report_column(rows.report, "now", TABLE_RIGHT);
	report_column(rows.report, "max", TABLE_RIGHT);
	report_column(rows.report, "note", TABLE_LEFT);
	judge_each_limit(&v.in, add_limit, &rows);
	report_end(&rows.report, q->width, "no limit holds for it", &r->out);
}

static void
print_networks(struct subject *s, struct text *out)
{
	struct subject_network v[SUBJECT_NETWORKS];
	size_t n = subject_networks(s, v);

	for (size_t i = 0; i < n; i++) {
		text_add(out, i == 0 ? "networks   " : "           ");
		ip_net_format(out, &v[i].net);
		text_add(out, "  since ");
		time_local_text(out, v[i].first_seen);
		text_add(out, ", last ");
		time_local_text(out, v[i].last_seen);
		text_char(out, '\n');
	}
}

static void
print_verdict(const struct verdict *v, struct text *out)
{
	text_printf(out, "score      %d%s%s\n", v->score,
	    v->rung > STANDING_GOOD ? ", which asks for: " : "",
	    v->rung > STANDING_GOOD ? standing_action(v->rung) : "");
	for (size_t i = 0; i < v->n_reasons; i++) {
		text_printf(out, "           %+d  ", v->reasons[i].points);
		reason_print(&v->reasons[i], out);
		text_printf(out, " (%s)\n", v->reasons[i].rule);
	}
}

/* In how many ten minutes of the past it sent: what is usual is taken from. */
static size_t
windows_of(struct desk *d, struct subject *s)
{
	enum { WINDOW = 600 };
	struct subject_past past;

	subject_usual(pipeline_ledger(d->pipeline), s, COUNT_RECIPIENTS, WINDOW,
	    0.5, &past);
	return past.windows;
}

static void
print_history(struct desk *d, struct subject *s, struct text *out)
{
	enum { FEW = 20 }; /* the signals' history, by default */
	size_t n = windows_of(d, s);

	text_printf(out, "history    it sent in %zu ten minutes of 35 days%s\n",
	    n, n < FEW ? ": few, what is usual for its class counts" : "");
}

/* By what it is of its class; and what is known of its owner. */
static const char *
print_class(struct desk *d, const struct desk_subject *s,
    const struct pipeline_view *v, char buf[ORIGIN])
{
	const struct judge_owner *o = &v->in.owner;
	const char *why;
	struct text t;

	rules_class_of(pipeline_settings(d->pipeline)->rules, s->kind,
	    str_from(s->key), o->plan, &why);
	text_init(&t, buf, ORIGIN);
	if (strcmp(why, "default") != 0)
		text_printf(&t, " (by its %s)", why);
	if (o->plan.n > 0) {
		text_add(&t, ", plan ");
		text_printable(&t, o->plan);
	}
	if (o->born) {
		text_add(&t, ", created ");
		time_local_text(&t, o->born);
	}
	return buf;
}

static void
print_head(struct desk *d, const struct desk_subject *s,
    struct pipeline_view *v, struct text *out)
{
	char origin[ORIGIN];
	const struct limits_rules *rules =
	    pipeline_settings(d->pipeline)->rules;

	desk_subject_print(s->kind, str_from(s->key), out);
	text_char(out, '\n');
	if (s->kind == SUBJECT_ACCOUNT)
		text_printf(out, "class      %s%s%s\n",
		    rules_class_at(rules, v->in.class_index)->name,
		    print_class(d, s, v, origin),
		    v->in.is_shared ? ", a shared account: never held or "
				      "suspended by itself"
				    : "");
	text_add(out, "first seen ");
	time_local_text(out, subject_first_seen(s->subject));
	text_add(out, ", last ");
	time_local_text(out, subject_last_seen(s->subject));
	text_char(out, '\n');
	if (s->kind == SUBJECT_ACCOUNT)
		print_history(d, s->subject, out);
	if (d->is_partial)
		text_add(out, "nodes      the others' counts can't be read: "
			      "these are of this node alone\n");
	print_standing(s->kind, &v->state, d->now(d->ctx), out);
	desk_print_tried(d, s->kind, str_from(s->key), out);
}

/* Counts are of the log's time; what is imposed is told as it holds now, also
 * when the log is not yet read to its end. */
static void
look(struct desk *d, const struct desk_subject *s, struct pipeline_view *v)
{
	pipeline_look(d->pipeline, s->subject, v);
	standings_get(pipeline_standings(d->pipeline), s->kind,
	    str_from(s->key), d->now(d->ctx), &v->state);
}

static void
print_person(struct desk *d, const struct desk_subject *s,
    const struct control_request *q, struct control_reply *r)
{
	static struct pipeline_view v;
	struct ledger *l = pipeline_ledger(d->pipeline);

	look(d, s, &v);
	print_head(d, s, &v, &r->out);
	print_verdict(&v.verdict, &r->out);
	print_chart(l, s->subject, &r->out);
	if (subject_pending(s->subject) > 0)
		text_printf(&r->out,
		    "pending    %lld recipients in the "
		    "queue, not yet tried\n",
		    (long long)subject_pending(s->subject));
	print_networks(s->subject, &r->out);
	text_char(&r->out, '\n');
	print_counts(l, s->subject, q, &r->out);
	text_char(&r->out, '\n');
	desk_print_limits(d, s, q, r);
}

static void
json_verdict(struct json_out *j, const struct verdict *v)
{
	json_i64(j, "score", v->score);
	json_str(j, "asks_for", str_from(standing_action(v->rung)));
	json_open_array(j, "reasons");
	for (size_t i = 0; i < v->n_reasons; i++) {
		char words[256];
		struct text t;

		text_init(&t, words, sizeof(words));
		reason_print(&v->reasons[i], &t);
		json_open(j, NULL);
		json_str(j, "rule", str_from(v->reasons[i].rule));
		json_i64(j, "points", v->reasons[i].points);
		json_str(j, "text", text_view(&t));
		json_close(j);
	}
	json_close_array(j);
}

static void
json_report(struct json_out *j, const char *key, struct text *rows)
{
	json_raw(j, key, str_trim(text_view(rows)));
}

static void
json_time_or_nil(struct json_out *j, const char *key, int64_t at)
{
	if (at)
		json_time(j, key, at);
	else
		json_nil(j, key);
}

static void
json_state(
    struct json_out *j, enum subject_kind kind, const struct standing_state *s)
{
	json_str(j, "standing", str_from(desk_standing_text(kind, s->rung)));
	json_str(j, "observed", str_from(standing_text(s->observed)));
	json_time_or_nil(j, "since", s->since);
	json_time_or_nil(j, "until", s->until);
	json_str(j, "reason", str_from(s->reason));
	json_str(j, "by", str_from(s->by));
	json_str(j, "rule", str_from(s->rule));
	json_bool(j, "is_operator", s->is_operator);
	json_bool(j, "is_braked", s->is_braked);
	json_i64(j, "repeats", s->repeats);
	json_time_or_nil(j, "observed_since", s->observed_since);
	json_time_or_nil(j, "observed_until", s->observed_until);
	json_str(j, "observed_reason", str_from(s->observed_reason));
	json_time_or_nil(j, "exempt_until", s->exempt_until);
	json_str(j, "exempt_by", str_from(s->exempt_by));
	json_str(j, "exempt_reason", str_from(s->exempt_reason));
}

static void
json_owner(struct desk *d, struct json_out *j, const struct desk_subject *s,
    const struct pipeline_view *v)
{
	const struct judge_owner *o = &v->in.owner;
	const char *why;

	if (s->kind != SUBJECT_ACCOUNT)
		return;
	rules_class_of(pipeline_settings(d->pipeline)->rules, s->kind,
	    str_from(s->key), o->plan, &why);
	json_str(j, "class_by", str_from(why));
	json_str(j, "plan", o->plan);
	json_time_or_nil(j, "created", o->born);
}

static void
print_json(struct desk *d, const struct desk_subject *s,
    const struct control_request *q, struct control_reply *r)
{
	static struct pipeline_view v;
	struct ledger *l = pipeline_ledger(d->pipeline);
	struct control_reply limits;
	struct text counts;
	struct json_out j;

	look(d, s, &v);
	json_out_init(&j, &r->out);
	json_open(&j, NULL);
	json_str(&j, "kind", str_from(subject_kind_text(s->kind)));
	json_str(&j, "subject", str_from(s->key));
	json_str(&j, "class",
	    str_from(rules_class_at(
		pipeline_settings(d->pipeline)->rules, v.in.class_index)
			 ->name));
	json_owner(d, &j, s, &v);
	json_time(&j, "first_seen", subject_first_seen(s->subject));
	json_time(&j, "last_seen", subject_last_seen(s->subject));
	json_state(&j, s->kind, &v.state);
	desk_json_tried(d, s->kind, str_from(s->key), &j);
	json_verdict(&j, &v.verdict);
	json_bool(&j, "is_shared", v.in.is_shared);
	json_i64(&j, "pending", subject_pending(s->subject));
	json_bool(&j, "is_partial", d->is_partial);
	if (s->kind == SUBJECT_ACCOUNT)
		json_i64(
		    &j, "history_windows", (int64_t)windows_of(d, s->subject));
	text_grow(&counts, 64 * 1024);
	print_counts(l, s->subject, q, &counts);
	json_report(&j, "counts", &counts);
	text_done(&counts);
	control_reply_init(&limits);
	desk_print_limits(d, s, q, &limits);
	json_report(&j, "limits", &limits.out);
	control_reply_done(&limits);
	if (q->command == COMMAND_ID_show)
		desk_person_json(d, s, &j);
	json_close(&j);
	text_char(&r->out, '\n');
}

static void
show(struct desk *d, struct str name, const struct control_request *q,
    struct control_reply *r)
{
	struct desk_subject s;

	if (!desk_subject_find(d, name, &s, r))
		return;
	if (!s.subject)
		s.subject = ledger_get(
		    pipeline_ledger(d->pipeline), s.kind, str_from(s.key));
	if (q->is_json)
		print_json(d, &s, q, r);
	else
		print_person(d, &s, q, r);
}

void
desk_explain(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	bool is_why = q->command == COMMAND_ID_why;

	if (is_why && q->n_args == 1)
		show(d, q->args[0], q, r);
	else if (!is_why && q->n_args == 2 &&
		 str_is(q->args[0], STR("account")))
		show(d, q->args[1], q, r);
	else
		control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
		    commands[q->command].name, commands[q->command].usage);
}

struct past {
	struct standings *standings;
	struct text *out;
};

/* What was undone is held against nobody: `outpost events` still has it. */
static void
print_past(void *ctx, const struct event *e)
{
	struct past *p = ctx;
	struct text *out = p->out;

	if (e->type == EVENT_UNDONE || standings_is_undone(p->standings, e))
		return;

	text_add(out, "  ");
	time_local_text(out, e->at_us / TIME_US);
	text_printf(out, "  %s %s%s by %s: ", event_type_text(e->type), e->rung,
	    desk_event_note(e), e->by);
	text_printable(out, str_from(e->reason));
	text_char(out, '\n');
}

void
desk_show(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct desk_subject s;

	if (q->n_args != 1) {
		control_fail(r, EXIT_USAGE, "usage: outpost show SUBJECT");
		return;
	}
	show(d, q->args[0], q, r);
	if (r->exit != EXIT_OK || q->is_json ||
	    !desk_subject_parse(d, q->args[0], &s, r))
		return;
	text_add(&r->out, "\nhistory\n");
	struct past p = {pipeline_standings(d->pipeline), &r->out};

	history_each(d->history, str_from(subject_kind_text(s.kind)),
	    str_from(s.key), NULL, HISTORY_SHOWN, print_past, &p);
}
