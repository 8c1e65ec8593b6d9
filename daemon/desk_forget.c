/* desk_forget - `outpost forget`: nothing is known of an account any more */
#include "daemon/app_forget.h"
#include "daemon/app_state.h"
#include "daemon/desk.h"
#include "daemon/desk_held.h"

/* What stands in the way, in words. */
static bool
is_kept(struct desk *d, struct str account, struct control_reply *r)
{
	const struct case_head *kept =
	    cases_kept_of(app_cases_store(d->app->cases), account);

	if (!kept)
		return false;
	control_fail(r, EXIT_FAILED,
	    "%.*s is not forgotten: case %s is to be kept (outpost case %s "
	    "release ends that)",
	    STR_ARG(account), kept->id, kept->id);
	return true;
}

static bool
is_stopped(struct desk *d, struct str account, struct control_reply *r)
{
	struct standing_state state;
	struct sanction_about about;

	pipeline_about(d->pipeline, SUBJECT_ACCOUNT, account, &state, &about);
	if (state.rung < STANDING_THROTTLED)
		return false;
	control_fail(r, EXIT_FAILED,
	    "%.*s is not forgotten: it is %s, and forgetting would end that "
	    "(outpost lift, or wait)",
	    STR_ARG(account), standing_text(state.rung));
	return true;
}

/* Who sent it stands with each held message. */
static bool
has_held(struct desk *d, const struct desk_subject *s, struct control_reply *r)
{
	struct holder_order held = {0};
	struct holder_sum sum = {0};

	if (!desk_held_scope(s->kind, str_from(s->key), &held.scope))
		return false;
	d->foresee(d->ctx, &held, &sum);
	if (sum.kept.n == 0)
		return false;
	control_fail(r, EXIT_FAILED,
	    "%s is not forgotten: %zu messages of it are on hold (outpost "
	    "queue)",
	    s->key, sum.kept.n);
	return true;
}

static bool
may_forget(struct desk *d, const struct control_request *q,
    struct desk_subject *s, struct control_reply *r)
{
	if (q->n_args != 1)
		return control_fail(r, EXIT_USAGE, "usage: outpost forget %s",
		    commands[q->command].usage);
	if (!desk_subject_parse(d, q->args[0], s, r))
		return false;
	if (strlen(s->key) >= FORGET_NAME)
		return control_fail(
		    r, EXIT_UNKNOWN, "that is too long for an account");
	if (s->kind != SUBJECT_ACCOUNT)
		return control_fail(
		    r, EXIT_USAGE, "only an account can be forgotten");
	if (str_trim(control_option(q, "reason")).n == 0)
		return control_fail(r, EXIT_USAGE,
		    "forget needs --reason TEXT, which stands in the history: "
		    "without the account's name");
	if (is_kept(d, str_from(s->key), r) ||
	    is_stopped(d, str_from(s->key), r) || has_held(d, s, r))
		return false;
	struct redis *redis = app_board_redis(d->app->board);

	if (!redis || !redis_is_up(redis))
		return control_fail(r, EXIT_FAILED,
		    "%s is not forgotten: Redis can't be reached, where more "
		    "stands of it; try again",
		    s->key);
	return true;
}

static void
print(const struct forgotten *f, const char *account, struct text *out)
{
	const struct {
		const char *what;
		size_t n;
	} rows[] = {
	    {"counts", f->is_counted},
	    {"standing", f->has_standing},
	    {"events", f->events},
	    {"cases", f->cases},
	    {"complaints", f->complaints},
	    {"suppressed", f->suppressed},
	    {"deliveries", f->deliveries},
	    {"log lines", f->lines},
	};

	text_printf(out, "%s is forgotten. Removed here:\n", account);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		text_printf(out, "  %-12s %6zu\n", rows[i].what, rows[i].n);
	text_add(out,
	    "The other nodes do the same as they hear of it, and Redis is "
	    "cleared in the next\nten minutes. The mail log, and what was "
	    "told to others (letters, webhooks), is\nnot Outpost's.\n");
}

void
desk_forget(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct desk_subject s;
	struct forgotten f;
	struct json_out j;

	if (!may_forget(d, q, &s, r))
		return;
	app_forget_order(d->app, str_from(s.key), str_from(q->user),
	    str_trim(control_option(q, "reason")), &f);
	r->is_order = true;
	if (!q->is_json) {
		print(&f, s.key, &r->out);
		return;
	}
	json_out_init(&j, &r->out);
	json_open(&j, NULL);
	json_bool(&j, "counts", f.is_counted);
	json_bool(&j, "standing", f.has_standing);
	json_i64(&j, "events", (int64_t)f.events);
	json_i64(&j, "cases", (int64_t)f.cases);
	json_i64(&j, "complaints", (int64_t)f.complaints);
	json_i64(&j, "suppressed", (int64_t)f.suppressed);
	json_i64(&j, "deliveries", (int64_t)f.deliveries);
	json_i64(&j, "log_lines", (int64_t)f.lines);
	json_close(&j);
	text_char(&r->out, '\n');
}
