/* app_cases_evidence - a case copies what it stands on
 *
 * On the node that judged, a moment after the case opened, so that the log has
 * told what became of the messages. One step a turn; when very many are
 * stopped at once (a storm, an order about a list), the others wait, and when
 * too many wait the rest goes without: what was counted is in the opening.
 */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_cases.h"
#include "daemon/app_complaints.h"
#include "daemon/app_state.h"
#include "daemon/case_lines.h"
#include "daemon/log_ring.h"
#include "daemon/named.h"
#include "daemon/rule_text.h"
#include "daemon/samples.h"
#include "limits/evidence.h"
#include "notify/case_piece.h"
#include "limits/sanction_event.h"

enum {
	WAITING_MAX = 4096,
	WAIT_US = 3 * 1000 * 1000,
	PAUSE_US = 20 * 1000, /* between cases */
	LINES_A_TURN = 500,   /* looked at */
	LINES_FILED = 16,     /* a turn: each is written twice */
	LOG_BYTES = 20 * 1024,
	COMPLAINTS = 16,
	EVENTS_MAX = 14, /* of a case and node */
	CROWD = 100,	 /* so many wait: they go without their lines */
	EVENTS_IN_CROWD = 5,
	MINUTES = 60,
	HOUR = 3600,
	DAY = 24 * HOUR,
};

struct waiting {
	char cause[33];
	int64_t due_us;
};

struct app_evidence {
	struct app *app;
	struct log_ring *ring;
	struct loop_timer *timer;
	struct waiting queue[WAITING_MAX];
	size_t first, n;
	unsigned skipped; /* since it had room */
	/* The case that is being filed. */
	const struct filing_step *step;
	struct case_head head;
	struct case_piece piece;
	struct case_lines lines;
	bool is_crowd;
	uint64_t at; /* in the ring, then in the lines found there */
	char log[LOG_BYTES];
};

/* One with has_more goes on, turn after turn, as long as that is true; it moves
 * e->at on from 0. */
struct filing_step {
	void (*run)(struct app_evidence *e);
	bool (*has_more)(struct app_evidence *e); /* NULL: one turn */
};

static int64_t
now_of(const struct app_evidence *e)
{
	return loop_now_us(e->app->loop) / TIME_US;
}

static void
emit(void *ctx, struct event *event)
{
	struct app_evidence *e = ctx;

	app_cases_say(e->app, event);
}

static struct subject *
subject_of(const struct app_evidence *e)
{
	return ledger_find(pipeline_ledger(e->app->pipeline), SUBJECT_ACCOUNT,
	    str_from(e->head.account));
}

static void
file_place(struct app_evidence *e)
{
	const struct settings *s = e->app->settings;
	char buf[3072], words[1024], label[256];
	struct json_out j;
	struct text t, rule, host;

	text_init(&host, label, sizeof(label));
	app_label(e->app, &host);
	text_init(&rule, words, sizeof(words));
	rule_text_print(s->rules, str_from(e->head.rule), true, &rule);
	text_init(&t, buf, sizeof(buf));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "host", text_view(&host));
	json_str(&j, "version", STR(OUTPOST_VERSION));
	json_str(&j, "config", str_from(e->head.config));
	json_str(&j, "rule_text", text_view(&rule));
	json_close(&j);
	if (!t.is_cut)
		case_piece_put(&e->piece, "place", text_view(&t));
}

static void
put_bars(struct app_evidence *e, struct subject *s, struct json_out *j)
{
	uint64_t v[MINUTES];

	subject_series(pipeline_ledger(e->app->pipeline), s, COUNT_RECIPIENTS,
	    60, v, MINUTES);
	json_open_array(j, "bars");
	for (size_t i = 0; i < MINUTES; i++)
		json_i64(j, NULL, (int64_t)v[i]);
	json_close_array(j);
	json_time(j, "bars_end", ledger_now(pipeline_ledger(e->app->pipeline)));
	json_i64(j, "bar_seconds", 60);
}

static void
put_counts(struct app_evidence *e, struct subject *s, struct json_out *j)
{
	struct ledger *l = pipeline_ledger(e->app->pipeline);

	json_open_array(j, "counts");
	for (enum count c = 0; c < COUNTS; c++) {
		int64_t week = (int64_t)subject_sum(l, s, c, 7 * DAY);

		if (week == 0)
			continue;
		json_open(j, NULL);
		json_str(j, "name", str_from(count_text(c)));
		json_i64(j, "hour", (int64_t)subject_sum(l, s, c, HOUR));
		json_i64(j, "day", (int64_t)subject_sum(l, s, c, DAY));
		json_i64(j, "week", week);
		json_close(j);
	}
	json_close_array(j);
}

/* What left since the evidence began. */
static int64_t
leaked(struct app_evidence *e, struct subject *s)
{
	struct ledger *l = pipeline_ledger(e->app->pipeline);
	int64_t window = ledger_now(l) - e->head.began;

	if (e->head.began == 0 || window <= 0)
		return 0;
	return (int64_t)subject_sum(l, s, COUNT_RECIPIENTS, window);
}

static void
file_counts(struct app_evidence *e)
{
	struct subject *s = subject_of(e);
	char buf[5000];
	struct json_out j;
	struct text t;

	if (!s)
		return;
	text_init(&t, buf, sizeof(buf));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_i64(&j, "leaked", leaked(e, s));
	put_bars(e, s, &j);
	put_counts(e, s, &j);
	json_close(&j);
	if (!t.is_cut)
		case_piece_put(&e->piece, "counts", text_view(&t));
}

static void
country_of(struct app_evidence *e, const struct ip *ip, struct geo_country *out)
{
	if (!app_geo_country(e->app->geo, ip, out))
		*out = (struct geo_country){"", ""};
}

static void
file_message(struct app_evidence *e, const struct sample *s)
{
	char client[64], buf[3072];
	struct geo_country country;
	struct case_message m = {.at = s->at,
	    .instance = s->instance,
	    .queue_id = s->queue_id,
	    .sender = s->sender,
	    .size_bytes = (int64_t)s->size_bytes,
	    .recipients = s->recipients};
	struct text t;

	text_init(&t, client, sizeof(client));
	if (!ip_is_none(&s->client))
		ip_format(&t, &s->client);
	country_of(e, &s->client, &country);
	m.client = client;
	m.country = country.code;
	m.country_name = country.name;
	for (size_t i = 0; i < s->n_named && m.n_to < CASE_NAMED; i++)
		m.to[m.n_to++] = s->named[i];
	text_init(&t, buf, sizeof(buf));
	case_piece_message(&m, &t);
	if (!t.is_cut)
		case_piece_add(&e->piece, text_view(&t));
}

static void
file_messages(struct app_evidence *e)
{
	const struct sample *v[SAMPLES];
	size_t n = samples_list(e->app->samples, str_from(e->head.account), v);

	case_piece_begin(&e->piece, "messages");
	for (size_t i = 0; i < n; i++)
		file_message(e, v[i]);
	case_piece_end(&e->piece);
}

static void
file_network(struct app_evidence *e, const struct subject_network *n,
    const struct evidence *known)
{
	/* Without a beginning: what was used in the last hour. */
	int64_t began =
	    e->head.began > 0 ? e->head.began : e->head.since - HOUR;
	struct geo_country country;
	struct case_network out = {.net = n->net,
	    .first_seen = n->first_seen,
	    .last_seen = n->last_seen,
	    .is_known = evidence_knows(known, &n->net.ip),
	    .is_in_evidence = n->last_seen >= began};
	char buf[512];
	struct text t;

	country_of(e, &n->net.ip, &country);
	out.country = country.code;
	out.country_name = country.name;
	text_init(&t, buf, sizeof(buf));
	case_piece_network(&out, &t);
	case_piece_add(&e->piece, text_view(&t));
}

static void
file_networks(struct app_evidence *e)
{
	struct subject_network v[SUBJECT_NETWORKS];
	struct standing_state state;
	struct evidence known;
	struct subject *s = subject_of(e);
	size_t n = s ? subject_networks(s, v) : 0;

	standings_get(pipeline_standings(e->app->pipeline), SUBJECT_ACCOUNT,
	    str_from(e->head.account), now_of(e), &state);
	evidence_parse(state.json, &known);
	case_piece_begin(&e->piece, "networks");
	for (size_t i = 0; i < n; i++)
		file_network(e, &v[i], &known);
	case_piece_end(&e->piece);
}

static const char *
keep(char *buf, size_t size, struct str s)
{
	struct text t;

	text_init(&t, buf, size);
	text_str(&t, s);
	return buf;
}

static void
file_complaint(struct app_evidence *e, const struct noted *n)
{
	static char provider[64], kind[32], subject[256], id[256], from[256];
	char buf[2048];
	struct text t;
	struct case_complaint c = {
	    .at = n->message_at,
	    .provider = keep(provider, sizeof(provider), n->v[NOTED_PROVIDER]),
	    .kind = keep(kind, sizeof(kind), n->v[NOTED_TYPE]),
	    .subject = keep(subject, sizeof(subject), n->v[NOTED_SUBJECT]),
	    .message_id = keep(id, sizeof(id), n->v[NOTED_MESSAGE_ID]),
	    .header = keep(from, sizeof(from), n->v[NOTED_FROM]),
	};

	text_init(&t, buf, sizeof(buf));
	case_piece_complaint(&c, &t);
	if (!t.is_cut)
		case_piece_add(&e->piece, text_view(&t));
}

static void
file_complaints(struct app_evidence *e)
{
	struct noted v[COMPLAINTS];
	size_t n = app_complaints_of(app_fbl_complaints(e->app->fbl),
	    str_from(e->head.account), v, COMPLAINTS);

	case_piece_begin(&e->piece, "complaints");
	for (size_t i = 0; i < n; i++)
		file_complaint(e, &v[i]);
	case_piece_end(&e->piece);
}

static void
begin_lines(struct app_evidence *e)
{
	const struct sample *v[SAMPLES];
	size_t n = samples_list(e->app->samples, str_from(e->head.account), v);

	e->lines = (struct case_lines){.account = e->head.account};
	text_init(&e->lines.out, e->log, sizeof(e->log));
	for (size_t i = 0; i < n; i++)
		case_lines_add_id(&e->lines, str_from(v[i]->queue_id));
}

static bool
look_at_lines(struct app_evidence *e)
{
	return !e->is_crowd && log_ring_walk(e->ring, &e->at, LINES_A_TURN,
				   case_lines_look, &e->lines);
}

static void
begin_filing_lines(struct app_evidence *e)
{
	case_piece_begin(&e->piece, "log");
}

/* false: there may be no more. */
static bool
file_line(struct app_evidence *e, struct str line)
{
	static char buf[EVENT_EVIDENCE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	case_piece_line(line, &t);
	return t.is_cut || case_piece_add(&e->piece, text_view(&t));
}

static bool
file_lines(struct app_evidence *e)
{
	struct str all = text_view(&e->lines.out), line;
	struct str rest = str_skip(all, e->at);
	bool has_more = true;

	for (int i = 0; i < LINES_FILED && has_more; i++)
		has_more = str_cut(&rest, '\n', &line) && file_line(e, line);
	e->at = all.n - rest.n;
	if (!has_more)
		case_piece_end(&e->piece);
	return has_more;
}

static const struct filing_step steps[] = {
    {file_place, NULL},
    {file_counts, NULL},
    {file_networks, NULL},
    {file_messages, NULL},
    {file_complaints, NULL},
    {begin_lines, look_at_lines},
    {begin_filing_lines, file_lines},
    {NULL, NULL},
};

/* The next that waits, if its time has come. */
static bool
begin_next(struct app_evidence *e)
{
	struct waiting *w = &e->queue[e->first];
	const struct case_head *head;

	if (e->n == 0)
		return false;
	if (w->due_us > loop_now_us(e->app->loop)) {
		loop_timer_in(e->timer, w->due_us - loop_now_us(e->app->loop));
		return false;
	}
	head = cases_get(app_cases_store(e->app->cases), w->cause);
	e->first = (e->first + 1) % WAITING_MAX;
	e->n--;
	if (!head)
		return true;
	e->head = *head;
	e->is_crowd = e->n > CROWD;
	e->piece = (struct case_piece){.about = &e->head,
	    .emit = emit,
	    .ctx = e,
	    .max = e->is_crowd ? EVENTS_IN_CROWD : EVENTS_MAX};
	e->at = 0; /* of the case before */
	e->step = steps;
	return true;
}

/* A turn's part of it; false: it is done. */
static bool
run_step(struct app_evidence *e)
{
	if (e->at == 0)
		e->step->run(e);
	return e->step->has_more && e->step->has_more(e);
}

static void
on_step(void *ctx)
{
	struct app_evidence *e = ctx;

	if (!e->step && !begin_next(e))
		return;
	if (!e->step || !e->step->run) {
		e->step = NULL;
		loop_timer_in(e->timer, PAUSE_US);
		return;
	}
	if (!run_step(e)) {
		e->step++;
		e->at = 0;
	}
	loop_timer_work(e->timer);
}

struct app_evidence *
app_evidence_new(struct app *a)
{
	struct app_evidence *e = xalloc(1, sizeof(*e));
	const struct notify_settings *s = &a->settings->notify;

	e->app = a;
	e->ring = s->cases ? log_ring_new((size_t)s->case_log) : NULL;
	app_evidence_tick(e);
	e->timer = loop_timer_new(a->loop, on_step, e);
	return e;
}

void
app_evidence_free(struct app_evidence **ep)
{
	struct app_evidence *e = *ep;

	if (!e)
		return;
	*ep = NULL;
	log_ring_free(&e->ring);
	loop_timer_free(&e->timer);
	free(e);
}

void
app_evidence_line(struct app_evidence *e, struct str line)
{
	log_ring_add(e->ring, line);
}

void
app_evidence_tick(struct app_evidence *e)
{
	log_ring_tick(
	    e->ring, now_of(e), e->app->settings->notify.case_log_for);
}

static bool
is_named(void *ctx, struct str line)
{
	return named_in(line, *(struct str *)ctx);
}

size_t
app_evidence_forget(struct app_evidence *e, struct str account)
{
	return log_ring_blot(e->ring, is_named, &account);
}

void
app_evidence_file(struct app_evidence *e, const struct case_head *head)
{
	struct waiting *w;

	if (e->n == WAITING_MAX) {
		e->skipped++;
		return;
	}
	w = &e->queue[(e->first + e->n) % WAITING_MAX];
	memcpy(w->cause, head->cause, sizeof(w->cause));
	w->due_us = loop_now_us(e->app->loop) + WAIT_US;
	if (e->n++ == 0 && !e->step)
		loop_timer_in(e->timer, WAIT_US);
}
