/* desk_domains - the domains in whose name mail leaves, as outpostd knows them
 */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_domains.h"
#include "daemon/app_state.h"
#include "daemon/desk_page.h"
#include "notify/letter.h"

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
		return "none are looked after: neither sending_addresses nor "
		       "own_ips is set";
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

/* What a case's account sends in the name of: its own domain. */
void
desk_domain_json(struct desk *d, struct str account, struct json_out *j)
{
	ptrdiff_t at = str_find_last(account, STR("@"));
	char domain[DNS_NAME];
	struct roster r;

	if (at < 0 ||
	    !domains_is_domain(str_skip(account, (size_t)at + 1), domain) ||
	    !app_domains_find(d->app->domains, domain, &r) || r.checked == 0)
		return;
	json_open(j, "domain");
	json_str(j, "name", str_from(domain));
	for (int i = 0; i < HEALTH_JUDGED; i++) {
		static const char *const names[] = {"spf", "dkim", "dmarc"};
		enum health_colour c = r.colours[i];

		json_str(j, names[i],
		    str_from(health_colour_word(
			c == HEALTH_INFO ? HEALTH_UNKNOWN : c)));
	}
	json_time(j, "checked", r.checked);
	json_str(j, "finding", str_from(r.finding));
	json_close(j);
}

/* The link stands in the answer already. */
static void
print_link_json(struct control_reply *r, int64_t until)
{
	char *link = str_dup(text_view(&r->out));
	struct json_out j;

	text_clear(&r->out);
	json_out_init(&j, &r->out);
	json_open(&j, NULL);
	json_str(&j, "link", str_from(link));
	json_time(&j, "until", until);
	json_close(&j);
	text_char(&r->out, '\n');
	free(link);
}

/* `domain site NAME`: what is known of it here, for who asks the DNS itself. */
static void
desk_domain_site(struct desk *d, const char *domain, struct control_reply *r)
{
	struct roster one = {0};
	struct json_out j;

	app_domains_find(d->app->domains, domain, &one);
	json_out_init(&j, &r->out);
	json_open(&j, NULL);
	json_open_array(&j, "selectors");
	for (size_t i = 0; i < one.n_selectors; i++)
		json_str(&j, NULL, str_from(one.selectors[i]));
	json_close_array(&j);
	json_str(&j, "told", str_from(health_signed_word(one.told.what)));
	json_i64(&j, "at", one.told.at);
	json_str(&j, "by", str_from(one.told.by));
	json_close(&j);
	text_char(&r->out, '\n');
}

/* `domain send NAME ADDRESS`. */
static void
desk_domain_send(struct desk *d, const struct control_request *q,
    const char *domain, struct control_reply *r)
{
	char to[256];
	struct error err;
	struct text t;

	text_init(&t, to, sizeof(to));
	text_str(&t, q->args[2]);
	if (!q->may_change)
		control_fail(r, EXIT_DENIED,
		    "only root and the admins of the settings may send");
	else if (t.is_cut || !letter_is_address(text_view(&t)))
		control_fail(r, EXIT_USAGE, "\"%s\" is no address", to);
	else if (app_selfmail_send(d->app->selfmail, domain, to, &err) < 0)
		control_fail(r, EXIT_FAILED, "%s", err.text);
}

/* `domain link NAME`. */
void
desk_domain(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	char domain[DNS_NAME];
	int64_t until;

	if (q->n_args == 2 && (str_is(q->args[0], STR("set")) ||
				  str_is(q->args[0], STR("undo")))) {
		desk_domain_set(d, q, r);
		return;
	}
	if (q->n_args == 2 && str_is(q->args[0], STR("site")) &&
	    domains_is_domain(q->args[1], domain)) {
		desk_domain_site(d, domain, r);
		return;
	}
	if (q->n_args == 3 && str_is(q->args[0], STR("send")) &&
	    domains_is_domain(q->args[1], domain)) {
		desk_domain_send(d, q, domain, r);
		return;
	}
	if (q->n_args != 2 || !str_is(q->args[0], STR("link")) ||
	    !domains_is_domain(q->args[1], domain)) {
		control_fail(r, EXIT_USAGE, "domain link NAME");
		return;
	}
	if (*d->app->settings->notify.page_url && control_has(q, "revoke") &&
	    !desk_domain_revoke(d, q, domain, r))
		return;
	if (!app_page_domain_link(d->app->page, domain, &r->out, &until)) {
		control_fail(
		    r, EXIT_FAILED, "there is no page: page_url is not set");
		return;
	}
	if (q->is_json) {
		print_link_json(r, until);
		return;
	}
	text_add(&r->out, "  until ");
	time_local_text(&r->out, until);
	text_char(&r->out, '\n');
}
