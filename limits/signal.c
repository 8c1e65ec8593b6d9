/* signal - one piece of evidence of abuse, worth points while it holds */
#include "limits/signal.h"

#include "base/time.h"
#include "limits/complained.h"

enum { SETTLED = 7 * 86400, CLOCKS_DIFFER = 3600 };

/* A class's usual is of ten minutes, and of recipients. */
static uint64_t
class_usual(const struct judge_input *in, const struct rules_signal *s)
{
	const struct account_class *c =
	    rules_class_at(in->rules, in->class_index);
	uint64_t usual = c->usual * (uint64_t)s->spec.window / 600;

	/* Who begins begins slowly. */
	if (s->count != COUNT_RECIPIENTS || s->spec.younger_than > 0)
		usual = 0;
	return usual ? usual : 1;
}

static uint64_t
allowed_by_operator(const struct judge_input *in)
{
	uint64_t most = 0;

	for (size_t i = 0; i < in->n_overrides; i++) {
		const struct limits_override *o = &in->overrides[i];
		const struct limit *l =
		    rules_find_limit(in->rules, str_from(o->limit));

		if (l && l->count == COUNT_RECIPIENTS && l->window <= 3600 &&
		    in->now < o->until && o->max > l->max && o->max > most)
			most = o->max;
	}
	return most;
}

/* Until then so few windows have passed since it was first seen that it has no
 * usual yet; 0: it may have. (Windows more, since hosts' clocks differ.) */
static int64_t
without_past(const struct judge_input *in, const struct rules_signal *s)
{
	enum { MORE = 2 };
	int64_t until = subject_first_seen(in->subject) +
			(s->spec.history - MORE) * s->spec.window;

	return in->now < until ? until : 0;
}

/* Its history stays as long as that: enough to tell, or too short. */
static bool
is_lasting(const struct subject_past *past, const struct rules_signal *s)
{
	size_t history = (size_t)s->spec.history;

	return past->until > 0 &&
	       (past->at_least >= history || past->at_most < history ||
		   s->count != s->usual_count);
}

/* The bound as it is now. Returns what it is at least until out->until. */
static uint64_t
find_usual(const struct judge_input *in, const struct rules_signal *s,
    struct reason *out)
{
	struct subject_past past = {0};
	uint64_t allowed = allowed_by_operator(in), least;

	out->until = s->count == s->usual_count ? without_past(in, s) : 0;
	if (out->until == 0)
		past = *usual_get(s->usual, in->ledger, in->subject,
		    s->usual_count, s->spec.window);
	out->bound = past.usual;
	out->is_own = past.windows >= (size_t)s->spec.history;
	if (!out->is_own && s->count == s->usual_count)
		out->bound = past.least = class_usual(in, s);
	least = out->bound;
	if (is_lasting(&past, s)) {
		out->until = past.until;
		least = past.least;
	}
	if (s->spec.from_ratio > 0)
		allowed /= (uint64_t)s->spec.from_ratio;
	if (out->bound < allowed) {
		out->bound = allowed;
		out->is_own = false;
	}
	return least < allowed ? allowed : least;
}

static bool
give(const struct signal_spec *spec, double times, struct reason *r)
{
	double points = times * (double)spec->points;

	if (points > (double)spec->points_max)
		points = (double)spec->points_max;
	r->points = (int)points;
	return r->points > 0 || spec->points == 0;
}

/* Until a count that is `value` is so much. */
static uint64_t
room_below(double much, uint64_t value)
{
	return much > (double)value ? (uint64_t)much - value : 0;
}

/* What is usual counts as at least half of the floor. */
static double
excess_base(const struct signal_spec *spec, uint64_t usual)
{
	double half = (double)spec->floor / 2;

	return (double)usual < half ? half : (double)usual;
}

uint64_t
signal_room(const struct reason *r, int points, int64_t *until)
{
	enum { LESS = 4 };
	uint64_t now = room_below(r->each * points, r->value);
	uint64_t later = room_below(r->each_later * points, r->value);

	/* For longer, unless that is much less than now. */
	*until = r->until;
	if (later > 0 && later >= now / LESS)
		return later;
	*until = 0;
	return now;
}

static bool
judge_excess(const struct judge_input *in, const struct rules_signal *s,
    uint64_t extra, struct reason *r)
{
	const struct signal_spec *spec = &s->spec;

	r->value = subject_watched(in->ledger, in->subject, s->slot);
	if (s->count == COUNT_RECIPIENTS)
		r->value += extra;
	r->room = room_below((double)spec->floor, r->value);
	if (r->value < (uint64_t)spec->floor)
		return false;
	uint64_t least = find_usual(in, s, r);
	int64_t since = in->now - subject_first_seen(in->subject);

	/* Who has just come knows nobody yet. */
	r->room = since + 60 < SETTLED ? UINT64_MAX : 0;
	if (s->count == COUNT_STRANGERS && !r->is_own && since < SETTLED) {
		if (r->until > in->now - since + SETTLED)
			r->until = in->now - since + SETTLED;
		return false;
	}
	double ratio = (double)r->value / excess_base(spec, r->bound);

	/* First by how often the usual it is, then by points. */
	r->each = excess_base(spec, r->bound);
	r->each_later = excess_base(spec, least);
	if (ratio < (double)spec->from_ratio) {
		r->room = signal_room(r, (int)spec->from_ratio, &r->until);
		return false;
	}
	double points = (double)spec->points;

	r->each = points > 0 ? r->each / points : 0;
	r->each_later = points > 0 ? r->each_later / points : 0;
	return give(spec, ratio, r);
}

static bool
judge_share(const struct judge_input *in, const struct rules_signal *s,
    struct reason *r)
{
	r->value = subject_watched(in->ledger, in->subject, s->slot);
	r->room = room_below((double)s->spec.floor, r->value);
	if (r->value < (uint64_t)s->spec.floor)
		return false;
	r->bound = subject_watched(in->ledger, in->subject, s->whole);
	/* The lower bound of a share is below it. Nothing leaves the window
	 * before all that was ever counted is as old; hosts' clocks differ. */
	r->room = room_below(
	    (double)r->bound * (double)s->spec.share / 10000, r->value);
	r->until =
	    subject_first_seen(in->subject) + s->spec.window - CLOCKS_DIFFER;
	r->is_share = true;
	double share = complained_share(r->value, r->bound);

	return share >= (double)s->spec.share &&
	       give(&s->spec, share / (double)s->spec.share, r);
}

static bool
judge_complained(const struct judge_input *in, const struct rules_signal *s,
    struct reason *r)
{
	double share;

	return complained_signal(in, s, r, &share) &&
	       give(&s->spec, share / (double)s->spec.share, r);
}

static bool
judge_networks(const struct judge_input *in, const struct rules_signal *s,
    struct reason *r)
{
	bool is_told = s->spec.window >= SUBJECT_NETWORK_NEWS;

	r->count = REASON_NEW_NETWORKS;
	/* Another one voids what is known of the subject. Those that there are
	 * become new to it when a first one is known. */
	r->room = is_told ? UINT64_MAX : 0;
	if (subject_distinct_networks(in->subject, s->spec.window, in->now) <
	    (uint64_t)s->spec.floor)
		return false;
	r->until = 0;
	r->value = subject_foreign_networks(
	    in->ledger, in->subject, s->spec.window, in->now);
	r->is_own = true;
	return r->value >= (uint64_t)s->spec.floor &&
	       give(&s->spec, (double)r->value, r);
}

static bool
judge_blamed(const struct judge_input *in, const struct rules_signal *s,
    struct reason *r)
{
	r->value = in->owner.blamed;
	r->room = r->value ? 0 : UINT64_MAX;
	r->count = REASON_INCIDENT;
	r->is_blamed = true;
	return in->owner.blamed >= (uint64_t)s->spec.floor &&
	       in->now - in->owner.blamed_at < s->spec.window &&
	       give(&s->spec, 1, r);
}

static bool
judge_known(const struct judge_input *in, const struct rules_signal *s,
    struct reason *r)
{
	uint64_t strangers = subject_watched(in->ledger, in->subject, s->slot);

	r->bound = subject_watched(in->ledger, in->subject, s->whole);
	r->value = r->bound > strangers ? r->bound - strangers : 0;
	r->count = REASON_KNOWN;
	r->is_share = true;
	r->room = UINT64_MAX; /* it only takes off */
	if (r->bound < (uint64_t)s->spec.floor ||
	    complained_share(r->value, r->bound) < (double)s->spec.share)
		return false;
	r->points = -(int)s->spec.points;
	return true;
}

static bool
judge_countries(const struct judge_input *in, const struct rules_signal *s,
    struct reason *r)
{
	enum { USUAL = 2 };
	uint64_t n = subject_watched(in->ledger, in->subject, s->slot);
	bool is_travel = s->shape == SIGNAL_TRAVEL;

	r->room = room_below((double)s->spec.floor, n);
	if (n < (uint64_t)s->spec.floor)
		return false;
	struct subject_countries c =
	    subject_countries(in->ledger, in->subject, s->spec.window, in->now);

	/* Another network voids what is known of the subject. */
	r->until = 0;
	r->room = s->spec.window >= SUBJECT_NETWORK_NEWS ? UINT64_MAX : 0;
	r->count = is_travel ? REASON_COUNTRIES : REASON_NEW_COUNTRIES;
	r->value = is_travel ? c.all : c.news;
	r->bound = is_travel ? USUAL : 0;
	r->is_own = !is_travel;
	return r->value > r->bound &&
	       give(&s->spec, (double)(r->value - r->bound), r);
}

bool
signal_is_only_told(const struct rules_signal *s)
{
	return s->spec.observe || s->spec.points == 0 ||
	       s->spec.points_max == 0;
}

bool
signal_judge(const struct judge_input *in, const struct rules_signal *s,
    uint64_t extra, struct reason *out)
{
	*out = (struct reason){.rule = s->name,
	    .count = s->count,
	    .window = s->spec.window,
	    .until = TIME_NEVER};
	switch (s->shape) {
	case SIGNAL_EXCESS:
		return judge_excess(in, s, extra, out);
	case SIGNAL_SHARE:
		return judge_share(in, s, out);
	case SIGNAL_COMPLAINED:
		return judge_complained(in, s, out);
	case SIGNAL_BLAMED:
		return judge_blamed(in, s, out);
	case SIGNAL_NETWORKS:
		return judge_networks(in, s, out);
	case SIGNAL_COUNTRIES:
	case SIGNAL_TRAVEL:
		return judge_countries(in, s, out);
	case SIGNAL_HOURS:
		return signal_judge_hours(in, s, out);
	case SIGNAL_KNOWN:
		break;
	}
	return judge_known(in, s, out);
}
