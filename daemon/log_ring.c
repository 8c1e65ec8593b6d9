/* log_ring - the last lines of the log, as they were */
#include "daemon/log_ring.h"

#include <stdlib.h>

#include "base/error.h"

/* Two halves: lines are appended to one, and the other, older one, is emptied
 * when it is full. So no line is ever cut. */
enum { HALVES = 2, LINE_MAX = 64 * 1024 };

struct half {
	char *p;
	size_t n;
	uint64_t from;	     /* of all bytes ever: where it begins */
	int64_t first, last; /* when lines came */
};

struct log_ring {
	struct half halves[HALVES];
	size_t cap;
	unsigned now;
	int64_t time;
};

struct log_ring *
log_ring_new(size_t bytes)
{
	struct log_ring *r;

	if (bytes == 0)
		return NULL;
	r = xalloc(1, sizeof(*r));
	r->cap = bytes / HALVES > LINE_MAX ? bytes / HALVES : LINE_MAX;
	for (int i = 0; i < HALVES; i++)
		r->halves[i].p = xalloc(r->cap, 1);
	return r;
}

void
log_ring_free(struct log_ring **rp)
{
	struct log_ring *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	for (int i = 0; i < HALVES; i++)
		free(r->halves[i].p);
	free(r);
}

/* The older half is emptied, and is the new one. */
static struct half *
turn(struct log_ring *r)
{
	struct half *h = &r->halves[r->now];
	uint64_t from = h->from + h->n;

	r->now ^= 1;
	h = &r->halves[r->now];
	h->n = 0;
	h->from = from;
	return h;
}

void
log_ring_add(struct log_ring *r, struct str line)
{
	struct half *h;

	if (!r || line.n == 0 || line.n >= LINE_MAX)
		return;
	h = &r->halves[r->now];
	if (h->n + line.n + 1 > r->cap)
		h = turn(r);
	if (h->n == 0)
		h->first = r->time;
	h->last = r->time;
	memcpy(h->p + h->n, line.p, line.n);
	h->p[h->n + line.n] = '\n';
	h->n += line.n + 1;
}

/* A half takes lines for half of the time, and stays for as long. */
void
log_ring_tick(struct log_ring *r, int64_t now, int64_t keep)
{
	struct half *old;

	if (!r)
		return;
	r->time = now;
	if (r->halves[r->now].n > 0 &&
	    now - r->halves[r->now].first >= (keep + 1) / 2)
		turn(r);
	old = &r->halves[r->now ^ 1];
	if (old->n > 0 && now - old->last >= (keep + 1) / 2)
		old->n = 0;
}

static bool
walk_half(const struct half *h, uint64_t *at, size_t *max, log_ring_fn *each,
    void *ctx)
{
	size_t i = *at > h->from ? (size_t)(*at - h->from) : 0;

	while (i<h->n && * max> 0) {
		const char *line = h->p + i;
		const char *end = memchr(line, '\n', h->n - i);
		size_t n = (size_t)(end - line);

		each(ctx, str_make(line, n));
		i += n + 1;
		--*max;
	}
	*at = h->from + i;
	return i < h->n;
}

bool
log_ring_walk(const struct log_ring *r, uint64_t *at, size_t max,
    log_ring_fn *each, void *ctx)
{
	if (!r)
		return false;
	const struct half *old = &r->halves[r->now ^ 1];
	const struct half *now = &r->halves[r->now];

	if (*at < old->from + old->n && walk_half(old, at, &max, each, ctx))
		return true;
	return walk_half(now, at, &max, each, ctx);
}

static size_t
blot_half(struct half *h, log_ring_is_fn *is, void *ctx)
{
	size_t blotted = 0;

	for (size_t i = 0, n; i < h->n; i += n + 1) {
		char *line = h->p + i;

		n = (size_t)((char *)memchr(line, '\n', h->n - i) - line);
		if (!is(ctx, str_make(line, n)))
			continue;
		memset(line, '-', n);
		blotted++;
	}
	return blotted;
}

size_t
log_ring_blot(struct log_ring *r, log_ring_is_fn *is, void *ctx)
{
	size_t n = 0;

	for (int i = 0; r && i < HALVES; i++)
		n += blot_half(&r->halves[i], is, ctx);
	return n;
}
