/* app_web - the HTTP ports: http_listen (/metrics, /healthz), page_listen (the
 * owners' pages), api_listen (programs: the API, complaints by POST) */
#ifndef DAEMON_APP_WEB_H
#define DAEMON_APP_WEB_H

#include "web/web.h"

struct app;
struct app_web;

/* Opens what is set. A port that can't be had is logged, and is no reason not
 * to guard. */
struct app_web *app_web_new(struct app *a);
void app_web_free(struct app_web **w);
/* Another configuration holds. */
void app_web_reload(struct app_web *w);
void app_web_gauges(const struct app_web *w);

/* For routes; NULL: there is no such port. */
struct web *app_web_page(struct app_web *w);
struct web *app_web_api(struct app_web *w);

#endif
