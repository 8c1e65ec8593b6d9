/* app_queue - outpostd's side of held mail: asks outpost-queue, never waits
 *
 * What is to be held, and what is to go, the holder knows (holder.h). Without
 * outpost-queue nothing is held; it is tried again, and said once.
 */
#ifndef DAEMON_APP_QUEUE_H
#define DAEMON_APP_QUEUE_H

#include "ledger/event.h"
#include "ledger/fact.h"

struct app;
struct app_queue;
struct books_part;

struct app_queue *app_queue_new(struct app *a);
void app_queue_free(struct app_queue **q);
struct books_part app_queue_part(struct app_queue *q);
void app_queue_start(struct app_queue *q);
void app_queue_reload(struct app_queue *q);
/* Standings changed. */
void app_queue_changed(struct app_queue *q);
void app_queue_fact(void *app, const struct fact *f);
/* Once a second. */
void app_queue_tick(struct app_queue *q);
struct holder_order;
struct holder_sum;
void app_queue_order(
    struct app_queue *q, const struct holder_order *o, struct holder_sum *sum);
/* What it would be. */
void app_queue_foresee(
    void *app, const struct holder_order *o, struct holder_sum *sum);
size_t app_queue_held(const struct app_queue *q);
/* A message that waits for its next attempt is tried at once, if outpost-queue
 * is there. false: it isn't, or too many are asked for. */
bool app_queue_try(struct app_queue *q, struct str instance, struct str id);
/* For app_expect.c. Is outpost-queue there, as far as is known? */
bool app_queue_serves(const struct app_queue *q);
struct holder *app_queue_holder(struct app_queue *q);

#endif
