/* app_put_back - tells Redis again what holds: the events that the standings
 * are read from
 *
 * Some at a time, and no more than Redis takes: the outbox must have room for
 * what happens meanwhile. The stream is told when all of it was (stream.h).
 */
#ifndef DAEMON_APP_PUT_BACK_H
#define DAEMON_APP_PUT_BACK_H

#include <stdint.h>

struct app;
struct app_put_back;
struct stream;

/* old: seconds; younger events are in the stream yet. */
struct app_put_back *app_put_back_new(
    struct app *a, struct stream *s, int64_t old);
void app_put_back_free(struct app_put_back **p);
/* It lost all. */
void app_put_back_all(struct app_put_back *p);
/* The stream forgets the old ones. */
void app_put_back_old(struct app_put_back *p);

#endif
