/* check_pools - does Postfix know the own IPs of the configuration? */
#include <stdio.h>
#include <stdlib.h>

#include "cli/check_parts.h"
#include "daemon/tables.h"

/* Without its service mail that shall leave by it waits. */
static bool
check_service(struct check *c, const char *config, const struct pool_ip *ip)
{
	char service[POOL_NAME + 8], mend[POOL_NAME + 64];

	snprintf(service, sizeof(service), "%s/unix", ip->name);
	char *found = check_postconf(config, "-M", service);
	bool is_there = found && *found;

	free(found);
	snprintf(mend, sizeof(mend),
	    "master.cf: %s unix - - n - - smtp (outpost postfix)", ip->name);
	if (!is_there)
		check_say(c, CHECK_FAIL, "pools", mend,
		    "master.cf has no %s, which is one of own_ips: mail that "
		    "shall leave by it waits",
		    ip->name);
	return is_there;
}

static bool
check_maps(struct check *c, const char *config)
{
	static const char name[] = "sender_dependent_default_transport_maps";
	static const enum tables_kind kinds[] = {
	    TABLE_MOVERS, TABLE_SENDERS, TABLE_PLACES};
	char path[TABLES_PATH];
	char *value = check_postconf(config, "-hx", name);
	bool fine = true;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		tables_path(c->settings->daemon.state_dir, kinds[i], path);
		path[strlen(path) - strlen(".cdb")] = '\0';
		fine &= str_find(str_from(value), str_from(path)) >= 0;
	}
	free(value);
	if (!fine)
		check_say(c, CHECK_WARN, "pools",
		    "main.cf: the line that outpost postfix prints",
		    "%s doesn't name the tables of pools: all mail leaves by "
		    "default_transport",
		    name);
	return fine;
}

/* qmgr may ask a service of its own, so that changed tables hold at once. */
static bool
check_qmgr(struct check *c, const char *config, bool *is_quick)
{
	char *value =
	    check_postconf(config, "-Phx", "qmgr/unix/rewrite_service_name");
	struct str name = str_trim(str_from(value ? value : ""));
	char service[256];
	char *found = NULL;
	struct text t;

	*is_quick = name.n > 0 && !str_is(name, STR("rewrite"));
	text_init(&t, service, sizeof(service));
	text_printf(&t, "%.*s/unix", STR_ARG(name));
	if (*is_quick)
		found = check_postconf(config, "-M", service);
	bool fine = !*is_quick || (found && *found);

	if (!fine)
		check_say(c, CHECK_FAIL, "pools",
		    "master.cf: the lines that outpost postfix prints",
		    "qmgr asks %.*s (rewrite_service_name), which master.cf "
		    "doesn't have: all mail waits",
		    STR_ARG(name));
	free(found);
	free(value);
	return fine;
}

bool
check_pools(struct check *c, const char *config)
{
	const struct settings *s = c->settings;
	char host[SETTINGS_HOST];
	bool fine = true, is_quick = false;
	size_t n = 0;

	settings_host(&s->daemon, host);
	for (size_t i = 0; i < pools_ip_count(s->pools); i++) {
		const struct pool_ip *ip = pools_ip_at(s->pools, i);

		if (!pool_ip_is_of(ip, str_from(host)))
			continue;
		fine &= check_service(c, config, ip);
		n++;
	}
	if (n > 0) {
		fine &= check_maps(c, config);
		fine &= check_qmgr(c, config, &is_quick);
	}
	if (n > 0 && fine)
		check_say(c, CHECK_OK, "pools", NULL,
		    "%zu own IPs: Postfix has a service for each, and notices "
		    "changed tables within %s seconds",
		    n, is_quick ? "two" : "ten");
	return fine;
}
