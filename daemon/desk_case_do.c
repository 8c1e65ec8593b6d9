/* desk_case_do - `outpost case`: one case, and what a person does about it */
#include "base/time.h"
#include "daemon/app_cases.h"
#include "daemon/app_state.h"
#include "daemon/desk.h"
#include "daemon/desk_held.h"
#include "limits/sanction_event.h"
#include "notify/case_json.h"

struct deed {
	struct desk *d;
	const struct control_request *q;
	struct control_reply *r;
	struct case_head head; /* a copy: saying moves it */
	struct event *e;
};

static struct str
reason_of(const struct deed *x)
{
	return str_trim(control_option(x->q, "reason"));
}

/* The words behind the verb. */
static struct str
words(const struct deed *x, char *buf, size_t size)
{
	struct text t;

	text_init(&t, buf, size);
	for (size_t i = 2; i < x->q->n_args; i++) {
		text_add(&t, i > 2 ? " " : "");
		text_str(&t, x->q->args[i]);
	}
	return str_trim(text_view(&t));
}

static void
say(struct deed *x)
{
	sanction_event_put(x->e->by, sizeof(x->e->by), str_from(x->q->user));
	x->e->is_operator = true;
	app_cases_say(x->d->app, x->e);
	x->r->is_order = true;
}

static void
begin(struct deed *x, enum event_type type, struct str rung, struct str reason)
{
	static struct event e;

	x->e = &e;
	case_event_begin(&x->head, type, str_from(x->q->user), &e);
	sanction_event_put(e.rung, sizeof(e.rung), rung);
	sanction_event_put(e.reason, sizeof(e.reason), reason);
}

/* Another one stands before it, or it is over. */
static bool
may_decide(struct deed *x)
{
	const struct case_head *newest = cases_find(
	    app_cases_store(x->d->app->cases), str_from(x->head.account));

	if (case_is_in_force(&x->head))
		return true;
	if (newest && case_is_in_force(newest))
		return control_fail(x->r, EXIT_FAILED,
		    "case %s is over (%s); %s is stopped by case %s",
		    x->head.id, case_end_text(x->head.end), x->head.account,
		    newest->id);
	return control_fail(x->r, EXIT_FAILED,
	    "case %s is over (%s): there is nothing to decide", x->head.id,
	    case_end_text(x->head.end));
}

/* What it is stopped for is another case's: with complaints it isn't lifted. */
static bool
is_stopped_else(struct deed *x)
{
	const struct case_head *stop = cases_find(
	    app_cases_store(x->d->app->cases), str_from(x->head.account));
	struct standing_state state;
	struct sanction_about about;

	pipeline_about(x->d->pipeline, SUBJECT_ACCOUNT,
	    str_from(x->head.account), &state, &about);
	if (!x->head.is_complaints ||
	    (state.rung != STANDING_HELD && state.rung != STANDING_SUSPENDED))
		return false;
	return !control_fail(x->r, EXIT_FAILED,
	    "%s is %s%s%s: decide that first, it ends this case, too",
	    x->head.account, standing_text(state.rung),
	    stop && !stop->is_complaints ? " by case " : "",
	    stop && !stop->is_complaints ? stop->id : "");
}

/* "clean" is what the evidence calls clean. */
static bool
take_held(struct deed *x, struct holder_order *held)
{
	struct str release = control_option(x->q, "release");
	int64_t now = x->d->now(x->d->ctx);
	struct error err;

	*held = (struct holder_order){
	    .is_rest_return = control_has(x->q, "return")};
	if (!control_has(x->q, "release"))
		return true;
	if (str_is(release, STR("clean"))) {
		held->release.is_given = true;
		held->is_clean_only = true;
		return true;
	}
	if (held_select_parse(release, now, &held->release, &err) < 0)
		return control_fail(
		    x->r, EXIT_USAGE, "--release: %s", err.text);
	return true;
}

static void
approve(struct deed *x)
{
	struct str reason = reason_of(x);
	struct holder_sum sum = {0};
	struct holder_order held;

	if (!may_decide(x) || is_stopped_else(x) || !take_held(x, &held))
		return;
	if (reason.n == 0)
		reason = STR("approved");
	begin(x, EVENT_CASE_DECISION, STR("approved"), reason);
	say(x);
	if (desk_held_scope(
		SUBJECT_ACCOUNT, str_from(x->head.account), &held.scope))
		x->d->foresee(x->d->ctx, &held, &sum);
	bool is_lifted = app_cases_lift(x->d->app, &x->head,
	    str_from(x->q->user), reason, control_has(x->q, "innocent"), &held);

	if (x->q->is_json)
		return;
	text_printf(&x->r->out, "case %s: approved; %s %s\n", x->head.id,
	    x->head.account,
	    x->head.is_complaints ? "is as before: complaints so far count no "
				    "more"
	    : is_lifted		  ? "may send again"
				  : "was not stopped any more");
	desk_held_tell(&held, &sum, x->r);
}

static void
tell(struct deed *x, const char *done)
{
	if (!x->q->is_json)
		text_printf(&x->r->out, "case %s: %s\n", x->head.id, done);
}

static void
deny(struct deed *x)
{
	if (!may_decide(x))
		return;
	if (reason_of(x).n == 0) {
		control_fail(x->r, EXIT_USAGE, "deny needs --reason TEXT%s",
		    x->head.is_complaints ? "" : ": the owner reads it");
		return;
	}
	begin(x, EVENT_CASE_DECISION, STR("denied"), reason_of(x));
	say(x);
	tell(x, "denied");
}

static void
note(struct deed *x)
{
	char buf[EVENT_TEXT];
	struct str text = words(x, buf, sizeof(buf));

	if (text.n == 0) {
		control_fail(
		    x->r, EXIT_USAGE, "usage: outpost case CASE note TEXT");
		return;
	}
	begin(x, EVENT_CASE_NOTE, STR(""), text);
	say(x);
	tell(x, "noted");
}

static void
assign(struct deed *x)
{
	struct str user = x->q->n_args > 2 ? x->q->args[2] : STR("");

	if (x->q->n_args > 3 || user.n > 63) {
		control_fail(x->r, EXIT_USAGE,
		    "usage: outpost case CASE assign [USER]; without USER it "
		    "is nobody's");
		return;
	}
	begin(x, EVENT_CASE_ASSIGNED, STR(""), reason_of(x));
	sanction_event_put(x->e->rule, sizeof(x->e->rule), user);
	say(x);
	tell(x, user.n > 0 ? "assigned" : "assigned to nobody");
}

static void
keep(struct deed *x)
{
	begin(x, EVENT_CASE_KEPT, STR("kept"), reason_of(x));
	say(x);
	tell(x, "kept, however old it gets (release ends that)");
}

static void
release(struct deed *x)
{
	begin(x, EVENT_CASE_KEPT, STR("released"), reason_of(x));
	say(x);
	tell(x, "kept no longer than others");
}

static void
revoke(struct deed *x)
{
	begin(x, EVENT_CASE_REVOKED, STR(""), reason_of(x));
	x->e->mark = (int64_t)x->head.link_generation + 1;
	say(x);
	tell(x, "all links to its page so far are void");
}

static void
tell_password(struct deed *x)
{
	const struct case_head *now =
	    cases_get(app_cases_store(x->d->app->cases), x->head.cause);

	if (now && now->state == CASE_APPROVED)
		tell(x, "the password is changed; the account may send again");
	else
		tell(x, "the password is changed; a person must still decide "
			"(approve or deny)");
}

static void
password_changed(struct deed *x)
{
	struct str client = control_option(x->q, "client");
	struct error err;
	struct ip ip;
	struct case_file *f;
	struct json_out j;
	struct text t;
	bool is_in = false;

	if (!may_decide(x))
		return;
	if (client.n > 0 && !ip_parse(client, &ip)) {
		control_fail(x->r, EXIT_USAGE,
		    "--client \"%.*s\" is no address", STR_ARG(client));
		return;
	}
	f = cases_read(app_cases_store(x->d->app->cases), &x->head, &err);
	if (client.n > 0 && f)
		is_in = case_file_has_network(f, &ip);
	case_file_free(&f);
	begin(x, EVENT_CASE_PASSWORD, STR(""), reason_of(x));
	text_init(&t, x->e->evidence, sizeof(x->e->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	if (client.n > 0)
		json_str(&j, "client", client);
	json_bool(&j, "in_evidence", is_in);
	json_close(&j);
	say(x);
	tell_password(x);
}

static const struct {
	const char *verb;
	size_t args; /* at most, with case and verb */
	void (*run)(struct deed *x);
} verbs[] = {
    {"approve", 2, approve},
    {"deny", 2, deny},
    {"note", CONTROL_ARGS, note},
    {"assign", 3, assign},
    {"keep", 2, keep},
    {"release", 2, release},
    {"revoke-link", 2, revoke},
    {"password-changed", 2, password_changed},
};

static void
show_json(struct deed *x, struct str name)
{
	struct case_file *f = app_cases_file(x->d->app, name);
	struct json_out j;

	if (!f) {
		control_fail(
		    x->r, EXIT_FAILED, "case %s can't be read", x->head.id);
		return;
	}
	json_out_init(&j, &x->r->out);
	json_open(&j, NULL);
	json_time(&j, "now", x->d->now(x->d->ctx));
	case_json(f, &j);
	desk_domain_json(x->d, str_from(f->head.account), &j);
	json_close(&j);
	text_char(&x->r->out, '\n');
	case_file_free(&f);
}

static void
show_check(struct deed *x)
{
	const struct cases_check *c = app_check_get(x->d->app->case_check);
	struct text *out = &x->r->out;

	if (!c || strcmp(c->cause, x->head.cause) != 0) {
		control_fail(
		    x->r, EXIT_FAILED, "another check is under way: try again");
		return;
	}
	bool is_bad = *c->what.text != '\0';
	bool is_unknown = *c->known && !c->is_known_found;

	if (x->q->is_json) {
		struct json_out j;

		json_out_init(&j, out);
		json_open(&j, NULL);
		json_str(&j, "case", str_from(x->head.id));
		json_bool(&j, "is_good", !is_bad && !is_unknown);
		json_i64(&j, "entries", (int64_t)c->entries);
		json_i64(&j, "links", (int64_t)c->links);
		json_str(&j, "head", str_from(c->expect.head));
		if (is_bad)
			json_str(&j, "what", str_from(c->what.text));
		json_close(&j);
		text_char(out, '\n');
	} else if (!is_bad && !is_unknown) {
		text_printf(out,
		    "case %s: its %llu entries are as they were written\n"
		    "chain  %llu links, head %s\n",
		    x->head.id, (unsigned long long)c->entries,
		    (unsigned long long)c->links, c->expect.head);
	}
	if (is_bad)
		control_fail(
		    x->r, EXIT_FAILED, "case %s: %s", x->head.id, c->what.text);
	else if (is_unknown)
		control_fail(x->r, EXIT_FAILED,
		    "case %s: the chain has no link with the hash %s",
		    x->head.id, c->known);
}

static void
run_verb(struct deed *x)
{
	const struct control_request *q = x->q;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!str_is(q->args[1], str_from(verbs[i].verb)))
			continue;
		if (q->n_args > verbs[i].args) {
			control_fail(x->r, EXIT_USAGE, "usage: outpost case %s",
			    commands[q->command].usage);
			return;
		}
		verbs[i].run(x);
		if (q->is_json && x->r->is_order)
			show_json(x, str_from(x->head.cause));
		return;
	}
	control_fail(x->r, EXIT_USAGE,
	    "\"%.*s\" is nothing to do with a case: "
	    "%s",
	    STR_ARG(q->args[1]), commands[q->command].usage);
}

void
desk_case_do(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct cases *store = app_cases_store(d->app->cases);
	const struct case_head *head;
	struct deed x = {.d = d, .q = q, .r = r};

	if (q->n_args == 0) {
		control_fail(r, EXIT_USAGE, "usage: outpost case %s",
		    commands[q->command].usage);
		return;
	}
	head = cases_find(store, q->args[0]);
	if (!head) {
		control_fail(r, EXIT_UNKNOWN,
		    "no case \"%.*s\": no account of this name was held, "
		    "suspended or much complained about, or it is longer ago "
		    "than case_keep",
		    STR_ARG(q->args[0]));
		return;
	}
	x.head = *head;
	if (control_has(q, "verify"))
		show_check(&x);
	else if (q->n_args > 1)
		run_verb(&x);
	else
		show_json(&x, str_from(x.head.cause));
}
