/* app_plans - what the directory said of accounts' owners, for the judge
 *
 * Classes may go by plans, limits by age. The judge never waits for the
 * directory: it goes by what was said last, by whichever node was told, kept in
 * the books and told to the other nodes through Redis. An account is asked
 * about when it sends and what is known is older than directory_keep; while the
 * directory fails, what was known holds.
 */
#ifndef DAEMON_APP_PLANS_H
#define DAEMON_APP_PLANS_H

#include "ledger/books.h"
#include "limits/judge.h"

struct app;
struct app_plans;

/* Before the books are opened: its part is one of theirs. */
struct app_plans *app_plans_new(struct app *a);
/* After Redis' connections and the directory. */
void app_plans_free(struct app_plans **p);
struct books_part app_plans_part(struct app_plans *p);

/* For pipeline_hooks; ctx is the app. */
void app_plans_owner(void *ctx, struct str account, struct judge_owner *out);
void app_plans_sent(struct app_plans *p, struct str account);
/* Once a second. */
void app_plans_tick(struct app_plans *p);
/* Nothing is known of it any more; false: nothing was. */
bool app_plans_forget(struct app_plans *p, struct str account);

#endif
