/* app_lookup - pools and providers asked by socketmap, to the second
 *
 * The same answers as the tables give, out of the tables: "senders" is
 * TABLE_MOVERS, then TABLE_SENDERS, through TABLE_PLACES; "providers" is
 * TABLE_PROVIDERS. What can't be found, or read, is not found: mail leaves by
 * default_transport.
 */
#ifndef DAEMON_APP_LOOKUP_H
#define DAEMON_APP_LOOKUP_H

struct app;

/* At the start, and after a reload; one that can't listen is told. */
void app_lookup_start(struct app *a);
void app_lookup_stop(struct app *a);
void app_lookup_gauges(struct app *a);

#endif
