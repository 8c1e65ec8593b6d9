/* metrics - what outpostd counts of itself: daemon/metrics.def, as an enum */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "base/metric.h"

enum metrics_id {
#define METRIC(id, type, name, label, help) METRICS_##id,
#include "daemon/metrics.def"
#undef METRIC
	METRICS
};

/* Its row of the table: for the manual. */
struct metrics_about {
	enum metric_type type;
	const char *name, *label, *help;
};
extern const struct metrics_about metrics_about[METRICS];

/* All are registered with the first. Never NULL; keep it in hot paths. */
struct metric *metrics_get(enum metrics_id id);
/* With a value of its label. */
struct metric *metrics_by(enum metrics_id id, struct str value);

#endif
