/* app_status - what `outpost status` and /metrics say */
#include <unistd.h>

#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"

enum { LONG_TURN_US = 1000 };

/* Without one Outpost is mild: it doesn't know what is usual. */
static void
status_history(const struct ledger *l, struct json_out *j)
{
	enum { DAY = 86400 };
	int64_t began = ledger_began(l);

	if (began > 0)
		json_time(j, "history_since", began);
	json_i64(
	    j, "history_days", began > 0 ? (ledger_now(l) - began) / DAY : 0);
}

static void
status_log(struct app *a, struct json_out *j)
{
	struct pipeline_counters c;
	struct ledger *l = pipeline_ledger(a->pipeline);

	pipeline_counters(a->pipeline, &c);
	json_i64(j, "log_lines", (int64_t)c.lines);
	json_i64(j, "log_lines_not_understood", (int64_t)c.other);
	json_i64(j, "log_lines_lost", (int64_t)c.lost_lines);
	json_i64(
	    j, "log_bytes_behind", (int64_t)follow_bytes_behind(a->follow));
	app_sources_status(a, j);
	if (ledger_now(l) > 0)
		json_time(j, "latest_fact", ledger_now(l));
	status_history(l, j);
	json_i64(j, "subjects", (int64_t)ledger_subjects(l));
	json_i64(j, "messages_in_flight",
	    (int64_t)chains_count(
		pipeline_chains(a->pipeline), CHAINS_FLIGHTS));
	json_i64(j, "messages_held", (int64_t)app_queue_held(a->queue));
}

static void
status_books(struct app *a, struct json_out *j)
{
	struct books_status s;

	books_status(a->books, &s);
	json_str(j, "books", s.is_failing ? STR("failing") : STR("ok"));
	json_i64(j, "books_bytes", (int64_t)s.size.used_bytes);
}

void
app_books_show(struct app *a, struct json_out *j)
{
	struct books_status s;
	char dir[4200];
	struct text t;

	books_status(a->books, &s);
	text_init(&t, dir, sizeof(dir));
	text_printf(&t, "%s/books", a->settings->daemon.state_dir);
	json_str(j, "directory", text_view(&t));
	json_str(j, "books", s.is_failing ? STR("failing") : STR("ok"));
	json_str(j, "node", books_node(a->books));
	json_time(j, "begun", a->books_born);
	json_i64(j, "starts", (int64_t)books_starts(a->books));
	json_i64(j, "used_bytes", (int64_t)s.size.used_bytes);
	json_i64(j, "largest_bytes", (int64_t)s.size.map_bytes);
	json_i64(j, "journal_bytes", (int64_t)s.journal_bytes);
	json_i64(j, "journal_entries", (int64_t)(s.seq - s.folded));
	json_i64(j, "commits_waiting", (int64_t)s.waiting);
	if (a->committed_us)
		json_time(j, "last_commit", a->committed_us / TIME_US);
	if (ledger_now(pipeline_ledger(a->pipeline)) > 0)
		json_time(
		    j, "latest_fact", ledger_now(pipeline_ledger(a->pipeline)));
	json_i64(
	    j, "log_bytes_behind", (int64_t)follow_bytes_behind(a->follow));
	app_sources_positions(a, j);
	app_board_waiting(a->board, j);
}

void
app_label(struct app *a, struct text *out)
{
	char host[SETTINGS_HOST];

	settings_host(&a->settings->daemon, host);
	text_printable(out, str_from(host));
}

bool
app_knows_node(void *app, struct str label, struct text *all)
{
	struct app *a = app;
	struct str rest, one;

	app_label(a, all);
	if (*app_board_labels(a->board))
		text_printf(all, ", %s", app_board_labels(a->board));
	for (rest = text_view(all); str_cut(&rest, ',', &one);) {
		if (str_is_nocase(str_trim(one), label))
			return true;
	}
	return str_is_nocase(str_trim(rest), label);
}

static void
status_host(struct app *a, struct json_out *j)
{
	char name[256];
	struct text t;

	text_init(&t, name, sizeof(name));
	app_label(a, &t);
	json_str(j, "host", text_view(&t));
}

void
app_status(struct app *a, struct json_out *j)
{
	struct standings *s = pipeline_standings(a->pipeline);
	const struct app_tally *t = app_tally_get(a);

	json_str(j, "version", STR(OUTPOST_VERSION));
	json_str(j, "mode",
	    standings_is_enforcing(s) ? STR("enforce") : STR("observe"));
	status_host(a, j);
	json_str(j, "node", books_node(a->books));
	json_time(j, "started", a->started_us / TIME_US);
	json_str(j, "config",
	    *a->settings->path ? str_from(a->settings->path)
			       : STR("built-in defaults"));
	json_str(j, "config_generation", str_from(a->settings->generation));
	status_log(a, j);
	json_i64(j, "suspended", (int64_t)t->by_rung[STANDING_SUSPENDED]);
	json_i64(j, "held", (int64_t)t->by_rung[STANDING_HELD]);
	json_i64(j, "throttled", (int64_t)t->by_rung[STANDING_THROTTLED]);
	json_i64(j, "watched", (int64_t)t->by_rung[STANDING_WATCHED]);
	json_i64(j, "probation", (int64_t)t->by_rung[STANDING_PROBATION]);
	json_i64(j, "observed", (int64_t)t->observed);
	json_i64(j, "exempt", (int64_t)t->exempt);
	json_i64(j, "waiting", (int64_t)t->braked);
	json_str(
	    j, "paused", t->n_paused ? str_from(t->paused) : STR("nothing"));
	app_brake_status(a, j);
	app_trial_status(a, j);
	app_cases_status(a, j);
	app_pools_status(a, j);
	status_books(a, j);
	app_board_status(a->board, j);
}

static void
gauge(enum metrics_id id, uint64_t v)
{
	metric_set(metrics_get(id), (int64_t)v);
}

static void
gauge_by(enum metrics_id id, const char *value, uint64_t v)
{
	metric_set(metrics_by(id, str_from(value)), (int64_t)v);
}

static void
gauge_standings(struct app *a)
{
	struct standings *s = pipeline_standings(a->pipeline);
	const struct app_tally *t = app_tally_get(a);

	gauge(METRICS_PAUSED, t->n_paused);
	for (size_t i = STANDING_GOOD + 1; i < STANDINGS; i++)
		gauge_by(METRICS_STANDINGS, standing_text(i), t->by_rung[i]);
	gauge(METRICS_OBSERVED, t->observed);
	gauge(METRICS_BRAKE_WAITING, t->braked);
	app_brake_gauges(a);
	app_incidents_gauges(a->incidents);
	app_parked_gauges(a->parked);
	gauge(METRICS_SERIES, series_pairs(a->series));
	app_trial_gauges(a);
	app_cases_gauges(a);
	gauge(METRICS_ENFORCING, standings_is_enforcing(s));
}

void
app_gauges(struct app *a)
{
	struct chains *chains = pipeline_chains(a->pipeline);
	struct books_status books;

	gauge_standings(a);
	for (size_t i = 0; i < CHAINS_COUNTS; i++)
		gauge_by(METRICS_CHAINS, chains_count_text(i),
		    chains_count(chains, i));
	gauge(METRICS_LOG_BEHIND, follow_bytes_behind(a->follow));
	gauge(METRICS_SUBJECTS, ledger_subjects(pipeline_ledger(a->pipeline)));
	gauge(METRICS_STANDIN_ANSWERS, policy_standin_answers(a->standin));
	books_status(a->books, &books);
	gauge(METRICS_BOOKS_BYTES, books.size.used_bytes);
	gauge(METRICS_BOOKS_WAITING, books.waiting);
	gauge(METRICS_BOOKS_FAILING, books.is_failing);
	gauge(METRICS_TABLES_FAILING, a->is_tables_failing);
	metric_set(metrics_get(METRICS_LOGS_FAILING), a->logs_failing);
	gauge(METRICS_MESSAGES_HELD, app_queue_held(a->queue));
	app_sources_gauges(a);
	app_board_gauges(a->board);
	app_fbl_gauges(a->fbl);
	app_web_gauges(a->web);
	app_dns_gauges(a->dns);
	app_dnsbl_gauges(a->dnsbl);
	app_clients_gauges(a->clients);
	app_pools_gauges(a);
}

/* One slow turn keeps every policy answer waiting. */
static void
on_turn(void *ctx, int64_t wall_us, int64_t cpu_us)
{
	struct app *a = ctx;

	metric_observe_us(metrics_get(METRICS_LOOP_TURN_SECONDS), wall_us);
	if (wall_us <= LONG_TURN_US)
		return;
	metric_add(metrics_get(METRICS_LOOP_TURNS_LONG), 1);
	if (cpu_us > LONG_TURN_US)
		metric_add(metrics_get(METRICS_LOOP_TURNS_BUSY), 1);
	if (cpu_us > a->longest_turn_us)
		metric_set(metrics_get(METRICS_LOOP_TURN_LONGEST),
		    a->longest_turn_us = cpu_us);
}

void
app_measure(struct app *a)
{
	loop_measure(a->loop, on_turn, a);
}
