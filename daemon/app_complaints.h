/* app_complaints - what reports leave behind: records, and who wants no more
 */
#ifndef DAEMON_APP_COMPLAINTS_H
#define DAEMON_APP_COMPLAINTS_H

#include "daemon/app_spread.h"
#include "fbl/kept.h"
#include "fbl/noted.h"
#include "fbl/shares.h"
#include "ledger/event.h"
#include "mta/policy.h"

struct app;

struct app_complaints {
	struct app *app;
	struct kept records;	/* noted.h, by the report's key */
	struct kept suppressed; /* suppressed.h */
	struct kept aggregates; /* rows of aggregate.h, by their keys */
	struct shares shares;	/* of providers */
	/* NULL: this node is the only one. */
	struct app_spread *spread_records, *spread_suppressed, *spread_shares;
	unsigned ticks;
	/* Providers somebody complained from, to be looked at. */
	char due[8][SHARES_NAME + 1];
	char told[32][33]; /* causes of alarms, the next over the oldest */
	size_t n_told;
};

void app_complaints_init(struct app_complaints *c, struct app *a);
void app_complaints_done(struct app_complaints *c);
/* A report about an account, that was not known before; message_at is when it
 * counts. */
void app_complaints_note(struct app_complaints *k, const struct fbl_report *r,
    const struct complaint *c, const struct owner *o, int64_t message_at);
/* It counted, at `at`. from: what it says that the message came from; none: it
 * says nothing. */
void app_complaints_counted(struct app_complaints *k, const struct complaint *c,
    const struct ip *from, int64_t at);
/* A recipient outside was delivered. */
void app_complaints_delivered(struct app_complaints *k, const struct fact *f);
/* What was said about an account's mail, newest first, at most max; their
 * number. Views until something is noted. Of the latest twenty thousand that
 * are kept: a turn's work. */
size_t app_complaints_of(
    struct app_complaints *k, struct str account, struct noted *v, size_t max);
/* An ALLOW event: somebody is no longer suppressed. */
void app_complaints_allow(struct app_complaints *c, const struct event *e);
/* Policy asks: is this a recipient who wants no more of this account? Then the
 * refusal is written. */
bool app_complaints_refuses(struct app_complaints *c,
    const struct policy_request *q, struct text *action);
/* Once a second. */
void app_complaints_tick(struct app_complaints *c);

#endif
