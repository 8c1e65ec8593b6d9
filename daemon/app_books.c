/* app_books - the books of outpostd: opened, committed, folded */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_complaints.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "daemon/tables.h"

enum { MAX_ENTRY = 64 * 1024 };

static void
on_committed(void *ctx, const struct error *err)
{
	struct app *a = ctx;

	if ((err != NULL) == a->is_books_failing)
		return;
	a->is_books_failing = err != NULL;
	if (err)
		log_error(
		    "%s; mail flows and limits go on from memory", err->text);
	else
		log_notice("the books are written again");
}

struct order {
	struct app *app;
	loop_fn *done;
	void *ctx;
};

static void
on_order_committed(void *ctx, const struct error *err)
{
	struct order *o = ctx;

	on_committed(o->app, err);
	if (o->app->control)
		o->done(o->ctx);
	free(o);
}

static void
on_order_kept(void *ctx)
{
	struct order *o = ctx;

	if (o->app->control)
		o->done(o->ctx);
	free(o);
}

/* Who is told that it's done may rely on it. While the disk fails it holds from
 * memory, and waiting would help nobody. */
void
app_books_settle(struct app *a, loop_fn *done, void *done_ctx)
{
	struct order *o = xalloc(1, sizeof(*o));

	*o = (struct order){a, done, done_ctx};
	if (a->is_books_failing)
		loop_post(a->loop, on_order_kept, o);
	else
		books_commit(a->books, on_order_committed, o);
}

static void
on_timely_committed(void *ctx, const struct error *err)
{
	struct app *a = ctx;

	if (!err)
		a->committed_us = loop_now_us(a->loop);
	app_cases_commit(a->cases);
	metric_observe_us(
	    metrics_get(METRICS_COMMIT_SECONDS), time_mono_us() - a->commit_us);
	on_committed(a, err);
}

static void
on_commit(void *ctx)
{
	struct app *a = ctx;
	struct books_status s;

	books_status(a->books, &s);
	if (s.waiting == 0) {
		a->commit_us = time_mono_us();
		app_cases_seal(a->cases);
		books_commit(a->books, on_timely_committed, a);
	}
	app_board_post(a->board);
}

static void
on_fold(void *ctx)
{
	struct app *a = ctx;

	if (!a->is_books_failing)
		books_fold(a->books);
}

static int
make_state_dir(const char *dir, struct error *err)
{
	if (mkdir(dir, 0750) == 0 || errno == EEXIST)
		return 0;
	return error_set(err,
	    "%s: %s: make this directory, and let it belong to the user that "
	    "outpostd runs as, or set state_dir",
	    dir, strerror(errno));
}

int
app_books_open(struct app *a, bool *is_taken, struct error *err)
{
	const struct daemon_settings *s = &a->settings->daemon;
	const struct books_options o = {
	    s->state_dir, (size_t)s->books_map_size, MAX_ENTRY, 0};
	const struct books_part parts[] = {
	    ledger_part(pipeline_ledger(a->pipeline)),
	    chains_part(pipeline_chains(a->pipeline)),
	    standings_part(pipeline_standings(a->pipeline)),
	    follow_part(a->follow),
	    history_part(a->history),
	    app_board_part(a->board),
	    app_queue_part(a->queue),
	    app_fbl_part(a->fbl),
	    receivers_part(a->receivers),
	    series_part(a->series),
	    kept_part(
		&app_fbl_complaints(a->fbl)->records, 'K', "complaint_records"),
	    kept_part(
		&app_fbl_complaints(a->fbl)->suppressed, 'U', "suppressed"),
	    kept_part(
		&app_fbl_complaints(a->fbl)->aggregates, 'G', "aggregates"),
	    kept_part(&app_fbl_complaints(a->fbl)->shares.kept, 'W', "shares"),
	    kept_part(&a->deliveries, 'D', "deliveries"),
	    kept_part(&a->hooked, 'Y', "hooks"),
	    listings_part(app_dnsbl_listings(a->dnsbl)),
	    kept_part(&a->unmatched_kept, 'V', "unmatched"),
	    app_plans_part(a->plans),
	    app_domains_part(a->domains),
	    app_pools_part(a->pools),
	    causes_part(app_incidents_who(a->incidents)),
	};

	*is_taken = false;
	if (make_state_dir(s->state_dir, err) < 0)
		return -1;
	*is_taken = books_are_taken(s->state_dir);
	a->books = books_open(&o, parts, sizeof(parts) / sizeof(parts[0]), err);
	if (!a->books)
		return -1;
	ledger_loaded(pipeline_ledger(a->pipeline));
	app_replies_restore(a);
	app_incidents_restore(a->incidents);
	app_pools_restore(a->pools);
	chains_tick(pipeline_chains(a->pipeline), 0);
	pipeline_set_node(
	    a->pipeline, books_node(a->books), books_starts(a->books) << 24);
	a->books_born = books_born(a->books, loop_now_us(a->loop) / TIME_US);
	shares_set_node(
	    &app_fbl_complaints(a->fbl)->shares, books_node(a->books));
	if (tables_make(s->state_dir, err) < 0)
		return -1;
	books_start(a->books, a->loop);
	return 0;
}

static void
on_save(void *ctx, bool is_on)
{
	struct app *a = ctx;

	follow_pause(a->follow, is_on);
}

void
app_books_start(struct app *a)
{
	const struct daemon_settings *s = &a->settings->daemon;

	books_on_save(a->books, on_save, a);
	a->commit = loop_timer_new(a->loop, on_commit, a);
	a->fold = loop_timer_new(a->loop, on_fold, a);
	loop_timer_every(a->commit, TIME_US / s->commits_per_second);
	loop_timer_every(a->fold, s->fold_every * TIME_US);
}
