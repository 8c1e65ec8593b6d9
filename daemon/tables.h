/* tables - the files below STATE_DIR/tables that Postfix reads */
#ifndef DAEMON_TABLES_H
#define DAEMON_TABLES_H

#include <sys/types.h>

#include "base/error.h"
#include "limits/answer.h"
#include "daemon/pause_view.h"
#include "daemon/pool_tables.h"
#include "mta/chain.h"
#include "mta/maincf.h"
#include "reputation/receivers.h"

enum { TABLES_PATH = 4096 };

enum tables_kind {
	/* Suspended logins, for check_sasl_access. */
	TABLE_LOGINS,
	/* Suspended local users (uid:NAME), for authorized_submit_users:
	 * sendmail reads it with the rights of who runs it. */
	TABLE_USERS,
	/* Clients that no mail is taken from: accounts ip:ADDRESS, clients and
	 * networks that an operator suspended; for check_client_access. */
	TABLE_CLIENTS,
	/* The same, and those that are blocked by themselves, which may not
	 * log in: for the services that take logins. */
	TABLE_BLOCKED,
	/* Recipient domains of providers that are paused or slowed, for
	 * transport_maps. Whatever happens to outpostd, its entries end: beside
	 * each stands until when it holds (tables_prune). */
	TABLE_PROVIDERS,
	/* By which own IP a sender's mail leaves: those whose standing makes it
	 * another one, the others, and which own IP has a place now. See
	 * mta/maincf.h. */
	TABLE_MOVERS,
	TABLE_SENDERS,
	TABLE_PLACES,
	TABLES
};

/* "STATE_DIR/tables/logins.cdb" */
void tables_path(
    const char *state_dir, enum tables_kind which, char path[TABLES_PATH]);
mode_t tables_mode(enum tables_kind which);
/* Can anybody read it? false: *where is what keeps them out. */
bool tables_are_public(const char *state_dir, char where[TABLES_PATH]);

/* Make the directory, and empty tables where there are none. They are made
 * before any line names them, and never removed: a missing table refuses all
 * mail. */
int tables_make(const char *state_dir, struct error *err);

/* Root makes them for whom the state directory belongs to (`outpost postfix`
 * before outpostd's first start, holdguard). */
void tables_give(const char *state_dir, const char *path);
enum { TABLES_MODE = 0640 }; /* but of users */

/* What they are made of. */
struct tables;
typedef void tables_more_fn(void *ctx, pool_put_fn *put, void *put_ctx);
struct tables_source {
	const char *state_dir;
	struct standings *standings;
	const struct account_rules *accounts;
	const struct limits_settings *limits;
	const struct ip_nets *front_ends; /* never blocked */
	/* Whose accounts are those of a suspended domain; NULL: nobody's. */
	struct ledger *ledger;
	/* Who receives mail where; NULL: not known. */
	const struct providers *providers;
	const struct receivers *receivers;
	const char *slow_transport; /* TRANSPORT:[NEXTHOP]; empty: none */
	/* Domains whose mail stays here are never paused; NULL: not known. */
	struct chains *chains;
	const struct answer_links *links; /* NULL: none */
	const struct pool_view *pools;	  /* NULL: there are none */
	const struct pause_view *pauses;  /* NULL: nothing is told apart */
	/* Of TABLE_MOVERS, with pools: behind all others; NULL: none. */
	tables_more_fn *more;
	void *more_ctx;
};
/* What holds, gathered in slices (max as for a standings_walk; false: that was
 * all), each from what there is at its time. What was gathered needs nothing of
 * that later; putting it to the disk blocks for fsyncs, and may be done in
 * another thread, as may the freeing. */
struct tables *tables_new(const struct tables_source *s);
bool tables_gather(
    struct tables *t, const struct tables_source *s, int64_t now, size_t max);
int tables_put(struct tables *t, struct error *err); /* once */
/* Is there a provider to be slowed, and no slow_transport? Its mail is named
 * nowhere, so it leaves as all does. */
bool tables_is_unslowed(const struct tables *t);
void tables_free(struct tables **t);

/* All but TABLE_SENDERS, which has a pace of its own (app_senders.c). */

/* Write what holds at `now`, each entry with the text it is refused with. Both
 * at once. */
int tables_write(const struct tables_source *s, int64_t now, struct error *err);

/* tables_prune.c: takes what is over out of TABLE_PROVIDERS, without outpostd
 * (holdguard); *n: how many domains. 0 when there is no table, too. */
int tables_prune(
    const char *state_dir, int64_t now, size_t *n, struct error *err);
/* The key of the entry that says until when the one of this domain holds: no
 * recipient's domain begins with a blank. */
enum { TABLES_KEY = 320 };
struct str tables_until_key(struct str domain, char buf[TABLES_KEY]);
/* The transport of what is paused: none, see mta/maincf.h. */
#define TABLES_PAUSED MAINCF_PAUSED ":"

#endif
