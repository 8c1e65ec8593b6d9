/* trial - rules that are new or stricter than before observe for a while */
#include "limits/trial.h"

#include "base/crypto.h"
#include "base/time.h"
#include "limits/rules_plan.h"

static const char *
class_name(const struct limits_rules *r, const struct limit *l)
{
	return l->class_index == LIMIT_ANY_CLASS
		   ? ""
		   : r->classes[l->class_index].name;
}

static int
find_class(const struct limits_rules *r, const char *name)
{
	for (size_t i = 0; i < r->n_classes; i++) {
		if (strcmp(r->classes[i].name, name) == 0)
			return (int)i;
	}
	return LIMIT_ANY_CLASS;
}

static bool
counts_the_same(const struct limits_rules *r, const struct limit *l,
    const struct limits_rules *q, const struct limit *m)
{
	return l->of == m->of && l->count == m->count &&
	       l->window == m->window && l->younger_than == m->younger_than &&
	       strcmp(class_name(r, l), class_name(q, m)) == 0;
}

/* The limit that l of `written` is another version of; NULL: it is new. */
static const struct limit *
find_before(const struct limits_rules *before,
    const struct limits_rules *written, const struct limit *l)
{
	const struct limit *same = rules_find_limit(before, str_from(l->name));

	for (size_t i = 0; !same && i < before->n_limits; i++) {
		const struct limit *m = &before->limits[i];

		if (counts_the_same(written, l, before, m) &&
		    !rules_find_limit(written, str_from(m->name)))
			same = m;
	}
	return same;
}

static bool
has_more_subjects(const struct limits_rules *r, const struct limit *l,
    const struct limits_rules *q, const struct limit *m)
{
	const char *now = class_name(r, l), *then = class_name(q, m);

	if (*then && strcmp(now, then) != 0)
		return true;
	return m->younger_than > 0 &&
	       (l->younger_than == 0 || l->younger_than > m->younger_than);
}

/* Can l be exceeded where m never was? Over twice the window twice as many are
 * no more. */
static bool
is_stricter(const struct limits_rules *r, const struct limit *l,
    const struct limits_rules *q, const struct limit *m)
{
	uint64_t windows = (uint64_t)((l->window + m->window - 1) / m->window);

	return l->of != m->of || l->count != m->count ||
	       l->max < m->max * windows || l->action > m->action ||
	       l->points > m->points || has_more_subjects(r, l, q, m);
}

/* Ages: 0 is everybody. */
static bool
is_wider(int64_t now, int64_t was)
{
	return was > 0 && (now == 0 || now > was);
}

static bool
is_signal_stricter(
    const struct rules_signal *now, const struct rules_signal *was)
{
	const struct signal_spec *l = &now->spec, *m = &was->spec;

	return l->enabled &&
	       (!m->enabled || l->window != m->window || l->floor < m->floor ||
		   l->from_ratio < m->from_ratio || l->points > m->points ||
		   l->points_max > m->points_max || l->share < m->share ||
		   (m->observe && !l->observe) ||
		   is_wider(l->younger_than, m->younger_than));
}

static bool
are_classes_stricter(const struct limits_rules *r, const struct limits_rules *q)
{
	if (r->patterns_version != q->patterns_version)
		return true;
	for (size_t i = 0; i < r->n_classes; i++) {
		int k = find_class(q, r->classes[i].name);

		if (k >= 0 &&
		    (r->classes[i].usual < q->classes[k].usual ||
			r->classes[i].at_most > q->classes[k].at_most))
			return true;
	}
	return false;
}

static bool
is_ladder_stricter(const struct limits_rules *r, const struct limits_rules *q)
{
	const struct limits_settings *l = &r->settings, *m = &q->settings;

	return l->score_watch < m->score_watch ||
	       l->score_throttle < m->score_throttle ||
	       l->score_hold < m->score_hold ||
	       l->score_suspend < m->score_suspend ||
	       l->complaint_share < m->complaint_share ||
	       l->complaint_floor < m->complaint_floor ||
	       l->probation_share < m->probation_share;
}

/* `name` is a rule of `written`, and no limit unless l is given. */
static bool
is_rule_stricter(const struct limits_rules *written, const struct limit *l,
    const char *name, const struct limits_rules *before)
{
	if (l) {
		const struct limit *m = find_before(before, written, l);

		return !m || is_stricter(written, l, before, m);
	}
	if (strcmp(name, TRIAL_CLASSES) == 0)
		return are_classes_stricter(written, before);
	if (strcmp(name, TRIAL_LADDER) == 0)
		return is_ladder_stricter(written, before);
	return is_signal_stricter(
	    rules_find_signal(written, name), rules_find_signal(before, name));
}

static void
print_limit(const struct limits_rules *r, const struct limit *l, struct text *t)
{
	text_printf(t, "%s %s %lld %llu %s %lld %d %d",
	    subject_kind_text(l->of), limit_count_text(l->count),
	    (long long)l->window, (unsigned long long)l->max, class_name(r, l),
	    (long long)l->younger_than, l->action, l->points);
}

static void
print_signal(const struct signal_spec *s, struct text *t)
{
	text_printf(t, "%d %lld %lld %lld %lld %lld", s->enabled,
	    (long long)s->window, (long long)s->floor, (long long)s->from_ratio,
	    (long long)s->points, (long long)s->points_max);
	text_printf(t, " %lld %lld %d", (long long)s->share,
	    (long long)s->younger_than, s->observe);
}

static void
print_classes(const struct limits_rules *r, struct text *t)
{
	text_printf(t, "%llu", (unsigned long long)r->patterns_version);
	for (size_t i = 0; i < r->n_classes; i++)
		text_printf(t, " %s %llu %d", r->classes[i].name,
		    (unsigned long long)r->classes[i].usual,
		    r->classes[i].at_most);
}

static void
print_ladder(const struct limits_settings *s, struct text *t)
{
	text_printf(t, "%lld %lld ", (long long)s->complaint_share,
	    (long long)s->complaint_floor);
	text_printf(t, "%lld %lld %lld %lld %lld", (long long)s->score_watch,
	    (long long)s->score_throttle, (long long)s->score_hold,
	    (long long)s->score_suspend, (long long)s->probation_share);
}

uint64_t
trial_version(const struct limits_rules *r, const char *name)
{
	static const struct crypto_key fixed;
	const struct limit *l = rules_find_limit(r, str_from(name));
	struct text t;

	text_grow(&t, 64 * 1024);
	text_printf(&t, "%s ", name);
	size_t n = t.n;

	if (l)
		print_limit(r, l, &t);
	else if (rules_find_signal(r, name))
		print_signal(&rules_find_signal(r, name)->spec, &t);
	else if (strcmp(name, TRIAL_CLASSES) == 0)
		print_classes(r, &t);
	else if (strcmp(name, TRIAL_LADDER) == 0)
		print_ladder(&r->settings, &t);
	uint64_t version = t.n > n ? crypto_hash64(&fixed, text_view(&t)) : 0;

	text_done(&t);
	return version;
}

const struct trial_rule *
trial_find(const struct trial *t, const char *name)
{
	for (size_t i = 0; t && i < t->n; i++) {
		if (strcmp(t->v[i].name, name) == 0)
			return &t->v[i];
	}
	return NULL;
}

struct comparison {
	const struct limits_rules *before;
	uint64_t number;
	const struct trial *was;
	int64_t now, length;
	struct trial *out;
};

static void
compare_one(struct comparison *c, const struct limit *l, const char *name)
{
	const struct limits_rules *written = c->out->written;
	const struct limit *m = l ? find_before(c->before, written, l) : NULL;
	const struct trial_rule *was = trial_find(c->was, m ? m->name : name);
	const struct limits_rules *kept = was ? was->kept : c->before;

	if (!is_rule_stricter(written, l, name, kept))
		return;
	struct trial_rule *r = &c->out->v[c->out->n++];
	struct text t;

	*r = (struct trial_rule){.since = c->now,
	    .until = c->now + c->length,
	    .kept = kept,
	    .kept_number = was ? was->kept_number : c->number,
	    .version = trial_version(written, name)};
	text_init(&t, r->name, sizeof(r->name));
	text_add(&t, name);
	if (was && !is_rule_stricter(written, l, name, c->before)) {
		r->since = was->since;
		r->until = was->until;
	}
}

void
trial_compare(const struct limits_rules *written,
    const struct limits_rules *before, uint64_t number, const struct trial *was,
    int64_t now, int64_t length, struct trial *out)
{
	struct comparison c = {before, number, was, now, length, out};

	out->written = written;
	out->n = 0;
	if (length == 0)
		return;
	for (size_t i = 0; i < written->n_limits; i++)
		compare_one(&c, &written->limits[i], written->limits[i].name);
	for (size_t i = 0; i < SIGNALS; i++)
		compare_one(&c, NULL, written->signals[i].name);
	compare_one(&c, NULL, TRIAL_CLASSES);
	compare_one(&c, NULL, TRIAL_LADDER);
}

/* The version that is kept, under the name that is written. */
static void
keep_limit(struct limits_rules *r, const struct trial *t,
    const struct trial_rule *rule, const struct limit *l)
{
	const struct limit *m = find_before(rule->kept, t->written, l);
	struct limit *out = &r->limits[r->n_limits];

	if (!m)
		return;
	*out = *m;
	out->name = l->name;
	out->slot = -1;
	if (m->class_index != LIMIT_ANY_CLASS) {
		out->class_index = find_class(r, class_name(rule->kept, m));
		if (out->class_index == LIMIT_ANY_CLASS)
			return; /* nobody is in that class any more */
	}
	r->n_limits++;
}

static void
keep_classes(struct limits_rules *r, const struct limits_rules *kept)
{
	for (size_t i = 0; i < r->n_classes; i++) {
		struct account_class *c = &r->classes[i];
		int k = find_class(kept, c->name);

		if (k < 0)
			continue;
		if (kept->classes[k].usual > c->usual)
			c->usual = kept->classes[k].usual;
		if (kept->classes[k].at_most < c->at_most)
			c->at_most = kept->classes[k].at_most;
	}
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void
keep_ladder(struct limits_settings *s, const struct limits_settings *kept)
{
	s->score_watch = larger(s->score_watch, kept->score_watch);
	s->score_throttle = larger(s->score_throttle, kept->score_throttle);
	s->score_hold = larger(s->score_hold, kept->score_hold);
	s->score_suspend = larger(s->score_suspend, kept->score_suspend);
	s->probation_share = larger(s->probation_share, kept->probation_share);
	s->complaint_share = larger(s->complaint_share, kept->complaint_share);
	s->complaint_floor = larger(s->complaint_floor, kept->complaint_floor);
}

static void
keep_signal(struct limits_rules *r, const struct trial *t, size_t i)
{
	const struct trial_rule *on = trial_find(t, r->signals[i].name);
	const struct limits_rules *from = on ? on->kept : t->written;

	r->signals[i].spec = from->signals[i].spec;
}

struct limits_rules *
trial_compose(const struct trial *t)
{
	const struct limits_rules *written = t->written;
	struct limits_rules *r = rules_new(&written->settings);
	const struct trial_rule *on;

	r->lender = written;
	memcpy(r->classes, written->classes, sizeof(r->classes));
	r->n_classes = written->n_classes;
	for (size_t i = 0; i < SIGNALS; i++)
		keep_signal(r, t, i);
	if ((on = trial_find(t, TRIAL_CLASSES)))
		keep_classes(r, on->kept);
	if ((on = trial_find(t, TRIAL_LADDER)))
		keep_ladder(&r->settings, &on->kept->settings);
	for (size_t i = 0; i < written->n_limits; i++) {
		const struct limit *l = &written->limits[i];

		if ((on = trial_find(t, l->name)))
			keep_limit(r, t, on, l);
		else
			r->limits[r->n_limits++] = *l;
	}
	return r;
}

static void
print_more(struct text *out, const char *what)
{
	text_add(out, out->n > 0 ? ", " : "");
	text_add(out, what);
	text_char(out, ' ');
}

static void
print_numbers(struct text *out, const char *what, uint64_t now, uint64_t then)
{
	if (now == then)
		return;
	print_more(out, what);
	text_u64(out, now);
	text_add(out, " instead of ");
	text_u64(out, then);
}

static void
print_texts(
    struct text *out, const char *what, const char *now, const char *then)
{
	if (strcmp(now, then) == 0)
		return;
	print_more(out, what);
	text_printf(
	    out, "%s instead of %s", *now ? now : "any", *then ? then : "any");
}

static void
print_times(struct text *out, const char *what, int64_t now, int64_t then)
{
	if (now == then)
		return;
	print_more(out, what);
	time_duration(out, now);
	text_add(out, " instead of ");
	time_duration(out, then);
}

static void
print_limit_change(const struct limits_rules *r, const struct limit *l,
    const struct limits_rules *q, const struct limit *m, struct text *out)
{
	print_texts(
	    out, "of", subject_kind_text(l->of), subject_kind_text(m->of));
	print_texts(out, "count", limit_count_text(l->count),
	    limit_count_text(m->count));
	print_numbers(out, "max", l->max, m->max);
	print_times(out, "window", l->window, m->window);
	print_texts(out, "class", class_name(r, l), class_name(q, m));
	print_times(out, "younger_than", l->younger_than, m->younger_than);
	print_texts(out, "action", standing_action(l->action),
	    standing_action(m->action));
	print_numbers(out, "points", (uint64_t)l->points, (uint64_t)m->points);
}

void
trial_print_change(
    const struct trial *t, const struct trial_rule *r, struct text *out)
{
	const struct limit *l = rules_find_limit(t->written, str_from(r->name));
	const struct limit *m = l ? find_before(r->kept, t->written, l) : NULL;
	char words[512];
	struct text w;

	text_init(&w, words, sizeof(words));
	if (m)
		print_limit_change(t->written, l, r->kept, m, &w);
	else if (l || (rules_find_signal(r->kept, r->name) &&
			  !rules_find_signal(r->kept, r->name)->spec.enabled))
		text_add(&w, "new");
	else if (strcmp(r->name, TRIAL_CLASSES) == 0)
		text_add(&w, "accounts, usual or at_most of a class changed");
	else if (strcmp(r->name, TRIAL_LADDER) == 0)
		text_add(&w, "a score, a share or complaint_floor is lower");
	else
		text_add(&w, "it speaks earlier or louder");
	text_str(out, text_view(&w));
}
