/* metric - the program's own counters and gauges, as Prometheus text */
#include "base/metric.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/error.h"
#include "base/map.h"

enum { VALUES_MAX = 200, VALUE_LENGTH_MAX = 100, BUCKETS = 27 };

struct histogram {
	_Atomic uint64_t buckets[BUCKETS + 1]; /* the last: beyond all */
	_Atomic uint64_t sum_us;
};

struct metric {
	const char *name, *help;
	enum metric_type type;
	const char *label; /* of a metric that has values, and of them */
	char *value;
	_Atomic uint64_t n; /* a gauge's is signed */
	struct histogram *histogram;
	struct map by_value;
	struct metric *first, *last; /* with values */
	struct metric *other;
	struct metric *next;
};

static struct metric *first_metric, *last_metric;

static void
append(struct metric **first, struct metric **last, struct metric *m)
{
	if (*last)
		(*last)->next = m;
	else
		*first = m;
	*last = m;
}

static struct metric *
make(const char *name, enum metric_type type, const char *help)
{
	struct metric *m = xalloc(1, sizeof(*m));

	m->name = name;
	m->type = type;
	m->help = help;
	map_init(&m->by_value);
	if (type == METRIC_HISTOGRAM)
		m->histogram = xalloc(1, sizeof(*m->histogram));
	return m;
}

struct metric *
metric_new(const char *name, enum metric_type type, const char *help)
{
	for (struct metric *m = first_metric; m; m = m->next) {
		if (str_is(str_from(m->name), str_from(name))) {
			assert(m->type == type);
			return m;
		}
	}
	struct metric *m = make(name, type, help);

	append(&first_metric, &last_metric, m);
	return m;
}

static struct metric *
add_value(struct metric *m, struct str value)
{
	struct metric *child = make(m->name, m->type, m->help);

	child->label = m->label;
	child->value = str_dup(value);
	append(&m->first, &m->last, child);
	map_put(&m->by_value, str_from(child->value), child);
	return child;
}

struct metric *
metric_by(struct metric *m, const char *label, struct str value)
{
	char buf[VALUE_LENGTH_MAX + 1];
	struct text t;

	if (!m)
		return NULL;
	struct metric *child = map_find(&m->by_value, value);

	if (child)
		return child;
	m->label = label;
	text_init(&t, buf, sizeof(buf));
	text_printable(&t, value);
	child = map_find(&m->by_value, text_view(&t));
	if (child)
		return child;
	if (m->by_value.n < VALUES_MAX)
		return add_value(m, text_view(&t));
	if (!m->other) {
		m->other = map_find(&m->by_value, STR("other"));
		if (!m->other)
			m->other = add_value(m, STR("other"));
	}
	return m->other;
}

/* One thread writes, so a plain add will do; the printing one sees no half of
 * a number. */
static void
add(_Atomic uint64_t *to, uint64_t n)
{
	uint64_t v = atomic_load_explicit(to, memory_order_relaxed);

	atomic_store_explicit(to, v + n, memory_order_relaxed);
}

static uint64_t
get(const _Atomic uint64_t *from)
{
	return atomic_load_explicit(from, memory_order_relaxed);
}

void
metric_add(struct metric *m, uint64_t n)
{
	if (!m)
		return;
	add(&m->n, n);
}

void
metric_set(struct metric *m, int64_t v)
{
	if (!m)
		return;
	atomic_store_explicit(&m->n, (uint64_t)v, memory_order_relaxed);
}

void
metric_observe_us(struct metric *m, int64_t us)
{
	int bucket = 0;

	if (!m)
		return;
	assert(m->histogram);
	if (us < 0)
		us = 0; /* a clock was set back */
	while (bucket < BUCKETS && us > INT64_C(1) << bucket)
		bucket++;
	add(&m->n, 1);
	add(&m->histogram->buckets[bucket], 1);
	add(&m->histogram->sum_us, (uint64_t)us);
}

uint64_t
metric_value(const struct metric *m)
{
	return m ? get(&m->n) : 0;
}

/* The exposition format's escapes; quotes only in a label's value. */
static void
put_escaped(struct text *t, const char *z, bool is_quoted)
{
	for (; *z; z++) {
		if (*z == '\\' || (*z == '"' && is_quoted))
			text_char(t, '\\');
		if (*z == '\n')
			text_add(t, "\\n");
		else
			text_char(t, *z);
	}
}

/* outpost_NAME SUFFIX {label="value",le="..."} and a blank */
static void
put_name(
    struct text *t, const struct metric *m, const char *suffix, const char *le)
{
	text_add(t, "outpost_");
	text_add(t, m->name);
	text_add(t, suffix);
	if (m->value || le)
		text_char(t, '{');
	if (m->value) {
		text_add(t, m->label);
		text_add(t, "=\"");
		put_escaped(t, m->value, true);
		text_add(t, le ? "\"," : "\"");
	}
	if (le)
		text_printf(t, "le=\"%s\"", le);
	if (m->value || le)
		text_char(t, '}');
	text_char(t, ' ');
}

static void
put_histogram(struct text *t, const struct metric *m)
{
	uint64_t count = 0;

	for (int i = 0; i <= BUCKETS; i++) {
		char le[32] = "+Inf";

		if (i < BUCKETS)
			snprintf(le, sizeof(le), "%d.%06d", (1 << i) / 1000000,
			    (1 << i) % 1000000);
		count += get(&m->histogram->buckets[i]);
		put_name(t, m, "_bucket", le);
		text_u64(t, count);
		text_char(t, '\n');
	}
	uint64_t sum = get(&m->histogram->sum_us);

	put_name(t, m, "_sum", NULL);
	text_printf(t, "%llu.%06llu\n", (unsigned long long)sum / 1000000,
	    (unsigned long long)sum % 1000000);
	put_name(t, m, "_count", NULL);
	text_u64(t, count);
	text_char(t, '\n');
}

static void
put_sample(struct text *t, const struct metric *m)
{
	if (m->type == METRIC_HISTOGRAM) {
		put_histogram(t, m);
		return;
	}
	put_name(t, m, "", NULL);
	if (m->type == METRIC_GAUGE)
		text_i64(t, (int64_t)get(&m->n));
	else
		text_u64(t, get(&m->n));
	text_char(t, '\n');
}

void
metric_print_all(struct text *t)
{
	static const char *const types[] = {"counter", "gauge", "histogram"};

	for (const struct metric *m = first_metric; m; m = m->next) {
		text_printf(t, "# HELP outpost_%s ", m->name);
		put_escaped(t, m->help, false);
		text_printf(
		    t, "\n# TYPE outpost_%s %s\n", m->name, types[m->type]);
		/* One counted only by its values has nothing of its own. */
		if (!m->first || metric_value(m) > 0)
			put_sample(t, m);
		for (const struct metric *v = m->first; v; v = v->next)
			put_sample(t, v);
	}
}
