/* app_clients - do those who log in come from an address on a list?
 *
 * A message's client is asked about when it is accepted (client_dnsbls), and
 * nobody waits for the answer: its recipients, which the log shows a little
 * later, count as client_listed when it is there by then. A list that doesn't
 * pass its test says nothing. Nothing is asked in a replay, nor about what is
 * old when it is read.
 */
#ifndef DAEMON_APP_CLIENTS_H
#define DAEMON_APP_CLIENTS_H

#include "base/ip.h"

struct app;
struct app_clients;
struct fact;

struct app_clients *app_clients_new(struct app *a);
void app_clients_free(struct app_clients **c); /* before app_dns_free */
/* The settings are others: all is forgotten. */
void app_clients_reload(struct app_clients *c);
void app_clients_tick(struct app_clients *c); /* once a second */
/* A message was accepted. */
void app_clients_fact(struct app_clients *c, const struct fact *f);
/* For pipeline_hooks.is_listed: what is known now. */
bool app_clients_are_listed(void *app, const struct ip *client);
void app_clients_gauges(struct app_clients *c);

#endif
