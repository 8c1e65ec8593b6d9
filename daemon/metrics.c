/* metrics - what outpostd counts of itself: daemon/metrics.def, as an enum */
#include "daemon/metrics.h"

const struct metrics_about metrics_about[METRICS] = {
#define METRIC(id, type, name, label, help) {METRIC_##type, name, label, help},
#include "daemon/metrics.def"
#undef METRIC
};

struct metric *
metrics_get(enum metrics_id id)
{
	static struct metric *made[METRICS];

	for (size_t i = 0; !made[id] && i < METRICS; i++)
		made[i] = metric_new(metrics_about[i].name,
		    metrics_about[i].type, metrics_about[i].help);
	return made[id];
}

struct metric *
metrics_by(enum metrics_id id, struct str value)
{
	return metric_by(metrics_get(id), metrics_about[id].label, value);
}
