/* series - what the providers answered to our addresses, over time */
#include <stdlib.h>

#include "reputation/series_parts.h"

enum { GONE_MAX = 16 << 20, MINUTES = 300, HOUR = 3600, DAY = 86400 };

const struct series_step series_steps[SERIES_TIERS] = {
    {MINUTES, 0, SERIES_SLOTS_MINUTES},
    {HOUR, SERIES_SLOTS_MINUTES, SERIES_SLOTS_HOURS},
    {DAY, SERIES_SLOTS_MINUTES + SERIES_SLOTS_HOURS, SERIES_SLOTS_DAYS},
};

/* Seconds; the last class is all that took longer. */
static const int64_t delays[SERIES_DELAYS] = {
    1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400, 43200, 5 * DAY};

const char *
series_count_text(enum series_count c)
{
	static const char *const texts[] = {
#define SERIES(NAME, text, help) text,
#include "reputation/series_counts.def"
#undef SERIES
	};

	if (c < SERIES_CLASS)
		return texts[c];
	return reply_class_text((enum reply_class)(c - SERIES_CLASS));
}

struct series *
series_new(size_t max)
{
	struct series *s = xalloc(1, sizeof(*s));

	s->max = max;
	map_init(&s->map);
	text_grow(&s->gone_unsaved, GONE_MAX);
	text_grow(&s->gone_unfolded, GONE_MAX);
	return s;
}

static void
drop_refs(struct series_refs *refs, const struct series_pair *p)
{
	size_t n = 0;

	for (size_t i = 0; i < refs->n; i++) {
		if (refs->v[i].pair != p)
			refs->v[n++] = refs->v[i];
	}
	refs->n = n;
}

void
series_remove(struct series *s, struct series_pair *p)
{
	struct series_pair **at = &s->pairs;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	drop_refs(&s->unsaved, p);
	drop_refs(&s->unfolded, p);
	map_remove(&s->map, str_make(p->name, p->n));
	for (size_t i = 0; i < SERIES_SLOTS; i++)
		free(p->slots[i]);
	free(p);
}

void
series_free(struct series **sp)
{
	struct series *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	while (s->pairs)
		series_remove(s, s->pairs);
	map_done(&s->map);
	free(s->unsaved.v);
	free(s->unfolded.v);
	text_done(&s->gone_unsaved);
	text_done(&s->gone_unfolded);
	free(s);
}

static void
make_room(struct series *s, size_t most)
{
	while (s->map.n > most) {
		struct series_pair *oldest = s->pairs;

		for (struct series_pair *p = s->pairs; p; p = p->next) {
			if (p->last < oldest->last)
				oldest = p;
		}
		series_gone(s, oldest);
		series_remove(s, oldest);
	}
}

size_t
series_pairs(const struct series *s)
{
	return s->map.n;
}

void
series_set_max(struct series *s, size_t max)
{
	s->max = max;
	make_room(s, max);
}

struct series_pair *
series_get(struct series *s, struct str name, int64_t at)
{
	struct series_pair *p = map_find(&s->map, name);
	ptrdiff_t blank = str_find(name, STR(" "));

	if (p || blank <= 0 || name.n > SERIES_KEY)
		return p;
	if (s->max > 0)
		make_room(s, s->max - 1);
	p = xalloc(1, sizeof(*p));
	memcpy(p->name, name.p, name.n);
	p->n = name.n;
	p->ip_n = (size_t)blank;
	p->last = at;
	p->next = s->pairs;
	s->pairs = p;
	map_put(&s->map, str_make(p->name, p->n), p);
	return p;
}

struct series_bucket *
series_bucket(
    struct series_pair *p, enum series_tier tier, int64_t at, size_t *slot)
{
	const struct series_step *step = &series_steps[tier];
	int64_t start = at - at % step->seconds;

	*slot = step->first + (size_t)(start / step->seconds) % step->n;
	struct series_bucket *b = p->slots[*slot];

	if (!b) {
		b = p->slots[*slot] = xalloc(1, sizeof(*b));
		b->start = start;
	}
	if (b->start > start)
		return NULL;
	if (b->start < start) {
		b->start = start;
		memset(b->v, 0, sizeof(b->v));
	}
	return b;
}

/* A name stands in a key and in a list: no blanks, nothing that is invisible.
 */
static void
put_name(struct text *t, struct str s, size_t max)
{
	for (size_t i = 0; i < s.n && i < max - 1; i++) {
		unsigned char c = (unsigned char)s.p[i];

		text_char(t, c <= ' ' || c >= 0x7f ? '_' : (char)c);
	}
}

static void
raise(uint32_t *v, uint32_t n)
{
	*v = *v > UINT32_MAX - n ? UINT32_MAX : *v + n;
}

static size_t
delay_class(int64_t delay_ms)
{
	size_t i = 0;

	while (i < SERIES_DELAYS - 1 && delay_ms > delays[i] * 1000)
		i++;
	return i;
}

static void
count(struct series_bucket *b, const struct series_note *n)
{
	raise(&b->v[n->what], n->n);
	if (n->what == SERIES_COMPLAINTS)
		return;
	raise(&b->v[SERIES_ATTEMPTED], n->n);
	if (n->what != SERIES_DELIVERED)
		raise(&b->v[SERIES_CLASS + n->class], n->n);
	else if (n->delay_ms >= 0)
		raise(&b->v[SERIES_COUNTS + delay_class(n->delay_ms)], n->n);
}

void
series_add(struct series *s, const struct series_note *n)
{
	char name[SERIES_KEY + 1];
	struct text t;
	size_t slot;

	if (n->at <= 0 || n->ip.n == 0 || n->provider.n == 0)
		return;
	text_init(&t, name, sizeof(name));
	put_name(&t, n->ip, OWN_IP_NAME);
	text_char(&t, ' ');
	put_name(&t, n->provider, PROVIDERS_NAME);
	struct series_pair *p = series_get(s, text_view(&t), n->at);

	if (!p)
		return;
	if (n->at > p->last)
		p->last = n->at;
	for (int i = 0; i < SERIES_TIERS; i++) {
		struct series_bucket *b =
		    series_bucket(p, (enum series_tier)i, n->at, &slot);

		if (!b)
			continue;
		count(b, n);
		series_changed(s, p, slot);
	}
}

static struct str
ip_of(const struct series_pair *p)
{
	return str_make(p->name, p->ip_n);
}

static struct str
provider_of(const struct series_pair *p)
{
	return str_skip(str_make(p->name, p->n), p->ip_n + 1);
}

static bool
is_meant(const struct series_pair *p, struct str ip, struct str provider)
{
	return (ip.n == 0 || str_is(ip_of(p), ip)) &&
	       (provider.n == 0 || str_is(provider_of(p), provider));
}

/* The finest that reaches back so far. */
static const struct series_step *
step_for(int64_t since, int64_t now)
{
	int i = 0;

	while (i < SERIES_TIERS - 1 &&
	       now - since >
		   series_steps[i].seconds * ((int64_t)series_steps[i].n - 1))
		i++;
	return &series_steps[i];
}

static void
add_bucket(const struct series_bucket *b, struct series_sum *out)
{
	for (size_t i = 0; i < SERIES_COUNTS; i++)
		out->count[i] += b->v[i];
	for (size_t i = 0; i < SERIES_DELAYS; i++)
		out->delay[i] += b->v[SERIES_COUNTS + i];
}

void
series_sum(const struct series *s, struct str ip, struct str provider,
    int64_t since, int64_t now, struct series_sum *out)
{
	const struct series_step *step = step_for(since, now);

	memset(out, 0, sizeof(*out));
	for (const struct series_pair *p = s->pairs; p; p = p->next) {
		if (!is_meant(p, ip, provider))
			continue;
		for (size_t i = step->first; i < step->first + step->n; i++) {
			const struct series_bucket *b = p->slots[i];

			if (b && b->start + step->seconds > since &&
			    b->start <= now)
				add_bucket(b, out);
		}
	}
}

void
series_chart(const struct series *s, struct str ip, struct str provider,
    enum series_count c, int64_t step, int64_t now, uint64_t *out, size_t n)
{
	int64_t end = now - now % step + step;
	int64_t begin = end - step * (int64_t)n;
	int tier = SERIES_TIERS - 1;

	memset(out, 0, n * sizeof(*out));
	/* The coarsest that fits into a step tells the longest story. */
	while (tier > 0 && step % series_steps[tier].seconds != 0)
		tier--;
	const struct series_step *of = &series_steps[tier];

	for (const struct series_pair *p = s->pairs; p; p = p->next) {
		if (!is_meant(p, ip, provider))
			continue;
		for (size_t i = of->first; i < of->first + of->n; i++) {
			const struct series_bucket *b = p->slots[i];

			if (b && b->start >= begin && b->start < end)
				out[(b->start - begin) / step] += b->v[c];
		}
	}
}

int64_t
series_delay(const struct series_sum *sum, double q)
{
	uint64_t all = 0, n = 0;

	for (size_t i = 0; i < SERIES_DELAYS; i++)
		all += sum->delay[i];
	if (all == 0)
		return -1;
	for (size_t i = 0; i < SERIES_DELAYS; i++) {
		n += sum->delay[i];
		if ((double)n >= q * (double)all)
			return delays[i];
	}
	return delays[SERIES_DELAYS - 1];
}

void
series_each(const struct series *s, struct str ip, struct str provider,
    series_fn *each, void *ctx)
{
	for (const struct series_pair *p = s->pairs; p; p = p->next) {
		if (is_meant(p, ip, provider))
			each(ctx, ip_of(p), provider_of(p), p->last);
	}
}
