/* app_stops - tells the holder whose mail is to be held: a look at all
 * standings, in slices
 */
#ifndef DAEMON_APP_STOPS_H
#define DAEMON_APP_STOPS_H

#include "base/loop.h"

struct app;
struct app_stops;
struct holder;

/* on_told: from the loop, when the holder knows. */
struct app_stops *app_stops_new(
    struct app *a, struct holder *h, loop_fn *on_told, void *ctx);
void app_stops_free(struct app_stops **s);
/* false: a look is under way, and may have passed what has changed. */
bool app_stops_read(struct app_stops *s);
bool app_stops_is_on(const struct app_stops *s);

#endif
