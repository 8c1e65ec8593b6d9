/* people_parts - what the plans of people and of bulk senders share */
#ifndef SIM_PEOPLE_PARTS_H
#define SIM_PEOPLE_PARTS_H

#include "tests/sim/world.h"

/* A moment of the account's day: most in working hours, some in the evening. */
int64_t people_moment(struct account *a, int day);
/* The judged day on which this account does what it does once. */
int people_own_day(const struct world *w, const struct account *a);

/* Ordinary letters: so many over the day, this share to new acquaintances;
 * `from`: all from there; 0: from where it usually sends. */
struct letters {
	int day;
	double mean, news;
	uint16_t disguise;
	client from;
};
void people_letters(
    struct world *w, struct account *a, const struct letters *l);

/* A run: the same text to many, so many at a time. */
struct run {
	int64_t at;
	unsigned n, width; /* recipients, and in one message */
	double every;	   /* mean seconds from one message to the next */
	double strangers, dead, refused;
	client from; /* 0: from where it usually sends */
};
void people_run(struct world *w, struct account *a, const struct run *r);

/* people_bulk.c: a day of one that sends to many; false: of no such kind. */
bool people_bulk_day(struct world *w, struct account *a, int day);

#endif
