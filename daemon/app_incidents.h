/* app_incidents - incidents in the daemon: noticed, told, followed, ended */
#ifndef DAEMON_APP_INCIDENTS_H
#define DAEMON_APP_INCIDENTS_H

#include "daemon/pipeline.h"
#include "reputation/causes.h"
#include "reputation/incident.h"

struct app;
struct app_incidents;

/* Before the books are opened; then what they know is read. */
struct app_incidents *app_incidents_new(struct app *a);
void app_incidents_restore(struct app_incidents *i);
void app_incidents_free(struct app_incidents **i);

/* A delivery from this own IP to this provider. */
void app_incidents_delivery(struct app_incidents *i,
    const struct pipeline_delivery *d, struct str ip, struct str provider);
/* One that wasn't tried, since the host refused the one before. */
void app_incidents_suspended(struct app_incidents *i,
    const struct pipeline_delivery *d, struct str provider);
/* Is it one of ours that changes something? Then it takes effect. */
bool app_incidents_is_news(
    const struct app_incidents *i, const struct event *e);
void app_incidents_effect(struct app_incidents *i, const struct event *e);
/* Events of one incident that isn't long over, again, the oldest first: each
 * time that it was opened or closed, and how it is for each node now. *cause is
 * the one told before, empty at first, and becomes this one's; false: that was
 * all. */
bool app_incidents_tell(struct app_incidents *i, char cause[33],
    void (*each)(void *ctx, const struct event *e), void *ctx);
/* Is the desk written to about this event of an incident, or of a list? Of so
 * many a day, only (incident_letters). */
bool app_incidents_has_letter(
    const struct app_incidents *i, const struct event *e);
/* Once a second. */
void app_incidents_tick(struct app_incidents *i);

/* Is this account among those who caused one lately? */
void app_incidents_blame(
    const struct app_incidents *i, struct str account, struct judge_owner *out);

void app_incidents_gauges(struct app_incidents *i);
struct incidents *app_incidents_store(struct app_incidents *i);
/* Who sent where, a part of the books. */
struct causes *app_incidents_who(struct app_incidents *i);
/* Nobody of this name sent anything. */
void app_incidents_forget(struct app_incidents *i, struct str account);

/* Who may be the cause, the worst first. */
size_t app_incidents_causes(struct app *a, const struct incident *i,
    int64_t now, struct cause *out, size_t max);

#endif
