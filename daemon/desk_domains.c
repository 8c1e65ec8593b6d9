/* desk_domains - the domains in whose name mail leaves, as outpostd knows them
 */
#include "daemon/app_domains.h"
#include "daemon/app_state.h"
#include "daemon/desk_page.h"

enum { ROWS = 250 };

static void
put_row(struct desk_page *p, struct str domain, const struct roster *r)
{
	desk_page_text(p, domain);
	for (int i = 0; i < HEALTH_JUDGED; i++) {
		enum health_colour c = r->colours[i];

		if (c == HEALTH_INFO && r->checked > 0)
			c = HEALTH_UNKNOWN;
		desk_page_text(p,
		    str_from(c == HEALTH_INFO ? "-" : health_colour_word(c)));
	}
	desk_page_i64(p, r->seen);
	desk_page_i64(p, r->checked);
	desk_page_text(p, str_from(r->finding));
}

static const char *
why_none(const struct app *a)
{
	if (!a->settings->domains.domain_checks)
		return "none are looked after: domain_checks is off";
	if (!app_domains_are_checked(a))
		return "none are looked after: sending_addresses is not set";
	return "none were seen yet";
}

void
desk_domains(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct desk_page page;
	struct roster one;
	struct str from, domain;
	uint64_t begin = 0;
	char next[32] = "";
	struct text t;

	if (!desk_page_take(d, q, &from, r))
		return;
	if (from.n > 0)
		str_to_u64(from, &begin);
	size_t at = (size_t)begin;

	desk_page_open(&page, why_none(d->app), 1, r);
	desk_page_column(&page, "domain", DESK_CELL_TEXT);
	desk_page_column(&page, "spf", DESK_CELL_TEXT);
	desk_page_column(&page, "dkim", DESK_CELL_TEXT);
	desk_page_column(&page, "dmarc", DESK_CELL_TEXT);
	desk_page_column(&page, "seen", DESK_CELL_TIME);
	desk_page_column(&page, "checked", DESK_CELL_TIME);
	desk_page_column(&page, "finding", DESK_CELL_TEXT);
	text_init(&t, next, sizeof(next));
	for (int i = 0; i < ROWS; i++) {
		if (!app_domains_next(d->app->domains, &at, &domain, &one))
			break;
		put_row(&page, domain, &one);
		if (i + 1 == ROWS)
			text_printf(&t, "%zu", at);
	}
	desk_page_close(&page, d, text_view(&t));
}
