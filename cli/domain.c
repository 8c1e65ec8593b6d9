/* domain - `outpost domain check NAME`: asks the DNS itself */
#include "cli/domain.h"

#include "base/dns.h"
#include "base/loop.h"
#include "cli/domain_print.h"
#include "cli/domain_options.h"
#include "cli/local.h"
#include "config/settings.h"
#include "domains/checker.h"

enum { OUT_MAX = 8 * 1024 * 1024 };

struct checked {
	struct loop *loop;
	struct health *health;
	size_t questions;
};

static void
on_checked(void *ctx, struct health *h, size_t questions)
{
	struct checked *c = ctx;

	c->health = h;
	c->questions = questions;
	loop_stop(c->loop);
}

static bool
is_fix(const struct client_line *l)
{
	return strcmp(l->args[0], "fix") == 0;
}

static enum exit_status
print(const struct client_line *l, const struct checked *c)
{
	struct text out;

	text_grow(&out, OUT_MAX);
	if (is_fix(l) && l->is_json)
		domain_print_fix_json(c->health, &out);
	else if (is_fix(l))
		domain_print_fix(c->health, &out);
	else if (l->is_json)
		domain_print_json(c->health, c->questions, &out);
	else
		domain_print(c->health, (size_t)client_width(), &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	if (status != EXIT_OK)
		return status;
	return health_worst(c->health) > HEALTH_GREEN ? EXIT_WARNED : EXIT_OK;
}

static enum exit_status
check(const struct client_line *l, const struct settings *s, const char *domain,
    struct domain_site *site)
{
	struct dns_options options = settings_dns(&s->daemon);
	struct checked c = {.loop = loop_new()};
	struct error err;
	struct dns *dns = dns_new(c.loop, &options, &err);
	enum exit_status status;

	if (dns) {
		checker_start(c.loop, dns, domain, site,
		    s->domains.domain_check_time * 1000, on_checked, &c);
		loop_run(c.loop);
		status = print(l, &c);
	} else {
		domain_site_free(&site);
		status = local_fail(EXIT_FAILED, "%s", err.text);
	}
	health_free(&c.health);
	dns_free(&dns);
	loop_free(&c.loop);
	return status;
}

enum exit_status
domain_run(const struct client_line *l, const struct settings *s)
{
	char domain[DNS_NAME];
	struct domain_site *site;
	struct error err;

	if (l->n_args != 2 || (strcmp(l->args[0], "check") != 0 && !is_fix(l)))
		return local_fail(EXIT_USAGE, "usage: outpost domain %s",
		    commands[COMMAND_ID_domain].usage);
	if (!domains_is_domain(str_from(l->args[1]), domain))
		return local_fail(
		    EXIT_USAGE, "\"%s\" is no full domain name", l->args[1]);
	site = domain_options_site(l, &s->domains, domain, &err);
	return site ? check(l, s, domain, site)
		    : local_fail(EXIT_USAGE, "%s", err.text);
}
