/* trials - which rules of a generation are on trial, kept over restarts */
#include "config/trials.h"

#include <stdlib.h>

#include "base/time.h"
#include "config/generations.h"

struct settings_trials {
	struct trial trial;
	struct limits_rules *written; /* while settings' are composed */
	struct limits_rules *past;    /* those in force before */
	struct settings **kept;	      /* older generations */
	uint64_t *numbers;
	size_t n_kept;
};

static const struct str head = {"# trial ", 8};

void
trials_free(struct settings_trials **tp)
{
	struct settings_trials *t = *tp;

	if (!t)
		return;
	*tp = NULL;
	rules_free(&t->past);
	rules_free(&t->written);
	for (size_t i = 0; i < t->n_kept; i++)
		settings_free(&t->kept[i]);
	free(t->kept);
	free(t->numbers);
	free(t);
}

/* NULL: it can't be read. */
static const struct settings *
load(struct settings_trials *t, const struct settings *s, uint64_t number)
{
	for (size_t i = 0; i < t->n_kept; i++) {
		if (t->numbers[i] == number)
			return t->kept[i];
	}
	const struct trial_rule *classes = trial_find(&t->trial, TRIAL_CLASSES);
	/* Lists may be long, and only the classes ask for them. */
	struct settings *old = generations_load(
	    s, number, classes && classes->kept_number == number);

	if (!old)
		return NULL;
	t->kept = xrealloc(t->kept, t->n_kept + 1, sizeof(*t->kept));
	t->numbers = xrealloc(t->numbers, t->n_kept + 1, sizeof(*t->numbers));
	t->kept[t->n_kept] = old;
	t->numbers[t->n_kept++] = number;
	return old;
}

/* Those whose older version is there. */
static int
load_all(struct settings_trials *t, const struct settings *s, struct error *err)
{
	size_t n = 0;
	int status = 0;

	for (size_t i = 0; i < t->trial.n; i++) {
		struct trial_rule *r = &t->trial.v[i];
		const struct settings *old = load(t, s, r->kept_number);

		if (!old) {
			status = error_set(err,
			    "configuration %llu can't be read any more: %s is "
			    "not on trial, it holds at once",
			    (unsigned long long)r->kept_number, r->name);
			continue;
		}
		t->trial.v[n] = *r;
		t->trial.v[n++].kept = old->rules;
	}
	t->trial.n = n;
	return status;
}

/* The rules in force, out of what is on trial. */
static void
compose(struct settings *s)
{
	struct settings_trials *t = s->trials;

	rules_free(&t->past);
	if (s->trial)
		t->past = s->rules;
	else
		t->written = s->rules;
	if (t->trial.n > 0) {
		s->rules = trial_compose(&t->trial);
		s->trial = &t->trial;
	} else {
		s->rules = t->written;
		t->written = NULL;
		s->trial = NULL;
	}
}

static int
begin(struct settings *s, struct settings_trials *t, struct error *err)
{
	int status = load_all(t, s, err);

	if (t->trial.n == 0) {
		trials_free(&t);
		return status;
	}
	s->trials = t;
	compose(s);
	return status;
}

int
trials_begin(struct settings *s, const struct settings *before, int64_t now,
    struct error *err)
{
	struct settings_trials *t = xalloc(1, sizeof(*t));
	const struct limits_rules *written =
	    before->trial ? before->trial->written : before->rules;

	trial_compare(s->rules, written,
	    generations_number(before, before->generation), before->trial, now,
	    s->limits.trial, &t->trial);
	return begin(s, t, err);
}

int
trials_finish(
    const struct settings *s, struct ledger *ledger, struct error *err)
{
	return rules_finish(s->trials->written, ledger, err);
}

static bool
cut_time(struct str *rest, struct str before, int64_t *out)
{
	struct str word;
	int64_t us;

	if (!str_cut(rest, ' ', &word) || !str_is(word, before) ||
	    !str_cut(rest, ' ', &word) || !time_parse_rfc3339(word, &us))
		return false;
	*out = us / TIME_US;
	return true;
}

static bool
parse_line(struct str line, struct trial_rule *out)
{
	struct str name, word;
	struct text t;

	*out = (struct trial_rule){.since = 0};
	if (!str_cut(&line, ' ', &name) ||
	    !cut_time(&line, STR("since"), &out->since) ||
	    !cut_time(&line, STR("until"), &out->until) ||
	    !str_cut(&line, ' ', &word) || !str_is(word, STR("keeps")) ||
	    !str_to_u64(line, &out->kept_number))
		return false;
	text_init(&t, out->name, sizeof(out->name));
	text_str(&t, name);
	return !t.is_cut;
}

struct reader {
	const struct settings *settings;
	struct trial *out;
};

static void
take(void *ctx, const struct generation *g)
{
	struct reader *r = ctx;
	struct str rest = g->text, line;

	r->out->n = 0;
	if (strcmp(g->name, r->settings->generation) != 0)
		return;
	while (str_cut(&rest, '\n', &line) && line.n > 0 && *line.p == '#') {
		struct trial_rule rule;

		if (!str_starts(line, head) || r->out->n == TRIAL_RULES ||
		    !parse_line(str_skip(line, head.n), &rule))
			continue;
		rule.version = trial_version(r->out->written, rule.name);
		if (rule.version)
			r->out->v[r->out->n++] = rule;
	}
}

int
trials_restore(struct settings *s, struct error *err)
{
	struct settings_trials *t = xalloc(1, sizeof(*t));
	struct reader r = {s, &t->trial};

	t->trial.written = s->rules;
	generations_each(s, take, &r);
	return begin(s, t, err);
}

/* An operator's word counts for nodes, too, that read this version a little
 * later than the one he spoke to. */
static int64_t
end_of(const struct trial_rule *r, const struct standings *standings)
{
	struct standings_trial_order order;

	if (!standings_get_trial_order(
		standings, r->name, r->version, &order) ||
	    order.at < r->since - (r->until - r->since))
		return r->until;
	return order.until;
}

bool
trials_settle(
    struct settings *s, const struct standings *standings, int64_t now)
{
	struct settings_trials *t = s->trials;
	size_t n = 0, was = t ? t->trial.n : 0;

	for (size_t i = 0; i < was; i++) {
		struct trial_rule r = t->trial.v[i];
		int64_t until = end_of(&r, standings);

		if (until <= now)
			continue;
		r.until = until;
		t->trial.v[n++] = r;
	}
	if (n == was)
		return false;
	t->trial.n = n;
	compose(s);
	return true;
}

void
trials_print(const struct settings *s, struct text *out)
{
	for (size_t i = 0; s->trial && i < s->trial->n; i++) {
		const struct trial_rule *r = &s->trial->v[i];

		text_printf(out, "%s%s since ", head.p, r->name);
		time_rfc3339(out, r->since);
		text_add(out, " until ");
		time_rfc3339(out, r->until);
		text_printf(
		    out, " keeps %llu\n", (unsigned long long)r->kept_number);
	}
}

void
trials_print_names(struct str text, struct text *out)
{
	struct str line;
	struct trial_rule rule;
	bool is_first = true;

	while (str_cut(&text, '\n', &line) && line.n > 0 && *line.p == '#') {
		if (!str_starts(line, head) ||
		    !parse_line(str_skip(line, head.n), &rule))
			continue;
		text_add(out, is_first ? "" : ", ");
		text_add(out, rule.name);
		is_first = false;
	}
}

bool
trials_need(const struct settings *s, uint64_t number)
{
	for (size_t i = 0; s->trial && i < s->trial->n; i++) {
		if (s->trial->v[i].kept_number == number)
			return true;
	}
	return false;
}
