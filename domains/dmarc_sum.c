/* dmarc_sum - what the DMARC reports about a domain say, all together */
#include "domains/dmarc_sum.h"

#include <stdlib.h>

struct dmarc_sum *
dmarc_sum_new(const char *domain, int64_t first_day, size_t n_days)
{
	struct dmarc_sum *s = xalloc(1, sizeof(*s));

	arena_init(&s->arena);
	map_init(&s->map);
	memcpy(s->domain, domain, strlen(domain) + 1);
	s->first_day = first_day;
	s->n_days = n_days < DMARC_SUM_DAYS ? n_days : DMARC_SUM_DAYS;
	return s;
}

void
dmarc_sum_free(struct dmarc_sum **sp)
{
	struct dmarc_sum *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	map_done(&s->map);
	arena_done(&s->arena);
	free(s->v);
	free(s);
}

static struct dmarc_reporter *
find_reporter(struct dmarc_sum *s, struct str name, bool is_vouched)
{
	for (size_t i = 0; i < s->n_reporters; i++) {
		struct dmarc_reporter *r = &s->reporters[i];

		if (r->is_vouched == is_vouched &&
		    str_is(str_from(r->name), name))
			return r;
	}
	if (s->n_reporters == DMARC_REPORTERS)
		return &s->reporters[DMARC_REPORTERS - 1];
	struct dmarc_reporter *r = &s->reporters[s->n_reporters++];

	if (s->n_reporters == DMARC_REPORTERS)
		name = STR("others");
	r->name = arena_dup(&s->arena, name);
	r->is_vouched = is_vouched;
	return r;
}

void
dmarc_sum_report(struct dmarc_sum *s, struct str reporter, bool is_vouched,
    int64_t begin, int64_t end, enum dmarc_policy policy)
{
	struct dmarc_reporter *r = find_reporter(s, reporter, is_vouched);

	r->reports++;
	s->reports++;
	s->vouched += is_vouched;
	s->is_vouched = is_vouched;
	if (s->begin == 0 || begin < s->begin)
		s->begin = begin;
	if (end > s->end)
		s->end = end;
	if (end >= s->newest) {
		s->newest = end;
		s->policy = policy;
	}
	s->reporter = (size_t)(r - s->reporters);
}

static void
count(struct dmarc_counts *c, const struct dmarc_row *row)
{
	bool passes = row->dkim_passes || row->spf_passes;

	c->messages += row->count;
	c->dkim += row->dkim_passes ? row->count : 0;
	c->spf += row->spf_passes ? row->count : 0;
	c->passed += passes ? row->count : 0;
	if (row->did == DMARC_QUARANTINE)
		c->quarantined += row->count;
	else if (row->did == DMARC_REJECT)
		c->rejected += row->count;
	else if (!passes) {
		c->lost += row->count;
		c->excused += row->is_excused ? row->count : 0;
	}
}

static struct dmarc_source *
find_source(struct dmarc_sum *s, const struct ip *ip)
{
	static const struct ip others;
	struct str key = {(const char *)ip->b, sizeof(ip->b)};
	struct dmarc_source *one = map_find(&s->map, key);

	if (!one && s->n_v >= DMARC_SOURCES_MAX) {
		key.p = (const char *)others.b;
		one = map_find(&s->map, key);
	}
	if (one)
		return one;
	if (s->n_v == s->cap_v) {
		s->cap_v = s->cap_v ? 2 * s->cap_v : 64;
		s->v = xrealloc(s->v, s->cap_v, sizeof(struct dmarc_source *));
	}
	one = arena_alloc(&s->arena, sizeof(*one));
	memcpy(one->ip.b, key.p, key.n);
	map_put(&s->map, str_make((char *)one->ip.b, sizeof(one->ip.b)), one);
	s->v[s->n_v++] = one;
	return one;
}

static void
take_texts(
    struct dmarc_sum *s, struct dmarc_source *one, const struct dmarc_row *row)
{
	struct arena *a = &s->arena;

	/* Few times for one address: what is more by a half. */
	if (row->dkim_passes || row->spf_passes ||
	    row->count <= one->most + one->most / 2)
		return;
	one->most = row->count;
	one->header_from = arena_dup(a, str_from(row->header_from));
	one->envelope_from = arena_dup(a, str_from(row->envelope_from));
	one->dkim_domain = arena_dup(a, str_from(row->dkim_domain));
	one->dkim_selector = arena_dup(a, str_from(row->dkim_selector));
	one->spf_domain = arena_dup(a, str_from(row->spf_domain));
}

void
dmarc_sum_row(struct dmarc_sum *s, int64_t day, const struct dmarc_row *row)
{
	struct dmarc_source *one = find_source(s, &row->source);
	size_t at = (size_t)(day - s->first_day);

	count(&s->all, row);
	if (s->is_vouched)
		count(&s->of_vouched, row);
	if (s->n_reporters > 0)
		s->reporters[s->reporter].messages += row->count;
	count(&one->of, row);
	take_texts(s, one, row);
	if (day >= s->first_day && at < s->n_days) {
		s->days[at].messages += row->count;
		if (row->dkim_passes || row->spf_passes)
			s->days[at].passed += row->count;
	}
}

static int
most_first(const void *a, const void *b)
{
	const struct dmarc_source *x = *(const struct dmarc_source *const *)a;
	const struct dmarc_source *y = *(const struct dmarc_source *const *)b;

	if (x->of.messages != y->of.messages)
		return x->of.messages > y->of.messages ? -1 : 1;
	return memcmp(x->ip.b, y->ip.b, sizeof(x->ip.b));
}

static int
reporters_first(const void *a, const void *b)
{
	const struct dmarc_reporter *x = a, *y = b;

	if (x->messages != y->messages)
		return x->messages > y->messages ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void
add_counts(struct dmarc_counts *to, const struct dmarc_counts *c)
{
	to->messages += c->messages;
	to->dkim += c->dkim;
	to->spf += c->spf;
	to->passed += c->passed;
	to->lost += c->lost;
	to->excused += c->excused;
	to->quarantined += c->quarantined;
	to->rejected += c->rejected;
}

void
dmarc_sum_end(struct dmarc_sum *s)
{
	static const struct ip others;

	if (s->n_v > 0)
		qsort(s->v, s->n_v, sizeof(struct dmarc_source *), most_first);
	qsort(s->reporters, s->n_reporters, sizeof(s->reporters[0]),
	    reporters_first);
	s->n_all_sources = s->n_v;
	for (size_t i = 0; i < s->n_v; i++) {
		bool is_rest =
		    memcmp(s->v[i]->ip.b, others.b, sizeof(others.b)) == 0;

		if (!is_rest && s->n_sources < DMARC_SOURCES)
			s->sources[s->n_sources++] = *s->v[i];
		else
			add_counts(&s->sources[DMARC_SOURCES].of, &s->v[i]->of);
	}
	/* What is left over stands behind the last. */
	if (s->sources[DMARC_SOURCES].of.messages > 0) {
		struct dmarc_source rest = {.of = s->sources[DMARC_SOURCES].of};

		s->sources[s->n_sources++] = rest;
	}
}
