/* app_admission - policy answers that wait for the other nodes' counts
 *
 * A request is answered from memory while its subjects are far from their
 * limits. It waits for the board (write what it asks for, then read) when one
 * of them
 *  - is in the last fifth of a limit, as far as this node knows;
 *  - has had, since the last page of it that Redis is known to have, as much
 *    admitted here as is this node's share of a fifth of its smallest limit: so
 * all nodes together can never have admitted more than that fifth without each
 * other's knowing;
 *  - was not read lately.
 * At a quarter of that share the page is posted without waiting, so that in a
 * storm on all nodes they pass a limit by a few hundredths at most.
 * After 50 ms the local view decides. What waits is part of the page that is
 * posted for it, so that of two nodes one at least sees the other's.
 */
#include <stdlib.h>

#include "base/map.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "ledger/board.h"

enum {
	WAIT_MS = 50,
	FRESH = 10, /* seconds */
	FRESH_OVER = 1,
	WAITING_MAX = 512,
	SUBJECTS = 8,
};

/* The subject's name, for the ledger may drop it meanwhile. */
struct waiting_for {
	enum subject_kind kind;
	uint64_t hash;
};

struct app_waiting {
	struct app_waiting *next, **at;
	struct app *app;
	loop_fn *done;
	void *ctx;
	struct waiting_for v[SUBJECTS];
	size_t n;	/* that it asks for more of */
	size_t n_reads; /* under way */
	bool is_late;
	int64_t recipients, messages;
};

static struct waiting_for
name_of(enum subject_kind kind, struct str key)
{
	return (struct waiting_for){kind, map_hash(key)};
}

void
app_admission_count(struct app *a, enum subject_kind kind, struct str key,
    int64_t *recipients, int64_t *messages)
{
	struct waiting_for name = name_of(kind, key);

	pipeline_admitted(a->pipeline, kind, key, recipients, messages);
	for (const struct app_waiting *w = a->waiting; w; w = w->next) {
		for (size_t i = 0; i < w->n; i++) {
			if (w->v[i].kind != kind || w->v[i].hash != name.hash)
				continue;
			*recipients += w->recipients;
			*messages += w->messages;
		}
	}
}

static bool
must_sync(struct app *a, const struct pipeline_asked *s, int64_t recipients)
{
	struct board *b = app_board_of(a->board);
	uint64_t share = s->least / (5 * board_alive(b));
	uint64_t unposted = board_unposted(b, s->subject);
	int64_t age = board_read_ago(b, s->subject);

	if (s->is_over) /* it is refused, unless that is over */
		return age > FRESH_OVER;
	if (s->is_near || age > FRESH ||
	    unposted + (uint64_t)recipients > share)
		return true;
	if (board_unsent(b, s->subject) > share / 4)
		board_post_now(b, s->subject);
	return false;
}

static void
on_read(void *ctx, bool is_fresh)
{
	struct app_waiting *w = ctx;

	w->is_late |= !is_fresh;
	if (--w->n_reads > 0)
		return;
	metric_add(metrics_get(METRICS_POLICY_SYNCED), 1);
	metric_add(metrics_get(METRICS_POLICY_UNSYNCED), w->is_late);
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	w->app->n_waiting--;
	w->done(w->ctx);
	free(w);
}

static struct app_waiting *
add_waiting(struct app *a, const struct pipeline_ask *ask, loop_fn *done,
    void *done_ctx)
{
	struct app_waiting *w = xalloc(1, sizeof(*w));

	w->app = a;
	w->done = done;
	w->ctx = done_ctx;
	w->recipients = ask->recipients;
	w->messages = ask->messages;
	for (size_t i = 0; i < ask->n && w->n < SUBJECTS; i++)
		w->v[w->n++] = name_of(subject_kind(ask->v[i].subject),
		    subject_key(ask->v[i].subject));
	w->next = a->waiting;
	if (w->next)
		w->next->at = &w->next;
	w->at = &a->waiting;
	a->waiting = w;
	a->n_waiting++;
	return w;
}

bool
app_admission_wait(
    void *ctx, const struct policy_request *q, loop_fn *done, void *done_ctx)
{
	struct app *a = ctx;
	struct board *b = app_board_of(a->board);
	struct app_waiting *w = NULL;
	struct pipeline_ask ask;

	if (!b || !board_can_sync(b) || a->n_waiting >= WAITING_MAX)
		return false;
	pipeline_foresee(a->pipeline, q, &ask);
	for (size_t i = 0; i < ask.n; i++) {
		if (!must_sync(a, &ask.v[i], ask.recipients))
			continue;
		if (!w)
			w = add_waiting(a, &ask, done, done_ctx);
		w->n_reads++;
		board_sync(b, ask.v[i].subject, WAIT_MS, on_read, w);
	}
	return w != NULL;
}

void
app_admission_admitted(
    void *ctx, const struct admission_subject *v, size_t n, int64_t recipients)
{
	struct app *a = ctx;
	struct board *b = app_board_of(a->board);
	struct ledger *l = pipeline_ledger(a->pipeline);

	if (!b || board_is_alone(b))
		return;
	for (size_t i = 0; i < n; i++) {
		struct subject *s = ledger_find(l, v[i].kind, v[i].key);

		if (s && pipeline_asks(a->pipeline, v[i].kind))
			board_admitted(b, s, recipients);
	}
}
