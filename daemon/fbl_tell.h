/* fbl_tell - somebody should look at what came in with the reports
 *
 * Alarms, each kind once an hour: what else comes in that hour is not told.
 */
#ifndef DAEMON_FBL_TELL_H
#define DAEMON_FBL_TELL_H

struct app;

/* What is no report was kept in this directory. */
void fbl_tell_unread(struct app *a, const char *why, const char *dir);
/* What can't be taken, or is no report, stays where it is. */
void fbl_tell_left(struct app *a, const char *what);
/* A way in fails; what: one word for it. */
void fbl_tell_failing(struct app *a, const char *what, const char *why);

#endif
