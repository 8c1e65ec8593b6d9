/* domain - `outpost domain check NAME`: asks the DNS itself */
#include "cli/domain.h"

#include "base/dns.h"
#include "base/loop.h"
#include "cli/domain_apply.h"
#include "cli/domain_dmarc.h"
#include "cli/domain_known.h"
#include "cli/domain_options.h"
#include "cli/domain_print.h"
#include "cli/domain_signed.h"
#include "cli/local.h"
#include "config/settings.h"
#include "domains/checker.h"

enum { OUT_MAX = 8 * 1024 * 1024 };

struct checked {
	struct loop *loop;
	struct health *health;
	struct domain_effort effort;
};

static void
on_checked(void *ctx, struct health *h, size_t questions)
{
	struct checked *c = ctx;

	c->health = h;
	c->effort.questions = questions;
	loop_stop(c->loop);
}

static void
on_turn(void *ctx, int64_t wall_us, int64_t cpu_us)
{
	struct domain_effort *e = ctx;

	(void)wall_us;
	e->turn_us = cpu_us > e->turn_us ? cpu_us : e->turn_us;
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
		domain_print_json(c->health, &c->effort, &out);
	else
		domain_print(c->health, (size_t)client_width(), &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	if (status != EXIT_OK)
		return status;
	return health_worst(c->health) > HEALTH_GREEN ? EXIT_WARNED : EXIT_OK;
}

struct health *
domain_health(const struct client_line *l, const struct settings *s,
    const char *domain, const struct domain_seed *seeds, size_t n,
    struct domain_effort *effort, struct error *err)
{
	struct dns_options options = settings_dns(&s->daemon);
	struct domain_site *site =
	    domain_options_site(l, &s->domains, domain, err);
	struct checked c = {.loop = loop_new()};
	struct dns *dns = site ? dns_new(c.loop, &options, err) : NULL;

	if (dns && !client_option(l, "selector"))
		domain_known(l, s, domain, site);

	if (dns) {
		struct checker *checker = checker_start(c.loop, dns, domain,
		    site, s->domains.domain_check_time * 1000, on_checked, &c);

		for (size_t i = 0; i < n; i++)
			checker_know(
			    checker, seeds[i].name, DNS_TXT, &seeds[i].answer);
		loop_measure(c.loop, on_turn, &c.effort);
		loop_run(c.loop);
	} else {
		domain_site_free(&site);
	}
	dns_free(&dns);
	loop_free(&c.loop);
	*effort = c.effort;
	return c.health;
}

static enum exit_status
check(const struct client_line *l, const struct settings *s, const char *domain)
{
	struct checked c = {0};
	struct error err;
	enum exit_status status;

	c.health = domain_health(l, s, domain, NULL, 0, &c.effort, &err);
	status =
	    c.health ? print(l, &c) : local_fail(EXIT_FAILED, "%s", err.text);
	health_free(&c.health);
	return status;
}

/* outpostd has them. */
static enum exit_status
ask_reports(const struct client_line *l, const struct settings *s)
{
	struct client_line q = *l;

	q.command = COMMAND_ID_dmarc;
	q.args[0] = l->args[1];
	q.n_args = 1;
	return client_run(&q, l->socket ? l->socket : s->daemon.control_socket);
}

enum exit_status
domain_run(const struct client_line *l, const struct settings *s)
{
	bool is_apply = client_option(l, "apply") != NULL;
	bool is_undo = client_option(l, "undo") != NULL;
	char domain[DNS_NAME];
	struct domain_site *site;
	struct error err;

	bool is_dmarc = l->n_args == 2 && strcmp(l->args[0], "dmarc") == 0;

	bool is_test =
	    l->n_args > 1 && l->n_args < 4 && strcmp(l->args[0], "test") == 0;

	if (l->n_args == 2 && strcmp(l->args[0], "reports") == 0)
		return ask_reports(l, s);
	if ((l->n_args != 2 && !is_test) ||
	    (strcmp(l->args[0], "check") != 0 && !is_fix(l) && !is_dmarc &&
		!is_test))
		return local_fail(EXIT_USAGE, "usage: outpost domain %s",
		    commands[COMMAND_ID_domain].usage);
	if (!domains_is_domain(str_from(l->args[1]), domain))
		return local_fail(
		    EXIT_USAGE, "\"%s\" is no full domain name", l->args[1]);
	if ((is_apply || is_undo) && (!is_fix(l) || is_apply == is_undo))
		return local_fail(EXIT_USAGE,
		    "domain fix NAME --apply or --undo, one of them");
	if (is_test && client_option(l, "send"))
		return domain_known_test(l, s, domain);
	if (is_test)
		return domain_signed(l, s, domain);
	if (is_dmarc)
		return domain_dmarc(l, s, domain);
	site = domain_options_site(l, &s->domains, domain, &err);
	if (!site)
		return local_fail(EXIT_USAGE, "%s", err.text);
	enum exit_status status = is_apply  ? domain_apply(l, s, domain, site)
				  : is_undo ? domain_undo(l, s, domain)
					    : check(l, s, domain);

	domain_site_free(&site);
	return status;
}
