/* app_fbl - reports come in: whose message it was, and what counts */
#include "daemon/app_fbl.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_fbl_parts.h"
#include "daemon/app_dmarc.h"
#include "daemon/app_forward.h"
#include "daemon/app_imap.h"
#include "daemon/app_state.h"
#include "daemon/app_xarf.h"
#include "daemon/fbl_door.h"
#include "daemon/fbl_job.h"
#include "daemon/fbl_maildir.h"
#include "daemon/fbl_tell.h"
#include "daemon/metrics.h"

enum {
	WAITING_MAX = 64, /* each may hold a whole mail */
	TRIES = 20,	  /* for the account of a hashed reference */
	TRY_US = 100 * 1000,
	FORGET = 200, /* at once */
};

struct app_fbl *
app_fbl_new(struct app *a)
{
	struct app_fbl *f = xalloc(1, sizeof(*f));
	char dir[4096];
	struct text t;

	f->app = a;
	f->seen = seen_new((size_t)a->settings->fbl.reports_kept);
	app_complaints_init(&f->complaints, a);
	text_init(&t, dir, sizeof(dir));
	text_printf(&t, "%s/unread", a->settings->daemon.state_dir);
	f->unread_dir = str_dup(text_view(&t));
	text_clear(&t);
	text_printf(&t, "%s/forward", a->settings->daemon.state_dir);
	f->forward_dir = str_dup(text_view(&t));
	return f;
}

static void
end_intake(struct intake *in)
{
	*in->at = in->next;
	if (in->next)
		in->next->at = in->at;
	in->fbl->n_waiting--;
	loop_timer_free(&in->retry);
	fbl_job_abandon(&in->job);
	free(in);
}

void
app_fbl_free(struct app_fbl **fp)
{
	struct app_fbl *f = *fp;

	if (!f)
		return;
	*fp = NULL;
	while (f->waiting)
		end_intake(f->waiting);
	fbl_door_close(&f->door);
	fbl_door_close(&f->own_door);
	fbl_maildir_free(&f->maildir);
	app_imap_free(&f->imap);
	app_xarf_free(&f->xarf);
	seen_free(&f->seen);
	app_complaints_done(&f->complaints);
	app_forward_free(&f->forward);
	free(f->unread_dir);
	free(f->forward_dir);
	free(f);
}

struct books_part
app_fbl_part(struct app_fbl *f)
{
	return seen_part(f->seen);
}

struct app_complaints *
app_fbl_complaints(struct app_fbl *f)
{
	return &f->complaints;
}

void
app_fbl_result(const char *result)
{
	metric_add(metrics_by(METRICS_REPORTS, str_from(result)), 1);
}

static void
answer(struct intake *in, enum fbl_outcome outcome, const char *why)
{
	fbl_answer_fn *fn = in->answer;
	void *ctx = in->answer_ctx;
	struct error copy;

	error_set(&copy, "%s", why);
	end_intake(in);
	fn(ctx, outcome, copy.text);
}

static void
on_settled(void *ctx)
{
	struct intake *in = ctx;

	if (in->fbl->app->is_books_failing)
		answer(in, FBL_LATER, "it can't be written down now");
	else
		answer(in, in->outcome, in->job->err.text);
}

/* Answers when all that was counted so far is on disk. */
void
app_fbl_settle(struct intake *in, enum fbl_outcome outcome)
{
	const struct app_fbl_place *p = in->mail.place;
	int64_t now = loop_now_us(in->fbl->app->loop) / TIME_US;

	if (p)
		seen_add(in->fbl->seen,
		    outcome == FBL_STAYED ? p->stayed : p->taken, now);
	in->outcome = outcome;
	app_books_settle(in->fbl->app, on_settled, in);
}

static void
end_unread(struct intake *in)
{
	struct app_fbl *f = in->fbl;
	struct fbl_job *j = in->job;

	app_fbl_result(j->is_kept ? "unread" : "failed");
	if (j->is_kept && in->mail.stays) {
		app_fbl_settle(in, FBL_STAYED);
		return;
	}
	if (!j->is_kept && !f->is_failing)
		log_error(
		    "%s; reports are not taken, and come again", j->err.text);
	f->is_failing = !j->is_kept;
	if (j->is_kept)
		fbl_tell_unread(f->app, j->err.text, f->unread_dir);
	if (j->is_kept)
		answer(in, FBL_KEPT, j->err.text);
	else
		answer(in, FBL_LATER, "it can't be kept now");
}

/* A sender that is an account here. */
static bool
find_sender(struct app *a, struct str sender, struct text *out)
{
	account_claimed(sender, out);
	if (out->n > 0 && ledger_find(pipeline_ledger(a->pipeline),
			      SUBJECT_ACCOUNT, text_view(out)))
		return true;
	text_clear(out);
	return false;
}

struct asking {
	struct app *app;
	bool is_later; /* an answer is on its way */
};

static bool
ask(void *ctx, const struct owner_clue *clue, struct text *account)
{
	struct asking *q = ctx;

	switch (clue->how) {
	case OWNER_REFERENCE:
	case OWNER_CFBL_ID:
	case OWNER_FEEDBACK_ID:
	case OWNER_PLANTED:
		if (app_refs_find(q->app->hashed, &clue->ref, account))
			return true;
		q->is_later = true;
		return false;
	case OWNER_RECEIVED:
		return app_msgids_find_queue(q->app->msgids,
		    q->app->settings->fbl.queue_ids_kept, clue->host,
		    clue->queue_id, clue->at,
		    loop_now_us(q->app->loop) / TIME_US, account, &q->is_later);
	case OWNER_MESSAGE_ID:
		return app_msgids_find(q->app->msgids,
		    q->app->settings->fbl.message_ids_kept, clue->message_id,
		    clue->at, loop_now_us(q->app->loop) / TIME_US, account,
		    &q->is_later);
	case OWNER_ENVELOPE:
		return find_sender(q->app, clue->sender, account);
	default:
		return false;
	}
}

static void
look_for_owner(struct intake *in)
{
	struct app *a = in->fbl->app;
	const struct fbl_settings *s = &a->settings->fbl;
	const struct owner_rules rules = {
	    &a->refs, s->own_hosts, s->feedback_id_field};
	struct asking asking = {a, false};

	owner_find(&rules, &in->job->report, ask, &asking, &in->owner);
	if (asking.is_later && in->tries++ < TRIES)
		loop_timer_in(in->retry, TRY_US);
	else
		app_fbl_count(in);
}

static void
on_retry(void *ctx)
{
	look_for_owner(ctx);
}

static void
on_dmarc_kept(void *ctx, const struct error *err)
{
	struct intake *in = ctx;

	if (err)
		answer(in, FBL_LATER, "it can't be written down now");
	else
		app_fbl_settle(in, FBL_TAKEN);
}

static void
keep_dmarc(struct intake *in)
{
	struct app_dmarc *d = in->fbl->app->dmarc;

	if (!app_dmarc_book(d)) {
		app_fbl_result("failed");
		answer(in, FBL_LATER, "DMARC reports can't be kept now");
		return;
	}
	switch (
	    app_dmarc_add(d, in->job, in->mail.is_vouched, on_dmarc_kept, in)) {
	case DMARC_ADDED:
		app_fbl_result("dmarc");
		break;
	case DMARC_KNOWN:
		app_fbl_result("known");
		app_fbl_settle(in, FBL_KNOWN);
		break;
	case DMARC_UNWRITTEN:
		answer(in, FBL_LATER, "it is being written down");
		break;
	case DMARC_STALE:
	case DMARC_MUCH:
		app_fbl_result("dmarc_dropped");
		app_fbl_settle(in, FBL_TAKEN);
		break;
	}
}

static void
take_test(struct intake *in)
{
	app_selfmail_take(
	    in->fbl->app->selfmail, in->job->tested, in->job->mail);
	app_fbl_result("test");
	app_fbl_settle(in, FBL_TAKEN);
}

static void
on_read(void *ctx)
{
	struct fbl_job *j = ctx;
	struct intake *in = j->ctx;

	if (j->is_test)
		take_test(in);
	else if (j->is_dmarc)
		keep_dmarc(in);
	else if (j->is_report)
		look_for_owner(in);
	else
		end_unread(in);
}

struct refused {
	fbl_answer_fn *answer;
	void *ctx;
};

static void
on_refused(void *ctx)
{
	struct refused *r = ctx;

	r->answer(r->ctx, FBL_LATER, "too many reports at once");
	free(r);
}

static struct fbl_job *
start_job(struct app_fbl *f, const struct app_fbl_mail *mail, struct intake *in)
{
	const struct settings *s = f->app->settings;
	bool is_mail = !mail->stays || mail->place;
	struct crypto_key test_key;

	selfmail_key(&f->app->secret, &test_key);
	const struct fbl_job_keep keep = {.test_key = &test_key,
	    .now = loop_now_us(f->app->loop) / TIME_US,
	    .dir = mail->stays ? "" : f->unread_dir,
	    .forward_dir = is_mail && *s->fbl.unread_to ? f->forward_dir : "",
	    .from = s->notify.letter_from};

	return fbl_job_start(f->app->loop, mail->bytes, &keep, on_read, in);
}

void
app_fbl_take(struct app_fbl *f, const struct app_fbl_mail *mail,
    fbl_answer_fn *answer_fn, void *answer_ctx)
{
	struct loop *l = f->app->loop;

	if (f->n_waiting >= WAITING_MAX) {
		struct refused *r = xalloc(1, sizeof(*r));

		*r = (struct refused){answer_fn, answer_ctx};
		loop_post(l, on_refused, r);
		return;
	}
	struct intake *in = xalloc(1, sizeof(*in));

	*in = (struct intake){.fbl = f,
	    .mail = *mail,
	    .answer = answer_fn,
	    .answer_ctx = answer_ctx,
	    .next = f->waiting,
	    .at = &f->waiting};
	if (in->next)
		in->next->at = &in->next;
	f->waiting = in;
	f->n_waiting++;
	in->retry = loop_timer_new(l, on_retry, in);
	in->mail.bytes = STR("");
	in->job = start_job(f, mail, in);
}

static void
on_left(void *ctx, const char *what)
{
	struct app_fbl *f = ctx;

	fbl_tell_left(f->app, what);
}

static void
on_take(void *ctx, struct str mail, fbl_answer_fn *answer_fn, void *answer_ctx)
{
	const struct app_fbl_mail m = {.bytes = mail};

	app_fbl_take(ctx, &m, answer_fn, answer_ctx);
}

static void
on_own(void *ctx, struct str mail, fbl_answer_fn *answer_fn, void *answer_ctx)
{
	const struct app_fbl_mail m = {.bytes = mail, .is_vouched = true};

	app_fbl_take(ctx, &m, answer_fn, answer_ctx);
}

bool
app_fbl_has_seen(const struct app_fbl *f, const uint8_t key[SEEN_KEY])
{
	return seen_has(f->seen, key);
}

void
app_fbl_note(struct app_fbl *f, const uint8_t key[SEEN_KEY])
{
	seen_add(f->seen, key, loop_now_us(f->app->loop) / TIME_US);
}

void
app_fbl_start(struct app_fbl *f)
{
	const struct fbl_settings *s = &f->app->settings->fbl;
	const struct fbl_maildir_hooks hooks = {on_take, on_left, f};
	struct fbl_door_options o = {
	    .address = s->fbl_listen,
	    .max_bytes = (size_t)s->fbl_max_size,
	    .users_setting = "fbl_users",
	    .users = &s->fbl_users,
	    .take = on_take,
	    .ctx = f,
	};

	f->maildir = fbl_maildir_new(f->app->loop, &hooks);
	f->imap = app_imap_new(f->app);
	f->xarf = app_xarf_new(f->app);
	f->forward = app_forward_new(f->app, f->forward_dir);
	f->door = fbl_door_open(f->app->loop, &o);
	o.address = s->fbl_own_listen;
	o.users_setting = "fbl_own_users";
	o.users = &s->fbl_own_users;
	o.is_local = true;
	o.take = on_own;
	f->own_door = fbl_door_open(f->app->loop, &o);
}

void
app_fbl_tick(struct app_fbl *f)
{
	const struct fbl_settings *s = &f->app->settings->fbl;

	app_complaints_tick(&f->complaints);
	seen_tick(f->seen, loop_now_us(f->app->loop) / TIME_US, FORGET);
	if (f->imap)
		app_imap_tick(f->imap);
	if (f->forward)
		app_forward_tick(f->forward);
	if (f->maildir)
		fbl_maildir_tick(
		    f->maildir, s->fbl_maildir, (size_t)s->fbl_max_size);
}

void
app_fbl_gauges(struct app_fbl *f)
{
	metric_set(metrics_get(METRICS_REPORTS_WAITING), (int64_t)f->n_waiting);
	if (f->imap)
		app_imap_gauges(f->imap);
}
