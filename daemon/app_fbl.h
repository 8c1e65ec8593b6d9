/* app_fbl - reports come in: whose message it was, and what counts
 *
 * However a report came, it goes this way: read beside the loop (fbl_job),
 * whose message it was, has it been counted already, a fact; and it is
 * acknowledged when the commit that has all that is on disk.
 */
#ifndef DAEMON_APP_FBL_H
#define DAEMON_APP_FBL_H

#include "ledger/books.h"

struct app;
struct app_fbl;

struct app_complaints;

struct app_fbl *app_fbl_new(struct app *a);
void app_fbl_free(struct app_fbl **f);
struct books_part app_fbl_part(struct app_fbl *f);
struct app_complaints *app_fbl_complaints(struct app_fbl *f);
/* Opens the door; what is wrong with it is logged: no reason not to guard. */
void app_fbl_start(struct app_fbl *f);
/* Once a second. */
void app_fbl_tick(struct app_fbl *f);
void app_fbl_gauges(struct app_fbl *f);

#endif
