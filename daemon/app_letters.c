/* app_letters - letters: the directory of owners, the mailer, the texts */
#include "daemon/app_letters.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/app_cases.h"
#include "daemon/app_page.h"
#include "daemon/runner.h"

enum { EVENTS_READ = 2000, DAY = 86400 };

struct app_letters {
	struct app *app;
	struct runner *runner;
	struct directory *directory;
	struct mailer *mailer;
};

int
app_letters_load(struct settings *s, struct error *err)
{
	struct template_set *forms =
	    letter_forms(s->notify.templates, s->notify.language, err);

	if (!forms)
		return -1;
	template_set_free(&s->letters);
	s->letters = forms;
	return 0;
}

/* --- what the mailer asks --- */

/* The case that the event names; of a lift or an end the account's newest. */
static struct case_file *
on_read(void *ctx, const struct event *e)
{
	struct app *a = ((struct app_letters *)ctx)->app;
	const char *name = e->subject;

	if (e->type == EVENT_SANCTION)
		name = e->cause;
	else if (e->type == EVENT_UNDONE)
		name = e->after;
	else if (*e->file)
		name = e->file;
	return app_cases_file(a, str_from(name));
}

static int64_t
on_link(void *ctx, const struct case_head *about, struct text *out)
{
	const struct app *a = ((struct app_letters *)ctx)->app;
	int64_t now = loop_now_us(a->loop) / TIME_US, until = 0;

	if (!a->page || !app_page_link(a->page, about, now, out, &until))
		text_clear(out);
	return until;
}

static int64_t
on_domain_link(void *ctx, const char *domain, struct text *out)
{
	struct app *a = ((struct app_letters *)ctx)->app;
	int64_t until = 0;

	if (!a->page || !app_page_domain_link(a->page, domain, out, &until))
		text_clear(out);
	return until;
}

static int64_t
on_closes_at(void *ctx, const struct case_head *about)
{
	const struct app_letters *l = ctx;
	int64_t after = l->app->settings->notify.case_close;

	int64_t since = about->answered.at_us / TIME_US;

	since = about->since > since ? about->since : since;
	return after > 0 && since > 0 ? since + after : 0;
}

static int64_t
on_probation(void *ctx, const struct event *e)
{
	const struct app_letters *l = ctx;

	if (e->type == EVENT_EXPIRE ||
	    (e->type == EVENT_LIFT && !e->is_innocent))
		return l->app->settings->limits.probation_for;
	return 0;
}

struct tally {
	int64_t since_us;
	size_t n;
};

static void
on_letter(void *ctx, const struct event *e)
{
	struct tally *t = ctx;

	t->n += e->type == EVENT_CASE_LETTER && e->at_us > t->since_us &&
		strcmp(e->reason, mailer_sent) == 0;
}

static size_t
on_count(void *ctx, struct str account)
{
	struct app_letters *l = ctx;
	struct tally t = {
	    .since_us = loop_now_us(l->app->loop) - DAY * TIME_US};

	history_each(l->app->history, STR("account"), account, NULL,
	    EVENTS_READ, on_letter, &t);
	return t.n;
}

/* One cause for a case, a stage, and what became of it. */
static void
name_cause(const struct mailer_result *r, char cause[33])
{
	char words[512];
	struct text t;

	text_init(&t, words, sizeof(words));
	text_printf(&t, "letter\n%s\n%s\n%s", r->about->cause,
	    letter_stage_text(r->stage), r->outcome);
	standings_cause(SUBJECT_ACCOUNT, str_from(r->about->account),
	    STANDING_GOOD, text_view(&t), 0, false, cause);
}

static void
on_told(void *ctx, const struct mailer_result *r)
{
	static struct event e;
	struct app *a = ((struct app_letters *)ctx)->app;
	struct json_out j;
	struct text t;

	if (!*r->about->cause)
		return; /* of no case that is known */
	case_event_begin(r->about, EVENT_CASE_LETTER, STR("outpost"), &e);
	text_init(&t, e.rung, sizeof(e.rung));
	text_add(&t, letter_stage_text(r->stage));
	text_init(&t, e.rule, sizeof(e.rule));
	text_str(&t, r->language);
	text_init(&t, e.reason, sizeof(e.reason));
	text_printable(&t, str_from(r->outcome));
	text_init(&t, e.evidence, sizeof(e.evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_open_array(&j, "to");
	for (size_t i = 0; i < r->n_to; i++)
		json_str(&j, NULL, str_from(r->to[i]));
	json_close_array(&j);
	json_close(&j);
	name_cause(r, e.cause);
	app_cases_say(a, &e);
}

static void
on_directory(void *ctx, const char *why)
{
	(void)ctx;
	if (why)
		log_warning("the directory of owners: %s; letters wait, and "
			    "are tried again",
		    why);
	else
		log_notice("the directory of owners answers again");
}

/* --- its life --- */

static void
set(struct app_letters *l)
{
	struct settings *s = l->app->settings;
	struct error err;

	/* At the start the operator's texts may be wrong, ours are not. */
	if (!s->letters && app_letters_load(s, &err) != 0) {
		log_error("%s; letters use the built-in texts", err.text);
		s->letters = letter_forms("", "", &err);
		if (!s->letters)
			fatal("%s", err.text);
	}
	mailer_set(l->mailer, &s->notify, s->letters);
}

struct app_letters *
app_letters_new(struct app *a, struct redis *writer)
{
	const struct mailer_hooks hooks = {.read = on_read,
	    .link = on_link,
	    .domain_link = on_domain_link,
	    .closes_at = on_closes_at,
	    .probation = on_probation,
	    .count = on_count,
	    .told = on_told};
	struct app_letters *l = xalloc(1, sizeof(*l));
	struct mailer_hooks mine = hooks;

	l->app = a;
	mine.ctx = l;
	l->runner = runner_new(a->loop);
	l->directory = directory_new(a->loop, &a->settings->notify, writer,
	    runner_run, l->runner, on_directory, l);
	l->mailer = mailer_new(a->loop, l->directory, &mine);
	set(l);
	return l;
}

void
app_letters_free(struct app_letters **lp)
{
	struct app_letters *l = *lp;

	if (!l)
		return;
	*lp = NULL;
	mailer_free(&l->mailer);
	directory_free(&l->directory);
	runner_free(&l->runner);
	free(l);
}

struct directory *
app_letters_directory(struct app_letters *l)
{
	return l->directory;
}

struct mailer *
app_letters_mailer(struct app_letters *l)
{
	return l->mailer;
}

void
app_letters_reload(struct app_letters *l)
{
	set(l);
	directory_set(l->directory, &l->app->settings->notify);
}

/* --- outpost letter --- */

static struct case_file *
find_case(struct app *a, struct str name, struct control_reply *r)
{
	struct case_file *f = app_cases_file(a, name);
	struct desk_subject subject;

	if (f || !desk_subject_parse(&a->desk, name, &subject, r))
		return f;
	f = app_cases_file(a, str_from(subject.key));
	if (!f)
		control_fail(r, EXIT_UNKNOWN,
		    "no case \"%.*s\": nothing was imposed, or it is longer "
		    "ago than cases are kept (case_keep)",
		    STR_ARG(name));
	return f;
}

static bool
take_stage(const struct control_request *q, enum letter_stage *out,
    struct control_reply *r)
{
	struct str name = control_option(q, "stage");
	struct text t;
	char all[256];

	*out = LETTER_SUSPENDED;
	if (name.n == 0 || letter_stage_parse(name, out))
		return true;
	text_init(&t, all, sizeof(all));
	for (int i = 0; i < LETTER_OWNERS; i++)
		text_printf(&t, "%s%s", i > 0 ? ", " : "",
		    letter_stage_text((enum letter_stage)i));
	return control_fail(r, EXIT_USAGE, "there is no letter \"%.*s\": %s",
	    STR_ARG(name), all);
}

void
app_letters_answer(
    void *app, const struct control_request *q, struct control_reply *r)
{
	struct app *a = app;
	struct str language = control_option(q, "lang");
	enum letter_stage stage;

	if (q->n_args != 1) {
		control_fail(r, EXIT_USAGE, "letter ACCOUNT|CASE");
		return;
	}
	if (!take_stage(q, &stage, r))
		return;
	if (language.n > 0 &&
	    !template_set_has(a->settings->letters, language)) {
		control_fail(r, EXIT_USAGE, "there are no texts in \"%.*s\"",
		    STR_ARG(language));
		return;
	}
	struct case_file *f = find_case(a, q->args[0], r);

	if (!f)
		return;
	mailer_preview(a->letters->mailer, f, stage, language,
	    control_has(q, "source"), &r->out);
	case_file_free(&f);
}
