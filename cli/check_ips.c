/* check_ips - are our own addresses named right, on no list, and do the
 * certificates of Postfix have the names that it says in HELO?
 */
#include <stdlib.h>

#include "base/certificate.h"
#include "cli/check_parts.h"

enum { DAY = 86400, SOON = 7 * DAY };

/* --- what outpostd has found --- */

static bool
say_findings(struct check *c, const struct json *address)
{
	const struct json *all = json_get(address, "findings");
	bool is_fine = true;

	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *f = json_at(all, i);
		struct str level = json_text(json_get(f, "level"));
		bool is_bad = str_is(level, STR("bad"));
		struct str mend = json_text(json_get(f, "mend"));

		if (!is_bad && !str_is(level, STR("warn")))
			continue;
		is_fine = false;
		check_say(c, is_bad ? CHECK_FAIL : CHECK_WARN, "names",
		    mend.n > 0 ? mend.p : NULL, "%.*s",
		    STR_ARG(json_text(json_get(f, "found"))));
	}
	return is_fine;
}

static bool
say_listings(struct check *c, const struct json *address)
{
	const struct json *all = json_get(address, "listed");
	struct str who = json_text(json_get(address, "ip"));
	bool is_fine = true;

	if (who.n == 0)
		who = json_text(json_get(address, "domain"));
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *l = json_at(all, i);
		char mend[600];
		struct text t;

		if (!json_is_true(json_get(l, "counts")))
			continue;
		is_fine = false;
		text_init(&t, mend, sizeof(mend));
		text_printf(&t, "outpost ips %.*s", STR_ARG(who));
		check_say(c, CHECK_WARN, "lists", mend,
		    "%.*s is on the list %.*s: %.*s", STR_ARG(who),
		    STR_ARG(json_text(json_get(l, "list"))),
		    STR_ARG(json_text(json_get(l, "means"))));
	}
	return is_fine;
}

void
check_ips(struct check *c)
{
	struct error err;
	struct json *all = check_ask(c, COMMAND_ID_ips, &err);
	bool is_fine = true;

	for (size_t i = 0; i < json_count(all); i++) {
		is_fine &= say_findings(c, json_at(all, i));
		is_fine &= say_listings(c, json_at(all, i));
	}
	if (json_count(all) > 0 && is_fine)
		check_say(c, CHECK_OK, "ips", NULL,
		    "nothing is known against our addresses and domains");
	json_free(&all);
}

/* --- certificates --- */

static void
look_at(
    struct check *c, const char *parameter, const char *file, const char *helo)
{
	struct certificate cert;
	struct error err;

	if (certificate_read(file, helo, &cert, &err) < 0)
		check_say(c, CHECK_WARN, "names", NULL, "%s: %s", parameter,
		    err.text);
	else if (cert.until <= c->now)
		check_say(c, CHECK_FAIL, "names", "renew it",
		    "the certificate in %s (%s) is no longer valid", file,
		    parameter);
	else if (!cert.is_for)
		check_say(c, CHECK_WARN, "names",
		    "get a certificate that has this name, too",
		    "the certificate in %s (%s) is not for %s, as mail from "
		    "here says in HELO",
		    file, parameter, helo);
	else if (cert.until < c->now + SOON)
		check_say(c, CHECK_WARN, "names", "renew it",
		    "the certificate in %s (%s) is over in %lld days", file,
		    parameter, (long long)((cert.until - c->now) / DAY));
}

/* Against each name that is said in HELO: those of own_ips, and Postfix's where
 * they have none. */
static void
look_at_all(
    struct check *c, const char *parameter, const char *file, const char *usual)
{
	const struct pools *pools = c->settings->pools;
	char host[SETTINGS_HOST];
	bool is_said = false;

	settings_host(&c->settings->daemon, host);
	for (size_t i = 0; i < pools_ip_count(pools); i++) {
		const struct pool_ip *ip = pools_ip_at(pools, i);

		if (!pool_ip_is_of(ip, str_from(host)))
			continue;
		if (*ip->helo)
			look_at(c, parameter, file, ip->helo);
		is_said |= !*ip->helo;
	}
	if (is_said && usual && *usual)
		look_at(c, parameter, file, usual);
}

void
check_certificates(struct check *c, const char *config)
{
	static const char *const parameters[] = {"smtpd_tls_chain_files",
	    "smtpd_tls_cert_file", "smtp_tls_chain_files",
	    "smtp_tls_cert_file"};
	char *helo = check_postconf(config, "-hx", "smtp_helo_name");
	char *before = NULL;

	for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++) {
		char *value = check_postconf(config, "-hx", parameters[i]);

		/* Lists, tables and what isn't set are passed over. */
		if (value && *value == '/' && !strpbrk(value, ", \t") &&
		    (!before || strcmp(before, value) != 0))
			look_at_all(c, parameters[i], value, helo);
		free(before);
		before = value;
	}
	free(before);
	free(helo);
}
