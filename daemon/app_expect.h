/* app_expect - new messages that Postfix is told to put on hold
 *
 * Nothing may wait on hold of which outpost-queue doesn't know until when: so
 * it is asked before Postfix is answered, at the end of each message. When it
 * doesn't agree within a second the message is deferred.
 */
#ifndef DAEMON_APP_EXPECT_H
#define DAEMON_APP_EXPECT_H

#include "base/loop.h"
#include "mta/policy.h"

struct app;

/* true: the answer has to wait; done is called when it can be given. */
bool app_expect_wait(struct app *a, const struct policy_request *q,
    loop_fn *done, void *done_ctx);
/* For pipeline_hooks. */
bool app_expect_can(void *app);
bool app_expect_may(void *app, struct str queue_id);
/* Who waits is answered; after the policy server's end nobody hears it. */
void app_expect_stop(struct app *a);

#endif
