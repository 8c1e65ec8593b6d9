/* app_xarf - complaints by POST /xarf, at api_listen
 *
 *   Authorization: Bearer TOKEN (xarf_tokens), Content-Type: application/json
 *   202 {"reports":[{"result":"taken"}, {"result":"duplicate"}]}: they are on
 *   disk; 200 when all were known. 400 {"error":"[1]: ..."}: none was taken;
 *   401, 415; 503: none, some or all were taken, try again: it counts once
 */
#ifndef DAEMON_APP_XARF_H
#define DAEMON_APP_XARF_H

struct app;
struct app_xarf;

/* NULL: there is no port for it. */
struct app_xarf *app_xarf_new(struct app *a);
/* Who waits gets no answer. The owner of take forgets what waits first. */
void app_xarf_free(struct app_xarf **x);

#endif
