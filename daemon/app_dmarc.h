/* app_dmarc - DMARC aggregate reports: kept when they come, summed when asked
 */
#ifndef DAEMON_APP_DMARC_H
#define DAEMON_APP_DMARC_H

#include "base/loop.h"
#include "daemon/fbl_job.h"
#include "domains/dmarc_book.h"

struct app;
struct app_dmarc;
struct control_request;

/* Never NULL; when the store can't be opened that is logged, and reports come
 * again. */
struct app_dmarc *app_dmarc_new(struct app *a);
/* Before those who wait for on_done go. */
void app_dmarc_free(struct app_dmarc **d);
/* NULL: it could not be opened. */
struct dmarc_book *app_dmarc_book(struct app_dmarc *d);

/* j->is_dmarc. on_done: as dmarc_book_add. */
enum dmarc_added app_dmarc_add(struct app_dmarc *d, const struct fbl_job *j,
    bool is_vouched, disk_done_fn *on_done, void *ctx);
/* Once a second. */
void app_dmarc_tick(struct app_dmarc *d);

/* Before `dmarc NAME` is answered: true when done comes later. */
bool app_dmarc_prepare(struct app_dmarc *d, const struct control_request *q,
    loop_fn *done, void *done_ctx);
/* The sum of this question; NULL: *err says why. */
const struct dmarc_sum *app_dmarc_get(
    struct app_dmarc *d, const struct control_request *q, struct error *err);
/* Does mail of ours leave from there, as far as the settings say? */
bool app_dmarc_is_own(const struct app *a, const struct ip *ip);

#endif
