/* app_page - the owners' pages: links to them, what they ask and answer */
#ifndef DAEMON_APP_PAGE_H
#define DAEMON_APP_PAGE_H

#include "base/error.h"
#include "base/text.h"
#include "limits/answer.h"
#include "notify/case.h"

struct app;
struct app_page;
struct settings;

struct app_page *app_page_new(struct app *a);
/* Before the ports are closed. */
void app_page_free(struct app_page **p);
/* Routes on page_listen, if there is one. */
void app_page_start(struct app_page *p);
/* Another configuration holds. */
void app_page_reload(struct app_page *p);
/* Reads the texts of these settings; -1: a file, a line and why. At the start a
 * bad one is only told, and the built-in texts are used. */
int app_page_load(struct settings *s, struct error *err);

/* The link to a case, with page_url before it; *until: how long it holds (may
 * be NULL). false: there is none, since page_url is not set. */
bool app_page_link(struct app_page *p, const struct case_head *head,
    int64_t now, struct text *out, int64_t *until);

/* The same to the page of a domain's health (dns_name's). */
bool app_page_domain_link(
    struct app_page *p, const char *domain, struct text *out, int64_t *until);

/* For refusals; as long as p lives. */
const struct answer_links *app_page_links(const struct app_page *p);

#endif
