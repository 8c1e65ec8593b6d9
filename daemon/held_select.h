/* held_select - which of the held messages an order is about
 *
 *   all
 *   before TIME, from NET, from NET
 *
 * What was handed in before TIME, and from any of these networks; "from local"
 * is what came from no network. TIME is as in other commands, or how long ago.
 * Pure.
 */
#ifndef DAEMON_HELD_SELECT_H
#define DAEMON_HELD_SELECT_H

#include "base/error.h"
#include "queue/queue_message.h"

enum { HELD_NETS = 16, HELD_SELECT_TEXT = 1200 };

struct held_select {
	bool is_given;	/* else it is about none */
	int64_t before; /* 0: of any time */
	struct ip_net nets[HELD_NETS];
	size_t n_nets;
	bool is_local; /* one of them is "local" */
};

/* -1: it can't be understood. */
int held_select_parse(
    struct str s, int64_t now, struct held_select *out, struct error *err);
/* So that it is read as the same again. */
void held_select_print(const struct held_select *s, struct text *out);

bool held_select_has(
    const struct held_select *s, const struct queue_message *m);

/* Whose messages: an account's, or those of a domain's accounts, or what came
 * from a network. */
struct held_scope {
	struct str account; /* empty: none of these */
	struct str domain;
	struct ip_net net; /* when both are empty */
};
bool held_scope_has(const struct held_scope *s, const struct queue_message *m);

/* A selection's sum: how many, and from where, the most first. */
enum { HELD_PLACES = 16 };
struct held_tally {
	size_t n;
	int64_t bytes, oldest; /* 0: none */
	struct held_place {
		struct ip_net net; /* its address none: no network is known */
		enum queue_origin origin;
		size_t n;
		int64_t bytes;
	} v[HELD_PLACES];
	size_t n_places;
	size_t n_elsewhere; /* of n, beyond these places */
};
void held_tally_add(struct held_tally *t, const struct queue_message *m);
/* "3 from 192.0.2.0/24 (late), 1 local (clean)" */
void held_tally_print(const struct held_tally *t, struct text *out);

#endif
