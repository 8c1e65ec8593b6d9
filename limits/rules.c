/* rules - the limits, classes and signals of one generation of the config */
#include "limits/rules.h"

#include "base/crypto.h"
#include "limits/rules_plan.h"

enum { PATTERNS_MAX = 64 << 20 };

#define SETTING_STRUCT limit_spec
static const struct setting limit_rows[] = {
#define SETTING SETTING_ROW
#include "limits/limit_fields.def"
#undef SETTING
};
#undef SETTING_STRUCT

#define SETTING_STRUCT class_spec
static const struct setting class_rows[] = {
#define SETTING SETTING_ROW
#include "limits/class_fields.def"
#undef SETTING
};
#undef SETTING_STRUCT

#define SETTING_STRUCT signal_spec
static const struct setting signal_rows[] = {
#define SETTING SETTING_ROW
#include "limits/signal_fields.def"
#undef SETTING
};
#undef SETTING_STRUCT

#define TABLE(room, rows)                                    \
	{                                                    \
		room, rows, sizeof(rows) / sizeof((rows)[0]) \
	}
const struct setting_table rules_limit_fields = TABLE("limit", limit_rows);
const struct setting_table rules_class_fields = TABLE("class", class_rows);
const struct setting_table rules_signal_fields = TABLE("signal", signal_rows);

static const struct account_class built_in[] = {
#define CLASS(name, text, usual, at_most) \
	{text, usual, STANDING_##at_most, false},
#include "limits/classes.def"
#undef CLASS
};

/* A default of signals.def into its field. */
static void
put_default(
    struct limits_rules *r, struct rules_signal *s, const char *const field[2])
{
	struct error err;

	if (setting_put(setting_find(&rules_signal_fields, STR("signal"),
			    str_from(field[0])),
		str_from(field[1]), &r->arena, &s->spec, &err) < 0)
		fatal("signal %s: %s", s->name, err.text);
}

static void
make_signals(struct limits_rules *r)
{
	enum { FIELDS = 8 };
	static const struct {
		const char *name;
		enum signal_shape shape;
		enum count count;
		const char *fields[FIELDS][2];
	} rows[] = {
#define SIGNAL(id, name, shape, count, window, floor, from, points, max, past, \
    share, younger, prose)                                                     \
	{name, SIGNAL_##shape, COUNT_##count,                                  \
	    {{"window", window}, {"floor", floor}, {"from_ratio", from},       \
		{"points", points}, {"points_max", max}, {"history", past},    \
		{"share", share}, {"younger_than", younger}}},
#include "limits/signals.def"
#undef SIGNAL
	};

	for (size_t i = 0; i < SIGNALS; i++) {
		struct rules_signal *s = &r->signals[i];

		s->name = rows[i].name;
		s->shape = rows[i].shape;
		s->count = rows[i].count;
		/* New networks are held against what comes from anywhere. */
		s->usual_count =
		    s->count == COUNT_FOREIGN		  ? COUNT_RECIPIENTS
		    : s->count == COUNT_FOREIGN_STRANGERS ? COUNT_STRANGERS
		    : s->count == COUNT_INSIDE_FOREIGN	  ? COUNT_INSIDE
							  : s->count;
		s->usual =
		    arena_alloc(&r->arena, USUAL_SLOTS * sizeof(struct usual));
		setting_put_defaults(&rules_signal_fields, &r->arena, &s->spec);
		for (size_t k = 0; k < FIELDS; k++)
			put_default(r, s, rows[i].fields[k]);
	}
}

struct limits_rules *
rules_new(const struct limits_settings *s)
{
	struct limits_rules *r = xalloc(1, sizeof(*r));

	arena_init(&r->arena);
	r->settings = *s;
	r->settings.throttle_text =
	    arena_dup(&r->arena, str_from(s->throttle_text));
	r->settings.suspend_text =
	    arena_dup(&r->arena, str_from(s->suspend_text));
	r->settings.case_url = arena_dup(&r->arena, str_from(s->case_url));
	classes_init(&r->patterns, &r->arena);
	classes_init(&r->by_plan, &r->arena);
	memcpy(r->classes, built_in, sizeof(built_in));
	r->n_classes = CLASSES_BUILT_IN;
	make_signals(r);
	return r;
}

void
rules_free(struct limits_rules **rp)
{
	struct limits_rules *r = *rp;

	if (!r)
		return;
	classes_done(&r->patterns);
	classes_done(&r->by_plan);
	arena_done(&r->arena);
	free(r);
	*rp = NULL;
}

static int
find_class(const struct limits_rules *r, struct str name)
{
	for (size_t i = 0; i < r->n_classes; i++) {
		if (str_is(str_from(r->classes[i].name), name))
			return (int)i;
	}
	return -1;
}

static int
check_name(const char *what, struct str name, struct error *err)
{
	if (name.n == 0)
		return error_set(err, "a %s needs a name", what);
	if (name.n >= LIMIT_NAME)
		return error_set(err, "the name of a %s has at most %d bytes",
		    what, LIMIT_NAME - 1);
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == '"')
			return error_set(err,
			    "the name of a %s has a byte that is no printable "
			    "ASCII, a blank or a quote",
			    what);
	}
	return 0;
}

static int
parse_rung(
    const char *field, const char *text, enum standing *out, struct error *err)
{
	enum standing s;

	if (!standing_parse(str_from(text), &s) || s < STANDING_WATCHED)
		return error_set(err,
		    "%s must be watch, throttle, hold or suspend, not \"%s\"",
		    field, text);
	*out = s;
	return 0;
}

/* The class's place: an existing one that the configuration adds to, or a new
 * one at the end; -1 with an error. */
static int
place_class(struct limits_rules *r, struct str name, struct error *err)
{
	int i = find_class(r, name);

	if (i >= 0 && r->classes[i].is_given)
		return error_set(
		    err, "class \"%.*s\" is given twice", STR_ARG(name));
	if (i >= 0)
		return i;
	if (r->n_classes == RULES_CLASSES)
		return error_set(err, "more than %d classes", RULES_CLASSES);
	r->classes[r->n_classes] = built_in[CLASS_PERSON];
	r->classes[r->n_classes].name = arena_dup(&r->arena, name);
	return (int)r->n_classes++;
}

/* What is in the file is not the configuration's: it may change every hour. */
static void
note_patterns(struct limits_rules *r, const struct class_spec *spec)
{
	static const struct crypto_key fixed;
	struct text t;

	text_grow(&t, PATTERNS_MAX);
	text_printf(&t, "%llu\n%s\n%s\n",
	    (unsigned long long)r->patterns_version, spec->name, spec->file);
	for (size_t i = 0; i < spec->accounts.n; i++)
		text_printf(&t, "%s\n", spec->accounts.v[i]);
	for (size_t i = 0; i < spec->plans.n; i++)
		text_printf(&t, "plan %s\n", spec->plans.v[i]);
	if (spec->accounts.n > 0 || *spec->file || spec->plans.n > 0)
		r->patterns_version = crypto_hash64(&fixed, text_view(&t));
	text_done(&t);
}

int
rules_add_class(struct limits_rules *r, const struct class_spec *spec,
    struct str accounts, struct error *err)
{
	struct str name = str_from(spec->name);
	enum standing at_most = STANDING_GOOD;

	if (check_name("class", name, err) < 0)
		return -1;
	if (*spec->at_most &&
	    parse_rung("at_most", spec->at_most, &at_most, err) < 0)
		return -1;
	int i = place_class(r, name, err);

	if (i < 0)
		return -1;
	struct account_class *c = &r->classes[i];

	c->is_given = true;
	if (spec->usual > 0)
		c->usual = (uint64_t)spec->usual;
	if (at_most != STANDING_GOOD)
		c->at_most = at_most;
	for (size_t k = 0; k < spec->accounts.n; k++) {
		if (classes_add(&r->patterns, str_from(spec->accounts.v[k]),
			(size_t)i, err) < 0)
			return -1;
	}
	for (size_t k = 0; k < spec->plans.n; k++) {
		if (classes_add(&r->by_plan, str_from(spec->plans.v[k]),
			(size_t)i, err) < 0)
			return -1;
	}
	note_patterns(r, spec);
	if (classes_add_lines(&r->patterns, accounts, (size_t)i, err) < 0)
		return error_prefix(err, "%s", spec->file);
	return 0;
}

const char *
limit_count_text(int count)
{
	if (count == LIMIT_DISTINCT_RECIPIENTS)
		return "distinct_recipients";
	if (count == LIMIT_DISTINCT_NETWORKS)
		return "distinct_networks";
	return count_text((enum count)count);
}

static int
parse_count(const char *text, int *out, struct error *err)
{
	for (int i = 0; i < LIMIT_COUNTS; i++) {
		if (strcmp(limit_count_text(i), text) == 0) {
			*out = i;
			return 0;
		}
	}
	return error_set(err, "unknown count \"%s\"", text);
}

/* Whom a failed login names isn't who tried: no stranger may stop an account.
 */
static int
check_logins(const struct limit *l, struct error *err)
{
	if (l->count != COUNT_LOGIN_FAILED || l->of == SUBJECT_CLIENT ||
	    l->of == SUBJECT_NETWORK)
		return 0;
	return error_set(err,
	    "limit \"%s\": anybody can fail to log in; of = \"client\" or "
	    "\"network\" limits who tries",
	    l->name);
}

/* Nor anybody who writes a report that nobody vouches for. */
static int
check_claims(const struct limit *l, struct error *err)
{
	if (l->count != COUNT_CLAIMS)
		return 0;
	return error_set(err,
	    "limit \"%s\": anybody can claim a complaint; count = "
	    "\"complaints\" has those that are to be believed",
	    l->name);
}

/* What the sketches can tell. */
static int
check_sketch(const struct limit *l, struct error *err)
{
	if (l->count == LIMIT_DISTINCT_RECIPIENTS && l->window != 3600 &&
	    l->window != 86400)
		return error_set(err,
		    "limit \"%s\": distinct_recipients knows "
		    "the windows 1h and 1d only",
		    l->name);
	if (l->count == LIMIT_DISTINCT_NETWORKS && l->max >= SUBJECT_NETWORKS)
		return error_set(err,
		    "limit \"%s\": of distinct_networks only "
		    "%d are kept, max must be less",
		    l->name, SUBJECT_NETWORKS);
	return 0;
}

static int
parse_class(const struct limits_rules *r, const struct limit_spec *spec,
    struct limit *l, struct error *err)
{
	l->class_index = LIMIT_ANY_CLASS;
	if (!*spec->class)
		return 0;
	l->class_index = find_class(r, str_from(spec->class));
	if (l->class_index < 0)
		return error_set(err, "limit \"%s\": unknown class \"%s\"",
		    spec->name, spec->class);
	if (l->of != SUBJECT_ACCOUNT && l->of != SUBJECT_CLAIMED)
		return error_set(err,
		    "limit \"%s\": only accounts have a class, not a %s",
		    spec->name, spec->of);
	return 0;
}

static int
parse_limit(const struct limits_rules *r, const struct limit_spec *spec,
    struct limit *l, struct error *err)
{
	*l = (struct limit){.name = spec->name,
	    .window = spec->window,
	    .max = (uint64_t)spec->max,
	    .younger_than = spec->younger_than,
	    .warn = (unsigned)spec->warn,
	    .points = (int)spec->points,
	    .slot = -1};
	if (check_name("limit", str_from(spec->name), err) < 0)
		return -1;
	if (spec->max < 1)
		return error_set(
		    err, "limit \"%s\" needs a max of at least 1", spec->name);
	if (!subject_kind_parse(str_from(spec->of), &l->of) ||
	    l->of == SUBJECT_PROVIDER || l->of == SUBJECT_NODE ||
	    l->of == SUBJECT_ADDRESS)
		return error_set(err,
		    "limit \"%s\": nothing is counted of "
		    "\"%s\"",
		    spec->name, spec->of);
	if (parse_count(spec->count, &l->count, err) < 0 ||
	    parse_rung("action", spec->action, &l->action, err) < 0)
		return error_prefix(err, "limit \"%s\"", spec->name);
	if (parse_class(r, spec, l, err) < 0)
		return -1;
	if (check_logins(l, err) < 0 || check_claims(l, err) < 0)
		return -1;
	return check_sketch(l, err);
}

static bool
is_same_rule(const struct limit *a, const struct limit *b)
{
	return a->of == b->of && a->count == b->count &&
	       a->window == b->window && a->class_index == b->class_index &&
	       a->younger_than == b->younger_than;
}

int
rules_add_limit(
    struct limits_rules *r, const struct limit_spec *spec, struct error *err)
{
	struct limit l;

	if (parse_limit(r, spec, &l, err) < 0)
		return -1;
	if (r->n_limits == RULES_LIMITS)
		return error_set(err, "more than %d limits", RULES_LIMITS);
	for (size_t i = 0; i < r->n_limits; i++) {
		if (strcmp(r->limits[i].name, l.name) == 0)
			return error_set(
			    err, "limit \"%s\" is given twice", l.name);
		if (is_same_rule(&r->limits[i], &l))
			return error_set(err,
			    "limit \"%s\" contradicts \"%s\": both are of the "
			    "same count, window, class and age",
			    l.name, r->limits[i].name);
	}
	l.name = arena_dup(&r->arena, str_from(spec->name));
	r->limits[r->n_limits++] = l;
	return 0;
}

void
rules_add_shipped(struct limits_rules *r)
{
	static const char *const rows[][7] = {
#define SHIPPED(name, of, count, window, max, class, younger_than) \
	{name, of, count, window, max, class, younger_than},
#include "limits/shipped_limits.def"
#undef SHIPPED
	};
	static const char *const names[] = {
	    "name", "of", "count", "window", "max", "class", "younger_than"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct limit_spec spec;
		struct error err;
		int rc = 0;

		setting_put_defaults(&rules_limit_fields, &r->arena, &spec);
		for (size_t k = 0; k < 7 && rc == 0; k++)
			rc = setting_put(setting_find(&rules_limit_fields,
					     STR("limit"), str_from(names[k])),
			    str_from(rows[i][k]), &r->arena, &spec, &err);
		if (rc < 0 || rules_add_limit(r, &spec, &err) < 0)
			fatal("shipped limit %s: %s", rows[i][0], err.text);
	}
}

const struct rules_signal *
rules_find_signal(const struct limits_rules *r, const char *name)
{
	for (size_t i = 0; i < SIGNALS; i++)
		if (strcmp(r->signals[i].name, name) == 0)
			return &r->signals[i];
	return NULL;
}

bool
rules_signal_defaults(
    const struct limits_rules *r, struct str name, struct signal_spec *out)
{
	for (size_t i = 0; i < SIGNALS; i++) {
		if (str_is(str_from(r->signals[i].name), name)) {
			*out = r->signals[i].spec;
			return true;
		}
	}
	return false;
}

int
rules_set_signal(struct limits_rules *r, struct str name,
    const struct signal_spec *spec, struct error *err)
{
	size_t i = 0;

	while (i < SIGNALS && !str_is(name, str_from(r->signals[i].name)))
		i++;
	if (i == SIGNALS)
		return error_set(err, "unknown signal \"%.*s\"", STR_ARG(name));
	if (r->is_given[i])
		return error_set(
		    err, "signal \"%.*s\" is given twice", STR_ARG(name));
	r->is_given[i] = true;
	r->signals[i].spec = *spec;
	return 0;
}
