/* lane - how much one own IP may send to one provider */
#include "reputation/lane.h"

#include <inttypes.h>

enum {
	DAY = 86400,
	RESTS_MAX = 4,	/* doublings of the rest */
	SURE = 3,	/* refusals before a period is over */
	USUAL_FADES = 8 /* a quiet period takes an eighth of it */
};

/* FACTS 4.3. */
const int64_t lane_days[] = {50, 100, 250, 500, 1000, 2500, 5000, 7500, 10000,
    15000, 20000, 30000, 40000, 55000, 70000, 100000};
const size_t lane_n_days = sizeof(lane_days) / sizeof(*lane_days);

static const char *const names[] = {
    [LANE_OPEN] = "open",
    [LANE_BLOCKED] = "blocked",
    [LANE_BACK] = "back",
    [LANE_WARMING] = "warming",
};

const char *
lane_state_text(enum lane_state s)
{
	return names[s];
}

void
lane_count(struct lane *l, int64_t tried, int64_t refused)
{
	l->tried += tried;
	l->refused += refused;
}

int64_t
lane_tried(const struct lane *l)
{
	return l->tried + l->others_tried;
}

int64_t
lane_refused(const struct lane *l)
{
	return l->refused + l->others_refused;
}

static void
begin_period(struct lane *l, int64_t now)
{
	l->from = now;
	l->tried = l->others_tried = 0;
	l->refused = l->others_refused = 0;
}

static void
go(struct lane *l, enum lane_state state, int64_t budget, int64_t now)
{
	l->state = state;
	l->since = now;
	l->budget = budget;
	begin_period(l, now);
}

void
lane_open(struct lane *l, int64_t now)
{
	l->is_warming = false;
	l->blocks = 0;
	go(l, LANE_OPEN, 0, now);
}

void
lane_warm_up(struct lane *l, const struct lane_rules *r, int64_t now)
{
	l->is_warming = true;
	l->level = 0;
	l->blocks = 0;
	go(l, LANE_WARMING, r->days[0], now);
}

static void
block(struct lane *l, int64_t now)
{
	l->blocks++;
	go(l, LANE_BLOCKED, 0, now);
}

static bool
is_refused(const struct lane *l, const struct lane_rules *r)
{
	return lane_refused(l) * 100 > r->refused_max * lane_tried(l);
}

/* What one sends in a busy period, for a while. */
static void
note_usual(struct lane *l)
{
	int64_t faded = l->usual - (l->usual + USUAL_FADES - 1) / USUAL_FADES;

	int64_t tried = lane_tried(l);

	l->usual = tried > faded ? tried : faded;
}

static bool
step_open(struct lane *l, const struct lane_rules *r, enum lane_trouble trouble,
    int64_t now)
{
	bool is_over = now - l->from >= r->period;

	if (is_over || trouble != LANE_NO_TROUBLE)
		note_usual(l);
	if (trouble == LANE_SHUT) {
		block(l, now);
		return true;
	}
	if (trouble == LANE_SLOWED) {
		int64_t half = l->usual / 2;

		go(l, LANE_BACK, half > r->step ? half : r->step, now);
		return true;
	}
	if (is_over)
		begin_period(l, now);
	return false;
}

static bool
step_blocked(struct lane *l, const struct lane_rules *r, int64_t now)
{
	int64_t n = l->blocks - 1;
	int64_t rest = r->rest << (n < 0 ? 0 : n > RESTS_MAX ? RESTS_MAX : n);

	if (now - l->since < rest)
		return false;
	if (l->is_warming) {
		l->level /= 2;
		go(l, LANE_WARMING, r->days[l->level], now);
	} else {
		go(l, LANE_BACK, r->step, now);
	}
	return true;
}

static void
halve(struct lane *l, int64_t now)
{
	bool is_all = lane_refused(l) >= lane_tried(l);

	l->budget /= 2;
	if (l->budget < 1 || is_all)
		block(l, now);
	else
		begin_period(l, now);
}

static bool
step_back(struct lane *l, const struct lane_rules *r, enum lane_trouble trouble,
    int64_t now)
{
	bool is_over = now - l->from >= r->period;

	if (is_refused(l, r) && (is_over || lane_refused(l) >= SURE)) {
		halve(l, now);
		return true;
	}
	if (!is_over || lane_tried(l) == 0)
		return false; /* nothing tried says nothing */
	l->budget += r->step;
	if (l->budget >= l->usual && trouble == LANE_NO_TROUBLE)
		lane_open(l, now);
	else
		begin_period(l, now);
	return true;
}

static bool
step_warming(struct lane *l, const struct lane_rules *r,
    enum lane_trouble trouble, int64_t now)
{
	if (trouble == LANE_SHUT) {
		block(l, now);
		return true;
	}
	if (now - l->from < DAY)
		return false;
	bool is_well = lane_tried(l) > 0 && !is_refused(l, r) &&
		       trouble == LANE_NO_TROUBLE;

	if (is_well)
		l->level++;
	if (l->level >= (int64_t)r->n_days) {
		lane_open(l, now);
		return true;
	}
	l->budget = r->days[l->level];
	begin_period(l, now);
	return true;
}

bool
lane_step(struct lane *l, const struct lane_rules *r, enum lane_trouble trouble,
    int64_t now)
{
	if (l->state == LANE_OPEN)
		return step_open(l, r, trouble, now);
	if (l->state == LANE_BLOCKED)
		return step_blocked(l, r, now);
	if (l->state == LANE_BACK)
		return step_back(l, r, trouble, now);
	return step_warming(l, r, trouble, now);
}

/* A day's budget comes in as many parts as the day has hours: the first one at
 * once. */
static int64_t
due(const struct lane *l, int64_t now)
{
	int64_t parts = (now - l->from) / (DAY / 24) + 1;

	return (l->budget * (parts < 24 ? parts : 24) + 23) / 24;
}

int64_t
lane_room(const struct lane *l, int64_t now)
{
	int64_t most = l->state == LANE_WARMING ? due(l, now) : l->budget;

	if (l->state == LANE_OPEN)
		return INT64_MAX;
	int64_t tried = lane_tried(l);

	return most > tried ? most - tried : 0;
}

bool
lane_merge(struct lane *l, const struct lane *other)
{
	int64_t usual = l->usual > other->usual ? l->usual : other->usual;
	bool is_other = false;

	if (other->from < l->from)
		return false;
	if (other->from > l->from) {
		is_other =
		    other->state != l->state || other->budget != l->budget;
		*l = *other;
		l->tried = l->refused = 0;
		l->others_tried = l->others_refused = 0;
	}
	l->usual = usual;
	l->others_tried += other->tried;
	l->others_refused += other->refused;
	return is_other;
}

void
lane_print(const struct lane *l, struct text *out)
{
	text_printf(out,
	    "%s %d %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
	    " %" PRId64 " %" PRId64 " %" PRId64,
	    names[l->state], l->is_warming, l->since, l->from, l->budget,
	    l->tried, l->refused, l->usual, l->level, l->blocks);
}

static bool
find_state(struct str name, enum lane_state *out)
{
	for (enum lane_state s = LANE_OPEN; s <= LANE_WARMING; s++) {
		if (str_is(name, str_from(names[s]))) {
			*out = s;
			return true;
		}
	}
	return false;
}

/* What is multiplied by a hundred, or added up, stays a number. */
#define LARGEST (INT64_C(1) << 50)

bool
lane_parse(struct str s, struct lane *out)
{
	struct lane l = {0};
	int64_t is_warming;
	int64_t *const fields[] = {&is_warming, &l.since, &l.from, &l.budget,
	    &l.tried, &l.refused, &l.usual, &l.level, &l.blocks};
	const size_t n = sizeof(fields) / sizeof(*fields);
	struct str word;

	if (!str_cut(&s, ' ', &word) || !find_state(word, &l.state))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!str_cut(&s, ' ', &word)) {
			word = s;
			s = STR("");
		}
		if (!str_to_i64(word, fields[i]) || *fields[i] < 0 ||
		    *fields[i] > LARGEST)
			return false;
	}
	l.is_warming = is_warming != 0;
	if (s.n > 0 || (l.is_warming && l.level >= (int64_t)lane_n_days))
		return false;
	*out = l;
	return true;
}
