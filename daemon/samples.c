/* samples - the last messages of each account */
#include "daemon/samples.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"
#include "base/text.h"

enum sender_list { LIST_LATEST, LIST_KEPT, LISTS };

struct sender {
	struct sender *older, *newer;
	enum sender_list list;
	char *account;
	struct sample v[SAMPLES];
	size_t n; /* counts on */
};

struct samples {
	struct map by_account;
	struct {
		struct sender *oldest, *newest;
		size_t n;
	} lists[LISTS];
	size_t max;
	struct sender *last; /* facts of one account come in a row */
};

struct samples *
samples_new(size_t max)
{
	struct samples *s = xalloc(1, sizeof(*s));

	map_init(&s->by_account);
	s->max = max;
	return s;
}

static void
take_out(struct samples *s, struct sender *x)
{
	*(x->older ? &x->older->newer : &s->lists[x->list].oldest) = x->newer;
	*(x->newer ? &x->newer->older : &s->lists[x->list].newest) = x->older;
	s->lists[x->list].n--;
}

static void
put_newest(struct samples *s, struct sender *x)
{
	struct sender *before = s->lists[x->list].newest;

	x->older = before;
	x->newer = NULL;
	*(before ? &before->newer : &s->lists[x->list].oldest) = x;
	s->lists[x->list].newest = x;
	s->lists[x->list].n++;
}

static void
forget(struct samples *s, struct sender *x)
{
	take_out(s, x);
	map_remove(&s->by_account, str_from(x->account));
	if (s->last == x)
		s->last = NULL;
	free(x->account);
	free(x);
}

void
samples_free(struct samples **sp)
{
	struct samples *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	for (size_t i = 0; i < LISTS; i++) {
		while (s->lists[i].oldest)
			forget(s, s->lists[i].oldest);
	}
	map_done(&s->by_account);
	free(s);
}

static struct sender *
find(struct samples *s, struct str account)
{
	if (!s->last || !str_is(str_from(s->last->account), account))
		s->last = map_find(&s->by_account, account);
	return s->last;
}

static struct sender *
get(struct samples *s, struct str account)
{
	struct sender *x = find(s, account);

	if (x) {
		if (x->newer) {
			take_out(s, x);
			put_newest(s, x);
		}
		return x;
	}
	if (s->lists[LIST_LATEST].n >= s->max)
		forget(s, s->lists[LIST_LATEST].oldest);
	x = xalloc(1, sizeof(*x));
	x->account = str_dup(account);
	map_put(&s->by_account, str_from(x->account), x);
	put_newest(s, x);
	s->last = x;
	return x;
}

static void
copy(char *to, size_t size, struct str s)
{
	struct text t;

	text_init(&t, to, size);
	text_str(&t, s);
}

static void
add_message(struct sender *x, const struct fact *f)
{
	struct sample *m = &x->v[x->n++ % SAMPLES];

	m->at = f->at;
	m->client = f->client;
	m->size_bytes = f->size_bytes;
	m->recipients = m->tried = m->n_named = 0;
	copy(m->instance, sizeof(m->instance), f->instance);
	copy(m->queue_id, sizeof(m->queue_id), f->queue_id);
	copy(m->sender, sizeof(m->sender), f->sender);
}

static void
add_recipient(struct sample *m, const struct fact *f)
{
	m->tried++;
	if (m->recipients < m->tried)
		m->recipients = m->tried;
	if (m->n_named < SAMPLE_NAMED)
		copy(m->named[m->n_named++], SAMPLE_ADDRESS, f->recipient);
}

/* A message that is still there; the newest first: ids are used again. */
static struct sample *
find_message(struct sender *x, struct str queue_id)
{
	size_t n = x->n < SAMPLES ? x->n : SAMPLES;

	for (size_t i = 1; i <= n; i++) {
		struct sample *m = &x->v[(x->n - i) % SAMPLES];

		if (str_is(str_from(m->queue_id), queue_id))
			return m;
	}
	return NULL;
}

void
samples_fact(struct samples *s, const struct fact *f)
{
	struct sender *x;
	struct sample *m;

	if (f->account.n == 0 || f->queue_id.n == 0)
		return;
	if (f->kind == FACT_ACCEPTED) {
		add_message(get(s, f->account), f);
		return;
	}
	if ((f->kind != FACT_RECIPIENT && f->kind != FACT_PENDING) ||
	    !(x = find(s, f->account)) || !(m = find_message(x, f->queue_id)))
		return;
	if (f->kind == FACT_RECIPIENT)
		add_recipient(m, f);
	else if (f->n > 0)
		m->recipients += (uint32_t)f->n;
}

void
samples_keep(struct samples *s, struct str account)
{
	struct sender *x = find(s, account);

	if (!x)
		return;
	take_out(s, x);
	x->list = LIST_KEPT;
	put_newest(s, x);
	if (s->lists[LIST_KEPT].n > s->max)
		forget(s, s->lists[LIST_KEPT].oldest);
}

size_t
samples_list(const struct samples *s, struct str account,
    const struct sample *out[SAMPLES])
{
	const struct sender *x = map_find(&s->by_account, account);
	size_t n = !x ? 0 : x->n < SAMPLES ? x->n : SAMPLES;

	for (size_t i = 0; i < n; i++)
		out[i] = &x->v[(x->n - n + i) % SAMPLES];
	return n;
}

void
samples_forget(struct samples *s, struct str account)
{
	struct sender *x = map_find(&s->by_account, account);

	if (x)
		forget(s, x);
}
