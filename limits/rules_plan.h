/* rules_plan - inside the rules: what they are kept in
 *
 * Only rules*.c and trial*.c include this.
 */
#ifndef LIMITS_RULES_PLAN_H
#define LIMITS_RULES_PLAN_H

#include <stdlib.h>

#include "limits/classes.h"
#include "limits/rules.h"

struct limits_rules {
	struct arena arena;
	struct limits_settings settings;
	struct account_class classes[RULES_CLASSES];
	size_t n_classes;
	struct classes patterns;
	struct classes by_plan;	   /* patterns of plans */
	uint64_t patterns_version; /* over all that was given in the config */
	/* NULL; whose patterns these go by: they live as long (trial.h) */
	const struct limits_rules *lender;
	struct limit limits[RULES_LIMITS];
	size_t n_limits;
	struct rules_signal signals[SIGNALS];
	bool is_given[SIGNALS]; /* by the configuration */
	int complaints_slot;
	struct rules_plan *plans; /* kinds * classes; NULL before finish */
	uint64_t counts[SUBJECT_KINDS + 1];
};

#endif
