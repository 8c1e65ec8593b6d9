/* app_forget - what is known of an account is forgotten, on every node
 *
 * A FORGET event tells the nodes. It must not name the account itself: its
 * subject is a keyed hash of the name, and the name stands in it sealed, with a
 * key from the installation's secret; it goes with the stream's trimming. Each
 * node drops what it has, and clears Redis of what names the account: at once,
 * and again some times, for a node that was late may have written it anew. A
 * node that hears of it late tells it again, once: it may have told the others
 * of what it still had.
 */
#ifndef DAEMON_APP_FORGET_H
#define DAEMON_APP_FORGET_H

#include "base/text.h"
#include "ledger/event.h"

enum { FORGET_NAME = 321 }; /* an account with its NUL */

struct app;
struct app_forget;

struct forgotten { /* here */
	bool is_counted, has_standing;
	size_t events, cases, complaints, suppressed, deliveries, lines;
};

struct app_forget *app_forget_new(struct app *a);
/* After the connection to Redis went. */
void app_forget_free(struct app_forget **f);

/* An operator's order; account is shorter than FORGET_NAME. Redis must be up.
 */
void app_forget_order(struct app *a, struct str account, struct str by,
    struct str reason, struct forgotten *out);
/* app_events.c: a FORGET event came. */
void app_forget_effect(struct app *a, const struct event *e);
/* Once a second: Redis. */
void app_forget_tick(struct app *a);

#endif
