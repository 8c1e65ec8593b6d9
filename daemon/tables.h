/* tables - the files below STATE_DIR/tables that Postfix reads */
#ifndef DAEMON_TABLES_H
#define DAEMON_TABLES_H

#include "base/error.h"
#include "limits/standings.h"
#include "mta/account.h"

enum { TABLES_PATH = 4096 };

/* "STATE_DIR/tables/logins.cdb": suspended logins, for check_sasl_access. */
void tables_login_path(const char *state_dir, char path[TABLES_PATH]);

/* Make the directory, and empty tables where there are none. They are made
 * before any line names them, and never removed: a missing table refuses all
 * mail. */
int tables_make(const char *state_dir, struct error *err);

/* What holds at `now`, and needs nothing of the arguments later; putting it to
 * the disk blocks for two fsyncs, and may be done in another thread. */
struct tables;
struct tables *tables_gather(const char *state_dir, struct standings *s,
    const struct account_rules *accounts, const struct limits_settings *limits,
    int64_t now);
int tables_put(struct tables *t, struct error *err); /* once */
void tables_free(struct tables **t);

/* Write what holds at `now`: every login of every suspended account, with the
 * text it is refused with. Both at once. */
int tables_write(const char *state_dir, struct standings *s,
    const struct account_rules *accounts, const struct limits_settings *limits,
    int64_t now, struct error *err);

#endif
