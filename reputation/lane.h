/* lane - how much one own IP may send to one provider
 *
 *   OPEN     as much as there is
 *   BLOCKED  nothing, until it has rested; longer each time
 *   BACK     after a block, or slowed: a budget for each period, that grows by
 *            a step when a period went well and is halved when the provider
 *            refuses (additive increase, multiplicative decrease); OPEN again
 *            when it is what was sent before
 *   WARMING  a new address: a budget for each day by a schedule, spread over
 *            the day, that grows only after a day that went well
 *
 * What the log shows is counted here; Postfix learns it by tables, seconds
 * later: what is sent meanwhile is more than the budget, and counts. Pure.
 */
#ifndef REPUTATION_LANE_H
#define REPUTATION_LANE_H

#include "base/text.h"

enum lane_state { LANE_OPEN, LANE_BLOCKED, LANE_BACK, LANE_WARMING };
const char *lane_state_text(enum lane_state s);

/* What the provider does to the address, as its incidents say. */
enum lane_trouble { LANE_NO_TROUBLE, LANE_SLOWED, LANE_SHUT };

struct lane_rules {
	int64_t rest;	/* BLOCKED: how long; twice that the next time ... */
	int64_t period; /* BACK */
	int64_t step;	/* recipients a period more */
	int64_t refused_max; /* percent of what was tried: it went well */
	const int64_t *days; /* WARMING: recipients a day */
	size_t n_days;
};

/* The schedule of FACTS' vendors: 50 on the first day, 100,000 on the 16th. */
extern const int64_t lane_days[];
extern const size_t lane_n_days;

struct lane {
	enum lane_state state;
	bool is_warming;	/* BLOCKED: it was, and will be */
	int64_t since;		/* so it is since */
	int64_t from;		/* the period's begin */
	int64_t budget;		/* of a period, in BACK and WARMING */
	int64_t tried, refused; /* in it, by this node ... */
	int64_t others_tried, others_refused; /* ... and by the others */
	int64_t usual;	/* a period's, before the trouble */
	int64_t level;	/* WARMING: how far in the schedule */
	int64_t blocks; /* since it was OPEN */
};

/* All zero is OPEN. Recipients that were tried, and of these refused because of
 * us. */
void lane_count(struct lane *l, int64_t tried, int64_t refused);
/* By all nodes, in this period. */
int64_t lane_tried(const struct lane *l);
int64_t lane_refused(const struct lane *l);
/* What follows, at least every few seconds. true: it is another state, or
 * another budget. */
bool lane_step(struct lane *l, const struct lane_rules *r,
    enum lane_trouble trouble, int64_t now);
/* Warm-up from the begin, and the end of whatever it was. */
void lane_warm_up(struct lane *l, const struct lane_rules *r, int64_t now);
void lane_open(struct lane *l, int64_t now);

/* What another node has of the same one. Whoever began a period last is right
 * about all but who sent what; of the same period, what it sent counts beside
 * ours. Before the first of the nodes others_tried and _refused are 0. true: it
 * is another state, or another budget. */
bool lane_merge(struct lane *l, const struct lane *other);

/* How many more may be tried now; INT64_MAX: as many as there are. */
int64_t lane_room(const struct lane *l, int64_t now);

/* "back 40 of 60 since ...": as kept in the books. false: not ours. */
void lane_print(const struct lane *l, struct text *out);
bool lane_parse(struct str s, struct lane *out);

#endif
