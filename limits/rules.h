/* rules - the limits, classes and signals of one generation of the config
 *
 * Built once per load of the configuration, then only read:
 *   rules_new, rules_add_class..., rules_add_limit... (or rules_add_shipped),
 *   rules_set_signal..., rules_finish.
 * Classes come before the limits that name them. Errors are sentences without
 * the place; the reader of the file puts "FILE:LINE: " before them.
 * The fields of each thing are declared once, in *_fields.def: the reader goes
 * by rules_*_fields, so do the manual and the sample file.
 */
#ifndef LIMITS_RULES_H
#define LIMITS_RULES_H

#include "limits/judge.h"
#include "limits/settings.h"
#include "limits/usual.h"

struct limit_spec {
#define SETTING SETTING_FIELD
#include "limits/limit_fields.def"
#undef SETTING
};
struct class_spec {
#define SETTING SETTING_FIELD
#include "limits/class_fields.def"
#undef SETTING
};
struct signal_spec {
#define SETTING SETTING_FIELD
#include "limits/signal_fields.def"
#undef SETTING
};
extern const struct setting_table rules_limit_fields;
extern const struct setting_table rules_class_fields;
extern const struct setting_table rules_signal_fields;

/* What is counted beyond the records' counts, from the sketches. */
enum {
	LIMIT_DISTINCT_RECIPIENTS = LEDGER_DISTINCT_RECIPIENTS,
	LIMIT_DISTINCT_NETWORKS = LEDGER_DISTINCT_NETWORKS,
	LIMIT_COUNTS
};
/* What only reasons tell. */
enum {
	REASON_NEW_NETWORKS = LIMIT_COUNTS,
	REASON_ODD_STRANGERS, /* at hours at which it never sends */
	REASON_KNOWN,	      /* recipients that it wrote to before */
	REASON_INCIDENT,      /* percent of one */
	REASON_NEW_COUNTRIES,
	REASON_COUNTRIES, /* that it was in lately */
	REASON_FORWARDED_SPAM,
	REASON_COUNTS
};
/* "recipients", "distinct_networks"; as in the configuration. */
const char *limit_count_text(int count);

enum { LIMIT_NAME = 64, LIMIT_ANY_CLASS = -1 };

struct limit {
	const char *name;
	enum subject_kind of;
	int count; /* enum count or LIMIT_DISTINCT_... */
	int64_t window;
	uint64_t max;
	int class_index; /* or LIMIT_ANY_CLASS */
	int64_t younger_than;
	unsigned warn; /* percent; 0: never */
	enum standing action;
	int points;
	int slot; /* the ledger's running sum; -1 for the sketches */
};

enum rules_class_index {
#define CLASS(name, text, usual, at_most) CLASS_##name,
#include "limits/classes.def"
#undef CLASS
	CLASSES_BUILT_IN
};
struct account_class {
	const char *name;
	uint64_t usual; /* recipients in ten minutes, without a history */
	enum standing at_most;
	bool is_given; /* by the configuration */
};

/* The operator's own maximum for one subject: replaces that of the limit of
 * this name until then. The view is standings'. */
struct limits_override {
	const char *limit;
	uint64_t max;
	int64_t until;
};

enum { RULES_CLASSES = 64, RULES_LIMITS = 256 };

struct limits_rules *rules_new(const struct limits_settings *s);
void rules_free(struct limits_rules **r);

/* `accounts` is the text of spec->file, empty without one. */
int rules_add_class(struct limits_rules *r, const struct class_spec *spec,
    struct str accounts, struct error *err);
int rules_add_limit(
    struct limits_rules *r, const struct limit_spec *spec, struct error *err);
/* The limits that hold when the configuration has none. */
void rules_add_shipped(struct limits_rules *r);
/* A signal's own defaults (signals.def); false: there is none of that name. */
bool rules_signal_defaults(
    const struct limits_rules *r, struct str name, struct signal_spec *out);
int rules_set_signal(struct limits_rules *r, struct str name,
    const struct signal_spec *spec, struct error *err);
/* Registers the running sums with the ledger. */
int rules_finish(
    struct limits_rules *r, struct ledger *ledger, struct error *err);

/* The class of an account (or claimed one); of another kind CLASS_PERSON. */
size_t rules_class(
    const struct limits_rules *r, enum subject_kind kind, struct str key);
/* The same of one whose plan is known; empty: it isn't. *why: by what it is of
 * it: "pattern", "plan" or "default"; may be NULL. */
size_t rules_class_of(const struct limits_rules *r, enum subject_kind kind,
    struct str key, struct str plan, const char **why);
/* Does any class go by plans, or any limit by age? */
bool rules_ask_owners(const struct limits_rules *r);
const struct account_class *rules_class_at(
    const struct limits_rules *r, size_t i);
size_t rules_classes(const struct limits_rules *r);
const struct limit *rules_limit_at(const struct limits_rules *r, size_t i);
size_t rules_limits(const struct limits_rules *r);
/* How far back limits and signals of this kind look: windows, and ages. 0:
 * there are none. What is usual is looked for as far back as counts are kept.
 */
int64_t rules_reach(const struct limits_rules *r, enum subject_kind kind);
const struct rules_signal *rules_signal_at(
    const struct limits_rules *r, size_t i); /* i < SIGNALS */
/* NULL when there is none of that name. */
const struct rules_signal *rules_find_signal(
    const struct limits_rules *r, const char *name);
/* NULL when there is none of that name. */
const struct limit *rules_find_limit(
    const struct limits_rules *r, struct str name);
const struct limits_settings *rules_settings(const struct limits_rules *r);

/* What judge reads, precomputed per kind and class.
 *
 * Guards are the cheap way out: while each watched sum is below the lowest
 * number anything asks about in it, nothing can hold. */
enum rules_extra { EXTRA_NONE, EXTRA_RECIPIENTS, EXTRA_MESSAGES, EXTRAS };
struct rules_guard {
	uint32_t count, slot;
	enum rules_extra extra; /* what isn't counted yet, on top of its sum */
	int64_t younger_than; /* only for such subjects; 0: for all */
	uint64_t below;
};
enum signal_shape {
	SIGNAL_EXCESS,
	SIGNAL_SHARE,
	SIGNAL_COMPLAINED,
	SIGNAL_NETWORKS,
	SIGNAL_HOURS,
	SIGNAL_KNOWN,
	SIGNAL_COUNTRIES,
	SIGNAL_TRAVEL,
	SIGNAL_BLAMED
};
enum signal_name {
#define SIGNAL(name, ...) SIGNAL_##name##_NAME,
#include "limits/signals.def"
#undef SIGNAL
	SIGNALS
};
struct rules_signal {
	const char *name;
	enum signal_shape shape;
	enum count count;
	enum count usual_count; /* what its usual is of */
	struct signal_spec spec;
	int slot;
	int whole;	     /* slot of all recipients; of a share; else -1 */
	struct usual *usual; /* usual.h: a table of USUAL_SLOTS */
};
/* A signal that gives points, and what keeps most of them silent. */
struct rules_heard {
	const struct rules_signal *signal;
	uint64_t floor; /* that what is at slot has to reach */
	int slot;	/* -1: it is to be judged always */
	bool has_extra; /* pending recipients count as well */
};
struct rules_plan {
	const struct limit **limits;
	size_t n_limits;
	struct rules_guard *guards;
	size_t n_guards;
	uint64_t counts;   /* what can make it speak: bits as ledger_raised's */
	bool has_sketches; /* the guards don't cover these */
	const struct rules_signal *signals[SIGNALS];
	size_t n_signals;
	struct rules_heard heard[SIGNALS];
	size_t n_heard;
	bool has_ladder;     /* scores count: it is an account's */
	bool has_forwards;   /* limits/forwarded.h */
	int complaints_slot; /* -1: not for this kind */
};
const struct rules_plan *rules_plan(
    const struct limits_rules *r, enum subject_kind kind, size_t class_index);
/* Per kind of subject, the counts of all its classes' plans; the last element
 * has those of all kinds. */
const uint64_t *rules_counts(const struct limits_rules *r);

#endif
