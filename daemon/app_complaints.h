/* app_complaints - what reports leave behind: records, and who wants no more
 */
#ifndef DAEMON_APP_COMPLAINTS_H
#define DAEMON_APP_COMPLAINTS_H

#include "daemon/app_spread.h"
#include "fbl/kept.h"
#include "fbl/noted.h"
#include "ledger/event.h"
#include "mta/policy.h"

struct app;

struct app_complaints {
	struct app *app;
	struct kept records;	/* noted.h, by the report's key */
	struct kept suppressed; /* suppressed.h */
	/* NULL: this node is the only one. */
	struct app_spread *spread_records, *spread_suppressed;
};

void app_complaints_init(struct app_complaints *c, struct app *a);
void app_complaints_done(struct app_complaints *c);
/* A report about an account, that was not known before; message_at is when it
 * counts. */
void app_complaints_note(struct app_complaints *k, const struct fbl_report *r,
    const struct complaint *c, const struct owner *o, int64_t message_at);
/* An ALLOW event: somebody is no longer suppressed. */
void app_complaints_allow(struct app_complaints *c, const struct event *e);
/* Policy asks: is this a recipient who wants no more of this account? Then the
 * refusal is written. */
bool app_complaints_refuses(struct app_complaints *c,
    const struct policy_request *q, struct text *action);
/* Once a second. */
void app_complaints_tick(struct app_complaints *c);

#endif
