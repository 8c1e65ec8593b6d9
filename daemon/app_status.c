/* app_status - what `outpost status` and /metrics say */
#include "base/time.h"
#include "daemon/app_state.h"

struct tally {
	int64_t now;
	uint64_t by_rung[STANDINGS], observed, exempt;
};

static void
count_one(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	struct tally *t = ctx;

	(void)kind;
	(void)key;
	t->by_rung[state->rung]++;
	t->observed +=
	    state->rung == STANDING_GOOD && state->observed != STANDING_GOOD;
	t->exempt += state->exempt_until > t->now;
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
	if (ledger_now(l) > 0)
		json_time(j, "latest_fact", ledger_now(l));
	json_i64(j, "subjects", (int64_t)ledger_subjects(l));
	json_i64(j, "messages_in_flight",
	    (int64_t)chains_count(
		pipeline_chains(a->pipeline), CHAINS_FLIGHTS));
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
app_status(struct app *a, struct json_out *j)
{
	struct standings *s = pipeline_standings(a->pipeline);
	struct tally t = {.now = loop_now_us(a->loop) / TIME_US};

	standings_each(s, t.now, count_one, &t);
	json_str(j, "version", STR(OUTPOST_VERSION));
	json_str(j, "mode",
	    standings_is_enforcing(s) ? STR("enforce") : STR("observe"));
	json_str(j, "node", books_node(a->books));
	json_time(j, "started", a->started_us / TIME_US);
	json_str(j, "config",
	    *a->settings->path ? str_from(a->settings->path)
			       : STR("built-in defaults"));
	status_log(a, j);
	json_i64(j, "suspended", (int64_t)t.by_rung[STANDING_SUSPENDED]);
	json_i64(j, "held", (int64_t)t.by_rung[STANDING_HELD]);
	json_i64(j, "throttled", (int64_t)t.by_rung[STANDING_THROTTLED]);
	json_i64(j, "watched", (int64_t)t.by_rung[STANDING_WATCHED]);
	json_i64(j, "probation", (int64_t)t.by_rung[STANDING_PROBATION]);
	json_i64(j, "observed", (int64_t)t.observed);
	json_i64(j, "exempt", (int64_t)t.exempt);
	status_books(a, j);
	app_board_status(a->board, j);
}

static void
set_gauge(const char *name, const char *help, int64_t v)
{
	metric_set(metric_new(name, METRIC_GAUGE, help), v);
}

void
app_gauges(struct app *a)
{
	struct standings *s = pipeline_standings(a->pipeline);
	struct tally t = {.now = loop_now_us(a->loop) / TIME_US};
	struct metric *subjects = metric_new(
	    "standings", METRIC_GAUGE, "Subjects by the standing in effect");
	struct metric *chains = metric_new("chains", METRIC_GAUGE,
	    "Messages followed through the log, and what became of them");
	struct books_status books;

	standings_each(s, t.now, count_one, &t);
	for (size_t i = STANDING_GOOD + 1; i < STANDINGS; i++)
		metric_set(
		    metric_by(subjects, "standing", str_from(standing_text(i))),
		    (int64_t)t.by_rung[i]);
	for (size_t i = 0; i < CHAINS_COUNTS; i++)
		metric_set(
		    metric_by(chains, "what", str_from(chains_count_text(i))),
		    (int64_t)chains_count(pipeline_chains(a->pipeline), i));
	set_gauge("enforcing", "1 in enforce mode, 0 in observe mode",
	    standings_is_enforcing(s));
	set_gauge("standings_observed",
	    "Subjects that would not be good, were verdicts in effect",
	    (int64_t)t.observed);
	set_gauge("log_bytes_behind", "Bytes of log not yet read",
	    (int64_t)follow_bytes_behind(a->follow));
	set_gauge("subjects", "Accounts, domains, clients ... in memory",
	    (int64_t)ledger_subjects(pipeline_ledger(a->pipeline)));
	set_gauge("policy_standin_answers",
	    "Requests let through unseen while outpostd could not answer",
	    (int64_t)policy_standin_answers(a->standin));
	books_status(a->books, &books);
	set_gauge("books_bytes", "Size of the books on disk",
	    (int64_t)books.size.used_bytes);
	set_gauge(
	    "books_waiting", "Commits not yet on disk", (int64_t)books.waiting);
}
