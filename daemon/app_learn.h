/* app_learn - old logs into the books, without outpostd
 *
 * `outpost learn`: the same parser, chains and ledger, and nobody is judged.
 * Nothing is counted twice: books that are empty get the positions, too, so
 * that outpostd reads on behind what was learned; books that are not take only
 * lines from before their first fact.
 */
#ifndef DAEMON_APP_LEARN_H
#define DAEMON_APP_LEARN_H

#include "base/error.h"
#include "base/str.h"

struct app;
struct fact;

struct app_learnt {
	uint64_t lines, facts;
	uint64_t unreadable; /* lines that aren't of a syslog */
	uint64_t known;	     /* lines of a time that the books know already */
	int64_t from, to;    /* of the facts; 0: none */
	size_t accounts;     /* in the books now */
	int64_t began;	     /* the books' first fact now; 0: none */
};

/* Opens the books; an error where outpostd runs with them. Who ends the program
 * without app_learn_close leaves them as they were. */
struct app *app_learn_open(const char *config_path, struct error *err);
/* They know no fact yet. */
bool app_learn_is_fresh(const struct app *a);
/* Is the file a log that outpostd follows, or an older generation of one, and
 * are the books fresh? Then it is read: older ones before younger ones. 1: so
 * it was; 0: its lines are for app_learn_line; -1 with an error. */
int app_learn_followed(struct app *a, const char *file, struct error *err);
/* Is it a copy of what was read so? */
bool app_learn_has_read(struct app *a, const char *file);
/* Lines without a year are of before `end`. */
void app_learn_source(struct app *a, size_t source, int64_t end);
void app_learn_line(struct app *a, size_t source, struct str line);
/* Writes, closes and checks the books. */
int app_learn_close(struct app **a, struct app_learnt *out, struct error *err);
/* For app.c. */
void app_learn_fact(struct app *a, const struct fact *f);

#endif
