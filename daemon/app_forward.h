/* app_forward - what is no report goes to unread_to, as soon as it can */
#ifndef DAEMON_APP_FORWARD_H
#define DAEMON_APP_FORWARD_H

struct app;
struct app_forward;

struct app_forward *app_forward_new(struct app *a, const char *dir);
void app_forward_free(struct app_forward **f);
/* Once a second. */
void app_forward_tick(struct app_forward *f);

#endif
