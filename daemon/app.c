/* app - outpostd: joins the rooms, and nothing else */
#include "daemon/app.h"

#include <signal.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_api.h"
#include "daemon/app_auth_policy.h"
#include "daemon/app_complaints.h"
#include "daemon/app_dmarc.h"
#include "daemon/app_learn.h"
#include "daemon/app_expect.h"
#include "daemon/app_state.h"
#include "daemon/notify_systemd.h"
#include "daemon/users.h"

enum {
	SAMPLED = 1000,	    /* accounts of which messages are remembered */
	DELIVERIES = 10000, /* to webhooks, that failed */
};

static void
on_line(void *ctx, size_t source, struct str line)
{
	struct app *a = ctx;

	if (a->learn)
		app_learn_line(a, source, line);
	else
		app_sources_line(a, source, line);
}

static void
on_source(void *ctx, const char *path, const struct error *err)
{
	struct app *a = ctx;

	a->logs_failing += err ? 1 : -1;
	if (err)
		log_error(
		    "%s; nothing is seen of the mail it tells of", err->text);
	else
		log_notice("%s: is read again", path);
}

static void
on_gap(void *ctx, size_t source, const char *why)
{
	struct app *a = ctx;

	if (!a->learn)
		app_sources_gap(a, source, why);
}

static void
on_slice(void *ctx)
{
	struct app *a = ctx;

	app_write_tables(a);
}

static int64_t
on_now_us(void *ctx)
{
	struct app *a = ctx;

	return loop_now_us(a->loop);
}

static void
on_control(void *ctx, const struct control_request *q, struct control_reply *r)
{
	struct app *a = ctx;

	desk_answer(&a->desk, q, r);
}

static bool
on_prepare(
    void *ctx, const struct control_request *q, loop_fn *done, void *done_ctx)
{
	return app_ask_prepare(ctx, q, done, done_ctx);
}

static void
on_settle(void *ctx, loop_fn *done, void *done_ctx)
{
	app_books_settle(ctx, done, done_ctx);
}

static void
on_emit(void *ctx, struct event *e)
{
	app_emit(ctx, e);
}

static void
on_status(void *ctx, struct json_out *j)
{
	app_status(ctx, j);
}

static void
on_books(void *ctx, struct json_out *j)
{
	app_books_show(ctx, j);
}

static void
on_reload(void *ctx, const struct control_request *q, struct control_reply *r)
{
	app_reload_answer(ctx, q, r);
}

static int64_t
on_now(void *ctx)
{
	return on_now_us(ctx) / TIME_US;
}

static void
on_watchdog(void *ctx)
{
	(void)ctx;
	notify_systemd_watchdog();
}

static void
on_left(void *ctx)
{
	struct app *a = ctx;

	loop_stop(a->loop);
}

/* All goes on until the board has what changed; a second signal doesn't wait.
 */
static void
on_term(void *ctx)
{
	struct app *a = ctx;

	if (a->is_leaving)
		loop_stop(a->loop);
	else
		app_board_leave(a->board, on_left, a);
	a->is_leaving = true;
}

/* Without one there are no references, and the hashes of recipients and queue
 * ids are keyed with what everybody knows: who sends may aim at collisions. */
static void
read_secret(struct app *a)
{
	const char *path = a->settings->daemon.secret_file;
	struct error err;

	bool has_secret = crypto_secret_read(path, &a->secret, &err) == 0;

	if (!has_secret)
		log_warning("%s; no reference header is added, hashes can be "
			    "foreseen; mail flows (make one: outpost secret, "
			    "and restart)",
		    err.text);
	app_refs_read(&a->refs, &a->settings->daemon.ref_secrets,
	    has_secret ? &a->secret : NULL);
}

static void
set_label(struct app *a)
{
	char label[256];
	struct text t;

	text_init(&t, label, sizeof(label));
	app_label(a, &t);
	pipeline_set_label(a->pipeline, text_view(&t));
}

static int
make_pipeline(struct app *a, struct error *err)
{
	a->pipeline = app_pipeline_new(a, err);
	if (!a->pipeline)
		return -1;
	set_label(a);
	a->busiest = busiest_new(pipeline_ledger(a->pipeline));
	a->samples = samples_new(SAMPLED);
	for (size_t i = 0; i < PIPELINE_SOURCES; i++)
		pipeline_source(a->pipeline, i, on_now(a));
	return 0;
}

static int
start_doors(struct app *a, struct error *err)
{
	const struct daemon_settings *s = &a->settings->daemon;
	const struct control_options control = {
	    .path = s->control_socket,
	    .group = s->control_group,
	    .admins = s->admins,
	    .prepare = on_prepare,
	    .gather = app_gather,
	    .settle = on_settle,
	};

	a->desk = (struct desk){a->pipeline, a->history, a->busiest, a->samples,
	    on_emit, on_status, on_books, app_queue_foresee, on_reload, on_now,
	    a, false, a->receivers, a->series, a->unmatched, app_knows_node,
	    app_clock_ahead, &app_fbl_complaints(a->fbl)->records,
	    &app_fbl_complaints(a->fbl)->suppressed, NULL, NULL, a->started_us,
	    &app_fbl_complaints(a->fbl)->shares, app_letters_answer,
	    &app_fbl_complaints(a->fbl)->aggregates, app_webhooks, a,
	    app_hooks_list};
	app_policy_start(a);
	app_lookup_start(a);
	a->control = control_server_new(a->loop, &control, on_control, a, err);
	if (!a->control)
		return -1;
	a->web = app_web_new(a);
	app_page_start(a->page);
	app_auth_policy_start(a);
	a->api = app_api_new(a);
	return 0;
}

static void
start_clockwork(struct app *a)
{
	int64_t watchdog_us = notify_systemd_watchdog_us();

	app_measure(a);
	app_books_start(a);
	app_tick_start(a);
	a->watchdog = loop_timer_new(a->loop, on_watchdog, a);
	if (watchdog_us > 0)
		loop_timer_every(a->watchdog, watchdog_us);
	a->hup = loop_signal_new(a->loop, SIGHUP, app_reload_hup, a);
	a->term = loop_signal_new(a->loop, SIGTERM, on_term, a);
	a->interrupt = loop_signal_new(a->loop, SIGINT, on_term, a);
}

/* Those that the books fill. */
static void
close_rooms(struct app *a)
{
	books_close(&a->books);
	follow_free(&a->follow);
	app_sources_free(a);
	app_hooks_stop(a->hooks);
	app_board_free(&a->board);
	app_forget_free(&a->forget);
	app_hooks_free(&a->hooks);
	app_plans_free(&a->plans);
	app_selfmail_free(&a->selfmail);
	app_domains_free(&a->domains);
	app_wrong_sender_free(&a->wrong_sender);
	app_queue_free(&a->queue);
	app_fbl_free(&a->fbl);
	if (a->hashed)
		app_refs_connect(a->hashed, NULL);
	if (a->msgids)
		app_msgids_connect(a->msgids, NULL);
	busiest_free(&a->busiest);
	samples_free(&a->samples);
	pipeline_free(&a->pipeline);
	history_free(&a->history);
	app_dnsbl_free(&a->dnsbl);
	app_clients_free(&a->clients);
	receivers_free(&a->receivers);
	unmatched_free(&a->unmatched);
	series_free(&a->series);
	app_pools_free(&a->pools);
	app_services_free(&a->services);
	app_parked_free(&a->parked);
	app_incidents_free(&a->incidents);
	kept_done(&a->deliveries);
	kept_done(&a->hooked);
	kept_done(&a->unmatched_kept);
}

int
app_rooms_open(struct app *a, struct error *err)
{
	const struct follow_hooks hooks = {
	    on_line, on_source, on_slice, on_gap, a};

	a->history = history_new((size_t)a->settings->daemon.events_kept);
	a->follow = follow_new(&a->settings->daemon.files, &hooks);
	app_sources_new(a);
	app_sources_trust(a);
	a->board = app_board_new(a);
	a->queue = app_queue_new(a);
	a->fbl = app_fbl_new(a);
	kept_init(&a->deliveries, DELIVERIES);
	kept_init(&a->hooked, HOOKS_WAITING);
	kept_init(
	    &a->unmatched_kept, (size_t)a->settings->reputation.unmatched_max);
	a->plans = app_plans_new(a);
	a->domains = app_domains_new(a);
	a->selfmail = app_selfmail_new(a);
	a->wrong_sender = app_wrong_sender_new(a);
	a->dnsbl = app_dnsbl_new(a);
	a->clients = app_clients_new(a);
	a->receivers =
	    receivers_new((size_t)a->settings->reputation.receivers_max);
	a->incidents = app_incidents_new(a);
	a->services = app_services_new(a);
	a->parked = app_parked_new(a);
	a->pools = app_pools_new(a);
	a->series = series_new((size_t)a->settings->reputation.series_max);
	a->unmatched =
	    unmatched_new((size_t)a->settings->reputation.unmatched_max);
	return make_pipeline(a, err);
}

/* Not before the books are good, or we are told to end. */
static int
open_books(struct app *a, struct error *err)
{
	for (;;) {
		bool is_taken;

		if (app_rooms_open(a, err) < 0)
			return -1;
		if (app_books_open(a, &is_taken, err) == 0)
			break;
		close_rooms(a);
		if (is_taken)
			return -1;
		if (!app_bookless_wait(a, err)) {
			*err->text = '\0';
			return -1;
		}
	}
	if (*a->bookless)
		log_notice("the books can be used again");
	notify_systemd_status("", "");
	return 0;
}

void
app_rooms_prepare(struct app *a)
{
	read_secret(a);
	a->page = app_page_new(a);
	a->hashed = app_refs_new(&a->refs);
	a->msgids = app_msgids_new(&a->secret);
}

static int
start(struct app *a, struct error *err)
{
	struct dns_options options;

	app_rooms_prepare(a);
	if (open_books(a, err) < 0)
		return -1;
	a->geo = app_geo_new(a->loop);
	options = settings_dns(&a->settings->daemon);
	a->dns = app_dns_new(a->loop, &options, err);
	if (!a->dns)
		return -1;
	a->forget = app_forget_new(a);
	a->cases = app_cases_new(a);
	a->dmarc = app_dmarc_new(a);
	a->case_check = app_check_new(a);
	app_trial_settle(a);
	app_write_tables_now(a);
	if (start_doors(a, err) < 0 || app_board_start(a->board, err) < 0)
		return -1;
	app_refs_connect(a->hashed, app_board_redis(a->board));
	app_msgids_connect(a->msgids, app_board_redis(a->board));
	a->hooks = app_hooks_new(a);
	start_clockwork(a);
	app_queue_start(a->queue);
	app_fbl_start(a->fbl);
	app_sources_start(a);
	app_reload_start(a);
	return 0;
}

struct app *
app_start(const char *config_path, struct error *err)
{
	struct app *a = xalloc(1, sizeof(*a));

	a->config_path = config_path ? str_dup(str_from(config_path)) : NULL;
	a->settings = settings_load(a->config_path, err);
	/* The stand-in is forked before there is a thread or a loop. */
	if (!a->settings || app_policy_open(a, err) < 0) {
		app_stop(&a);
		return NULL;
	}
	app_reload_lend(a);
	a->loop = loop_new();
	a->started_us = loop_now_us(a->loop);
	if (start(a, err) < 0)
		app_stop(&a);
	return a;
}

void
app_run(struct app *a)
{
	log_notice("outpostd %s, node %.*s, mode %s", OUTPOST_VERSION,
	    STR_ARG(books_node(a->books)),
	    standings_is_enforcing(pipeline_standings(a->pipeline))
		? "enforce"
		: "observe");
	notify_systemd_ready();
	loop_run(a->loop);
	notify_systemd_stopping();
	/* What was decided a moment ago must hold while nobody is here. */
	app_write_tables_now(a);
}

void
app_stop(struct app **ap)
{
	struct app *a = *ap;

	*ap = NULL;
	loop_timer_free(&a->commit);
	loop_timer_free(&a->fold);
	app_tick_stop(a);
	app_events_stop(a);
	app_undo_stop(a);
	app_digest_stop(a);
	loop_timer_free(&a->watchdog);
	loop_signal_free(&a->hup);
	loop_signal_free(&a->term);
	loop_signal_free(&a->interrupt);
	app_policy_stop(a);
	app_lookup_stop(a);
	app_expect_stop(a);
	app_brake_free(a);
	app_reload_free(a);
	control_server_free(&a->control);
	app_page_free(&a->page);
	app_web_free(&a->web);
	app_api_free(&a->api);
	app_tally_free(a);
	app_gather_free(a);
	app_check_free(&a->case_check);
	app_cases_free(&a->cases);
	app_dmarc_free(&a->dmarc);
	app_geo_free(&a->geo);
	close_rooms(a);
	app_dns_free(&a->dns);
	app_refs_free(&a->hashed);
	app_msgids_free(&a->msgids);
	settings_free(&a->settings);
	settings_free(&a->retired);
	loop_free(&a->loop);
	free(a->config_path);
	free(a);
}
