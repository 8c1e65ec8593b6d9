/* guess - places from which the passwords of many accounts are tried
 *
 * A place is an address or a network (/24, /64). It is found out when, within
 * a window, so many different accounts failed there, and those that fail are
 * with confidence more than seven in ten of all that were seen there: an
 * office after a change of passwords has others who succeed. Accounts that
 * sent from there before are no strangers and don't count; neither does an
 * account that succeeds later. One account that fails again and again is a
 * stale password, and counts only beyond guess_failures.
 *
 * Pure, in memory, bounded; what happened before a restart is forgotten.
 */
#ifndef LIMITS_GUESS_H
#define LIMITS_GUESS_H

#include "limits/sanction.h"

struct guess;
struct guess *guess_new(size_t max_places);
void guess_free(struct guess **g);
/* How many are remembered: who failed within the window, and few besides. */
size_t guess_places(const struct guess *g);

/* A login at a place; account empty: not known. */
struct guess_login {
	struct ip client;
	struct str account;
	uint32_t n;	     /* how many failed */
	bool is_no_stranger; /* the account has sent from there */
	int64_t at;
};
void guess_succeeded(struct guess *g, const struct guess_login *login);

struct guess_finding {
	enum subject_kind kind; /* CLIENT or NETWORK */
	struct ip_net net;
	uint64_t accounts, failures; /* of the window */
	int64_t window;
};
/* What follows: at most one of the address and one of the network; returns
 * how many. A place is found again with its next failure. */
enum { GUESS_FINDINGS = 2 };
size_t guess_failed(struct guess *g, const struct limits_settings *s,
    const struct guess_login *login, struct guess_finding out[GUESS_FINDINGS]);
/* Nothing of this place is told before then. */
void guess_spare(struct guess *g, const struct guess_finding *f, int64_t until);

/* guess_sanction.c: as sanction_from_verdict. */
#define GUESS_RULE "guessing" /* of its events */
enum { GUESS_LONGEST = 7 * 86400 };
bool guess_sanction(const struct sanction_about *a,
    const struct limits_settings *s, const struct guess_finding *f, int64_t at,
    bool is_enforcing, struct event *out);
/* It isn't blocked, since so many accounts in good standing used it. */
bool guess_warning(struct standings *s, const struct sanction_about *a,
    const struct guess_finding *f, size_t n_good, int64_t at, bool is_enforcing,
    struct event *out);

#endif
