/* app_board - outpostd's side of Redis
 *
 * One connection writes, in order; one waits for events; each notifier waits on
 * one of its own. Redis may be absent, slow or empty: the parts behind keep
 * what they have to say.
 */
#include "daemon/app_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/redis.h"
#include "base/time.h"
#include "daemon/app_put_back.h"
#include "daemon/app_state.h"
#include "daemon/managed_redis.h"
#include "daemon/metrics.h"
#include "daemon/notifiers.h"
#include "daemon/redis_login.h"
#include "ledger/board.h"
#include "ledger/pack.h"
#include "ledger/stream.h"

enum {
	OUTBOX_MAX = 100000,
	IN_FLIGHT = 500,
	WAITING_MAX = 20000,
	CONNECT_MS = 2000,
	LEAVE_MS = 2000,
	READ_MS = 50,
};
#define STREAM_KEEP (8 * 86400)

struct app_board {
	struct app *app;
	struct managed_redis *managed;
	struct redis *writer, *reader;
	struct stream *stream;
	struct board *board;
	struct notifiers *notifiers;
	struct app_put_back *put_back;
	bool is_told_down; /* one line each way */
	bool is_awaited;   /* our own server, at the start: takes a moment */
	bool is_refused;   /* told: it takes no records */
	bool is_ending;
	char same_label[64];	     /* told: another node has our label */
	char labels[NODES_MAX * 66]; /* of the others */
};

static void
on_event(void *ctx, const struct event *e)
{
	struct app_board *b = ctx;

	app_receive(b->app, e);
}

static void
on_renew(void *ctx)
{
	struct app_board *b = ctx;

	app_put_back_old(b->put_back);
}

static void
on_lost(void *ctx)
{
	struct app_board *b = ctx;

	log_warning("Redis lost its data: telling it again what holds");
	board_post_all(b->board);
	app_put_back_all(b->put_back);
}

struct app_board *
app_board_new(struct app *a)
{
	struct app_board *b = xalloc(1, sizeof(*b));
	const struct stream_options o = {OUTBOX_MAX, STREAM_KEEP};
	const struct stream_hooks hooks = {on_event, on_lost, on_renew, b};

	b->app = a;
	b->is_awaited = strcmp(a->settings->daemon.redis_uri, "managed") == 0;
	b->stream = stream_new(&o, &hooks);
	return b;
}

struct books_part
app_board_part(struct app_board *b)
{
	return stream_part(b->stream);
}

/* Notifiers first: their groups must be there before an event is added. */
static void
on_writer(void *ctx, bool is_up, const char *reason)
{
	struct app_board *b = ctx;

	if (is_up && b->is_told_down)
		log_notice("Redis is back: posting what changed");
	if (!is_up && !b->is_told_down && !b->is_awaited)
		log_warning("Redis: %s; mail flows, limits go on from memory, "
			    "letters and webhooks wait",
		    reason);
	b->is_told_down = !is_up && !b->is_awaited;
	b->is_awaited = b->is_awaited && !is_up;
	if (b->notifiers)
		notifiers_on_state(b->notifiers);
	if (b->board)
		board_on_state(b->board);
	stream_on_state(b->stream);
}

static void
on_reader(void *ctx, bool is_up, const char *reason)
{
	struct app_board *b = ctx;

	(void)is_up;
	(void)reason;
	stream_on_state(b->stream);
}

static void
on_duplicate(void *ctx)
{
	struct app_board *b = ctx;

	log_error("another outpostd posts as node %.*s (a copied state "
		  "directory?): this one stops posting its counts",
	    STR_ARG(books_node(b->app->books)));
}

static void
on_news(void *ctx, struct subject *s)
{
	struct app_board *b = ctx;

	if (!b->is_ending)
		pipeline_judge(b->app->pipeline, s);
}

static void
on_admitted(void *ctx, enum subject_kind kind, struct str key,
    int64_t *recipients, int64_t *messages)
{
	struct app_board *b = ctx;

	app_admission_count(b->app, kind, key, recipients, messages);
}

static bool
on_reads(void *ctx, enum subject_kind kind)
{
	struct app_board *b = ctx;

	return pipeline_asks(b->app->pipeline, kind);
}

static void
on_beat(void *ctx, struct nodes_one *self)
{
	struct app_board *b = ctx;
	struct app *a = b->app;
	struct text label, version;

	text_init(&label, self->label, sizeof(self->label));
	app_label(a, &label);
	text_init(&version, self->version, sizeof(self->version));
	text_add(&version, OUTPOST_VERSION);
	self->behind = (int64_t)follow_bytes_behind(a->follow);
	self->is_enforcing =
	    standings_is_enforcing(pipeline_standings(a->pipeline));
}

/* A name is only for people, but two nodes with one confuse them. */
static void
on_nodes(void *ctx, const struct nodes *nodes)
{
	struct app_board *b = ctx;
	char label[sizeof(b->same_label)], same[sizeof(label)] = "";
	struct text t, all;

	text_init(&t, label, sizeof(label));
	app_label(b->app, &t);
	text_init(&all, b->labels, sizeof(b->labels));
	for (size_t i = 0; i < nodes->n; i++) {
		const struct nodes_one *one = &nodes->v[i];

		if (!one->is_alive)
			continue;
		text_printf(&all, "%s%s", all.n ? ", " : "", one->label);
		if (strcmp(one->label, label) != 0)
			continue;
		memcpy(same, label, sizeof(same));
		if (strcmp(same, b->same_label) != 0)
			log_warning("node %s is also called %s, as this one "
				    "is: set node_name",
			    one->id, label);
	}
	memcpy(b->same_label, same, sizeof(same));
}

static const char *
find_uri(struct app_board *b, char uri[REDIS_LOGIN_URI], struct error *err)
{
	const struct daemon_settings *s = &b->app->settings->daemon;
	char dir[4096];
	struct text t;

	if (strcmp(s->redis_uri, "managed") != 0)
		return redis_login_uri(s, uri, err) < 0 ? NULL : uri;
	text_init(&t, dir, sizeof(dir));
	text_printf(&t, "%s/redis", s->state_dir);
	const struct managed_redis_options o = {
	    .program = s->redis_server, .dir = dir};

	b->managed = managed_redis_new(b->app->loop, &o, NULL, NULL, err);
	return b->managed ? managed_redis_uri(b->managed) : NULL;
}

/* See board_options: this boot of this machine, this directory. */
static void
print_place(const char *dir, struct text *out)
{
	char boot[64] = "", where[160];
	struct stat st;
	struct text t;
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	bool is_known =
	    f && fgets(boot, sizeof(boot), f) && stat(dir, &st) == 0;

	if (f)
		fclose(f);
	if (!is_known)
		return;
	text_init(&t, where, sizeof(where));
	text_printf(&t, "%s %llx %llx", boot, (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
	text_printf(
	    out, "%016llx", (unsigned long long)pack_checksum(text_view(&t)));
}

static int
on_letter(void *ctx, const struct event *e)
{
	const struct app *a = ctx;

	return app_incidents_has_letter(a->incidents, e) &&
		       app_wrong_sender_has_letter(a->wrong_sender, e)
		   ? app_brake_letter(ctx, e)
		   : NOTIFIERS_NEVER;
}

int
app_board_start(struct app_board *b, struct error *err)
{
	char uri[REDIS_LOGIN_URI];
	char place[32];
	struct text p;

	struct app *a = b->app;
	struct redis_options o = {
	    .uri = find_uri(b, uri, err),
	    .connect_timeout_ms = CONNECT_MS,
	    .command_timeout_ms = (int)a->settings->daemon.redis_timeout * 1000,
	    .max_waiting = WAITING_MAX,
	};

	text_init(&p, place, sizeof(place));
	print_place(a->settings->daemon.state_dir, &p);
	const struct board_options board = {
	    .node = books_node(a->books),
	    .place = text_view(&p),
	    .starts = books_starts(a->books),
	    .born = a->books_born,
	    .max_in_flight = IN_FLIGHT,
	};
	const struct board_hooks hooks = {.on_duplicate = on_duplicate,
	    .on_news = on_news,
	    .on_admitted = on_admitted,
	    .on_reads = on_reads,
	    .on_beat = on_beat,
	    .on_nodes = on_nodes,
	    .ctx = b};

	if (!o.uri)
		return -1;
	b->writer = redis_new(a->loop, &o, on_writer, b, err);
	if (!b->writer)
		return -1;
	b->reader = redis_new(a->loop, &o, on_reader, b, err);
	if (!b->reader)
		return -1;
	a->letters = app_letters_new(a, b->writer);
	b->notifiers =
	    notifiers_new(a->loop, &o, books_node(a->books), b->writer,
		&a->deliveries, a->settings, app_letters_mailer(a->letters));
	notifiers_ask(b->notifiers, on_letter, b->app);
	b->board = board_new(
	    a->loop, &board, &hooks, pipeline_ledger(a->pipeline), b->writer);
	b->put_back = app_put_back_new(a, b->stream, STREAM_KEEP / 4);
	stream_start(
	    b->stream, books_node(a->books), a->loop, b->writer, b->reader);
	return 0;
}

void
app_board_leave(struct app_board *b, loop_fn *on_left, void *ctx)
{
	board_leave(b->board, LEAVE_MS, on_left, ctx);
}

static void
on_stopped(void *ctx)
{
	struct app_board *b = ctx;

	loop_stop(b->app->loop);
}

/* The loop runs again for it: nothing else of the app may be left in it. */
static void
stop_managed(struct app_board *b)
{
	managed_redis_stop(b->managed, on_stopped, b);
	loop_run(b->app->loop);
	managed_redis_free(&b->managed);
}

void
app_board_free(struct app_board **bp)
{
	struct app_board *b = *bp;

	if (!b)
		return;
	*bp = NULL;
	b->is_ending = true;
	app_put_back_free(&b->put_back);
	/* Attempts are cancelled while the writer can still say so; the rest
	 * must live while connections answer what was asked. */
	notifiers_free(&b->notifiers);
	app_letters_free(&b->app->letters);
	redis_free(&b->reader);
	redis_free(&b->writer);
	board_free(&b->board);
	stream_free(&b->stream);
	if (b->managed)
		stop_managed(b);
	free(b);
}

void
app_board_emit(struct app_board *b, const struct event *e)
{
	stream_emit(b->stream, e);
}

struct board *
app_board_of(const struct app_board *b)
{
	return b->board;
}

bool
app_board_is_current(const struct app_board *b)
{
	return stream_is_current(b->stream);
}

bool
app_board_doubt(struct app_board *b, struct subject *s)
{
	return b->board && board_doubt(b->board, s);
}

struct preparing {
	struct app *app;
	loop_fn *done;
	void *ctx;
};

static void
on_prepared(void *ctx, bool is_fresh)
{
	struct preparing *p = ctx;
	struct desk *d = &p->app->desk;

	d->is_partial = !is_fresh;
	if (p->app->control)
		p->done(p->ctx);
	d->is_partial = false;
	free(p);
}

bool
app_board_prepare(struct app_board *b, const struct control_request *q,
    loop_fn *done, void *ctx)
{
	struct desk_subject s;

	if (b->managed || !desk_asks_about(&b->app->desk, q, &s))
		return false;
	struct preparing *p = xalloc(1, sizeof(*p));

	*p = (struct preparing){b->app, done, ctx};
	board_read(b->board, s.kind, str_from(s.key), READ_MS, on_prepared, p);
	return true;
}

void
app_board_post(struct app_board *b)
{
	struct board_status s;

	board_post(b->board);
	board_status(b->board, &s);
	if ((*s.refusal != '\0') == b->is_refused)
		return;
	b->is_refused = !b->is_refused;
	if (b->is_refused)
		log_error("Redis refuses to write: %s; mail flows, limits go "
			  "on from memory, letters and webhooks wait",
		    s.refusal);
	else
		log_notice("Redis takes records again");
}

void
app_board_reload(struct app_board *b)
{
	app_letters_reload(b->app->letters);
	notifiers_set(b->notifiers, b->app->settings);
}

const char *
app_board_labels(const struct app_board *b)
{
	return b->labels;
}

void
app_board_status(struct app_board *b, struct json_out *j)
{
	struct stream_status stream;
	struct board_status board;

	stream_status(b->stream, &stream);
	board_status(b->board, &board);
	json_str(j, "redis",
	    !redis_is_up(b->writer) ? STR("down")
	    : b->is_refused	    ? STR("refusing")
				    : STR("up"));
	json_i64(j, "events_waiting", (int64_t)stream.outbox);
	json_i64(j, "records_posted", (int64_t)board.posted);
	app_nodes_status(b->app, j);
	notifiers_status(b->notifiers, j);
}

void
app_board_waiting(struct app_board *b, struct json_out *j)
{
	struct stream_status stream;

	stream_status(b->stream, &stream);
	json_i64(j, "events_waiting", (int64_t)stream.outbox);
	json_i64(j, "records_to_post",
	    (int64_t)ledger_changed(pipeline_ledger(b->app->pipeline)));
}

void
app_board_gauges(struct app_board *b)
{
	struct stream_status stream;

	stream_status(b->stream, &stream);
	metric_set(metrics_get(METRICS_REDIS_UP), redis_is_up(b->writer));
	metric_set(metrics_get(METRICS_REDIS_REFUSING), b->is_refused);
	metric_set(metrics_get(METRICS_OUTBOX), (int64_t)stream.outbox);
}

struct redis *
app_board_redis(struct app_board *b)
{
	return b->writer;
}

struct notifiers *
app_board_notifiers(const struct app_board *b)
{
	return b->notifiers;
}
