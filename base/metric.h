/* metric - the program's own counters and gauges, as Prometheus text
 *
 * They are declared once, in a table (daemon/metrics.def): the rooms below
 * daemon/ keep plain numbers of their own, which it shows. No account names or
 * addresses in labels, ever.
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include "base/text.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* NULL stands for "not counted" everywhere below. Metrics are made, labelled
 * and printed by one thread (the loop's); another may count, but each metric
 * is counted by one thread only. */
struct metric;
/* Registered once, at start, for the life of the process; name and help are
 * literals, the name without "outpost_". Asked again by the same name, it is
 * the same metric. */
struct metric *metric_new(
    const char *name, enum metric_type type, const char *help);
/* The same metric with a label, one label name per metric; `value` is copied
 * (its first 100 bytes, made printable), at most 200 values per metric, further
 * ones become "other". Cheap enough for once a line, but keep
 * the pointer in hot paths. */
struct metric *metric_by(struct metric *m, const char *label, struct str value);
void metric_add(struct metric *m, uint64_t n);
void metric_set(struct metric *m, int64_t v);
/* Histogram of seconds; its buckets double from 1 us to 67 s. */
void metric_observe_us(struct metric *m, int64_t us);
uint64_t metric_value(const struct metric *m);
/* Prometheus text format 0.0.4, all of them in the order of registration. */
void metric_print_all(struct text *t);

#endif
