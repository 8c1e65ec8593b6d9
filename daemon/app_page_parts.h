/* app_page_parts - what the files of app_page share */
#ifndef DAEMON_APP_PAGE_PARTS_H
#define DAEMON_APP_PAGE_PARTS_H

#include "daemon/app_page.h"
#include "web/web.h"
#include "notify/casepage.h"
#include "notify/link.h"

enum { PAGE_ONCE = 22, PAGE_RECENT = 1024, PAGE_COOKIE = 22 };

/* An answer that is on its way to the books. */
struct app_page_saying {
	struct app_page *page; /* NULL: nobody waits any more */
	struct web_request *request;
	struct app_page_saying *next;
	char where[200];
};

struct app_page {
	struct app *app;
	struct link_keys keys, domain_keys;
	struct app_page_check *checks; /* pages of domains */
	size_t n_checks;
	struct answer_links links;
	struct loop_timer *renew; /* links that stand in tables */
	struct app_page_saying *saying;
	/* Forms that were taken: a second click changes nothing. */
	char taken[PAGE_RECENT][PAGE_ONCE + 1];
	size_t n_taken;
};

/* A request, as far as it was understood. */
struct app_page_ask {
	enum casepage_kind kind;
	struct str token;
	struct str language;
	struct case_file *file; /* NULL: no link that is good */
	char cookie[PAGE_COOKIE + 1];
	bool is_new_cookie;
};

/* app_page.c */
void app_page_understand(
    struct app_page *p, const struct web_request *r, struct app_page_ask *q);
/* Answers with the page of q->kind; its file is freed. */
void app_page_show(struct app_page *p, struct web_request *r,
    struct app_page_ask *q, int status, const struct casepage *typed);
void app_page_send_back(struct web_request *r, struct app_page_ask *q);

void app_page_headers(const struct app_page *p, const struct app_page_ask *q,
    struct str page, struct text *out);

/* app_page_domain.c: false: it is no link to a domain's page, or none that is
 * good; nothing was answered. */
bool app_page_domain_get(struct app_page *p, struct web_request *r);
void app_page_domain_stop(struct app_page *p);

/* app_page_form.c: a web_fn. */
void app_page_on_form(void *ctx, struct web_request *r);

#endif
