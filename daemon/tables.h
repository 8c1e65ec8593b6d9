/* tables - the files below STATE_DIR/tables that Postfix reads */
#ifndef DAEMON_TABLES_H
#define DAEMON_TABLES_H

#include "base/error.h"
#include "limits/standings.h"
#include "mta/account.h"

enum { TABLES_PATH = 4096 };

enum table {
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
	TABLES
};

/* "STATE_DIR/tables/logins.cdb" */
void tables_path(
    const char *state_dir, enum table which, char path[TABLES_PATH]);
/* Can anybody read it? false: *where is what keeps them out. */
bool tables_are_public(const char *state_dir, char where[TABLES_PATH]);

/* Make the directory, and empty tables where there are none. They are made
 * before any line names them, and never removed: a missing table refuses all
 * mail. */
int tables_make(const char *state_dir, struct error *err);

/* What holds at `now`, and needs nothing of the arguments later; putting it to
 * the disk blocks for two fsyncs, and may be done in another thread. */
struct tables;
struct ledger;
/* ledger: whose accounts are those of a suspended domain; NULL: nobody's. */
struct tables *tables_gather(const char *state_dir, struct standings *s,
    const struct account_rules *accounts, const struct limits_settings *limits,
    const struct ip_nets *front_ends, struct ledger *ledger, int64_t now);
int tables_put(struct tables *t, struct error *err); /* once */
void tables_free(struct tables **t);

/* Write what holds at `now`, each entry with the text it is refused with. Both
 * at once. front_ends are never blocked. */
int tables_write(const char *state_dir, struct standings *s,
    const struct account_rules *accounts, const struct limits_settings *limits,
    const struct ip_nets *front_ends, struct ledger *ledger, int64_t now,
    struct error *err);

#endif
