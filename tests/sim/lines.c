/* lines - what the planned messages write into a Postfix log, in time order
 *
 * Every line of every message is a step with its time; all are sorted, then
 * written.
 */
#include "tests/sim/line_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/gen_text.h"
#include "tests/sim/fate.h"

static struct {
	const struct world *w;
	const struct lines_options *o;
	struct line *v;
	size_t n, max;
} out;

static void
add(int64_t at, size_t message, enum step step, unsigned recipient)
{
	if (out.n == out.max) {
		out.max = out.max * 2 + 4096;
		out.v = realloc(out.v, out.max * sizeof(*out.v));
		if (out.v == NULL)
			abort();
	}
	out.v[out.n++] = (struct line){.at = at,
	    .message = (uint32_t)message,
	    .step = (uint16_t)step,
	    .recipient = (uint16_t)recipient};
}

static void
plan_bounce(int64_t at, size_t message)
{
	/* A relay tells later; what it tells comes in as mail. */
	if (out.o->hop == HOP_SMARTHOST)
		at += 90 * SECOND;
	add(at + 4, message, STEP_BOUNCE, 0);
	add(at + 5, message, STEP_BOUNCE_ID, 0);
	add(at + 7, message, STEP_BOUNCE_ACTIVE, 0);
	add(at + 60, message, STEP_BOUNCE_DELIVERED, 0);
	add(at + 62, message, STEP_BOUNCE_REMOVED, 0);
}

/* What was put off is tried again, all at once, when the last may be. */
static int64_t
plan_again(size_t message, int64_t again, const uint16_t *late, unsigned n)
{
	int64_t at = again;

	add(at, message, STEP_AGAIN, 0);
	for (unsigned i = 0; i < n; i++)
		add(at += 100, message, STEP_DELIVERED, late[i]);
	return at;
}

/* From the queue to the end. */
static void
plan_deliveries(const struct message *m, size_t message, int64_t at)
{
	int64_t last = at, again = 0;
	uint16_t late[RECIPIENTS_MAX];
	unsigned n_late = 0;
	bool has_bounce = false;

	for (unsigned i = 0; i < m->n; i++) {
		struct fate f;

		last +=
		    20 +
		    (int64_t)(rng_mix(out.w->seed + message * 1000 + i) % 300);
		f = fate_of(out.w, m, i, last);
		has_bounce |= f.end != FATE_SENT;
		if (f.wait == FATE_NOW || out.o->hop == HOP_SMARTHOST) {
			add(last, message, STEP_DELIVERED, i);
			continue;
		}
		add(last, message, STEP_DEFERRED, i);
		late[n_late++] = (uint16_t)i;
		if (f.again > again)
			again = f.again;
	}
	if (n_late > 0)
		last = plan_again(message, again > last ? again : last + MINUTE,
		    late, n_late);
	if (has_bounce && m->way == WAY_SUBMISSION)
		plan_bounce(last, message);
	add(last + 20, message, STEP_REMOVED, 0);
}

static void
plan_message(const struct message *m, size_t i)
{
	int64_t at = m->at;

	if (m->way == WAY_AUTOREPLY || m->way == WAY_LOCAL) {
		add(at, i, STEP_PICKUP, 0);
	} else {
		add(at - 300, i, STEP_CONNECT, 0);
		add(at, i, m->way == WAY_FAILED ? STEP_FAILED : STEP_CLIENT, 0);
	}
	if (m->way == WAY_FAILED) {
		add(at + 900, i, STEP_DISCONNECT, 0);
		return;
	}
	at += 10 * m->n;
	if (m->way == WAY_ABORTED) {
		add(at + 3000, i, STEP_LOST, 0);
		add(at + 3001, i, STEP_DISCONNECT, 0);
		return;
	}
	add(at + 120, i, STEP_MESSAGE_ID, 0);
	if (m->way == WAY_FILTERED) {
		add(at + 260, i, STEP_MILTER, 0);
		add(at + 300, i, STEP_DISCONNECT, 0);
		return;
	}
	add(at + 200, i, STEP_ACTIVE, 0);
	if (m->way != WAY_AUTOREPLY && m->way != WAY_LOCAL)
		add(at + 260, i, STEP_DISCONNECT, 0);
	at += 500;
	if (out.o->hop == HOP_FILTER || out.o->hop == HOP_TIER) {
		add(at, i, STEP_BACK_CLIENT, 0);
		add(at + 10, i, STEP_BACK_ID, 0);
		add(at + 20, i, STEP_BACK_ACTIVE, 0);
		for (unsigned k = 0; k < m->n; k++)
			add(at + 30, i, STEP_TO_FILTER, k);
		add(at + 40, i, STEP_REMOVED_FIRST, 0);
		at += 100;
	}
	plan_deliveries(m, i, at);
}

static int
by_time(const void *va, const void *vb)
{
	const struct line *a = va, *b = vb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->message != b->message)
		return a->message < b->message ? -1 : 1;
	return a->step != b->step ? a->step - b->step
				  : a->recipient - b->recipient;
}

void
lines_write(const struct world *w, const struct lines_options *o)
{
	out.w = w;
	out.o = o;
	for (size_t i = 0; i < w->n_messages; i++)
		plan_message(&w->messages[i], i);
	qsort(out.v, out.n, sizeof(*out.v), by_time);
	text_use_rfc3339();
	for (size_t i = 0; i < out.n; i++)
		line_write(w, o, &out.v[i]);
	text_flush(true);
	free(out.v);
	out.v = NULL;
	out.n = out.max = 0;
}

void
lines_time(const struct lines_options *o, int64_t at, char text[32])
{
	time_t t = (time_t)(o->start + at / SECOND);
	struct tm tm;
	size_t n;

	gmtime_r(&t, &tm);
	n = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, 32 - n, ".%03uZ", (unsigned)(at % SECOND));
}
