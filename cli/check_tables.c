/* check_tables - are the tables there, and does Postfix read each? */
#include <stdio.h>
#include <stdlib.h>

#include "cli/check_parts.h"
#include "daemon/tables.h"

/* A cdb begins with its 2048 bytes of pointers. */
enum { CDB_LEAST = 2048 };

/* A table is named in a parameter of main.cf or, where it may also be one of a
 * service, in an -o of master.cf. */
static const struct wire {
	enum tables_kind table;
	enum check_level level; /* when it isn't named */
	bool in_service;
	const char *name, *mend, *why;
} wires[] = {
    {TABLE_LOGINS, CHECK_FAIL, false, "smtpd_recipient_restrictions",
	"main.cf: smtpd_recipient_restrictions = $outpost_suspended, "
	"$outpost_policy, ...",
	"while outpostd is down suspended accounts send"},
    {TABLE_CLIENTS, CHECK_WARN, false, "smtpd_recipient_restrictions",
	"main.cf: outpost_suspended = ..., check_client_access $TABLE",
	"while outpostd is down suspended clients and networks send"},
    {TABLE_USERS, CHECK_WARN, false, "authorized_submit_users",
	"main.cf: authorized_submit_users = !$TABLE, static:anyone",
	"suspended local users send"},
    {TABLE_BLOCKED, CHECK_WARN, true, "smtpd_client_restrictions",
	"master.cf, services that take logins: "
	"-o smtpd_client_restrictions=$outpost_blocked "
	"-o smtpd_delay_reject=no",
	"who guesses passwords may go on trying"},
    {TABLE_PROVIDERS, CHECK_WARN, false, "transport_maps",
	"main.cf: transport_maps = $TABLE, ...",
	"deliveries to a provider can't be paused or slowed"},
};
enum { WIRES = sizeof(wires) / sizeof(*wires) };

/* "cdb:/PATH", as Postfix names it. */
static void
name_table(
    const struct check *c, enum tables_kind which, char out[TABLES_PATH + 8])
{
	char path[TABLES_PATH];

	tables_path(c->settings->daemon.state_dir, which, path);
	snprintf(out, TABLES_PATH + 8, "cdb:%.*s", (int)strlen(path) - 4, path);
}

/* As a whole word: another table's name may begin alike. */
static bool
names(const char *value, const char *table)
{
	size_t n = strlen(table);

	for (const char *at = value; at && (at = strstr(at, table)); at++) {
		if (!at[n] || strchr(" \t\n,}", at[n]))
			return true;
	}
	return false;
}

static bool
is_wired(const char *config, const char *own, const struct wire *w,
    const char *table)
{
	char *value = check_postconf(config, "-hx", w->name);
	bool found =
	    names(value, table) || (w->in_service && names(own, table));

	free(value);
	return found;
}

/* "$TABLE" in the line that mends it. */
static void
print_mend(const struct wire *w, const char *table, struct text *out)
{
	struct str rest = str_from(w->mend);
	ptrdiff_t at = str_find(rest, STR("$TABLE"));

	if (at < 0) {
		text_str(out, rest);
		return;
	}
	text_str(out, str_head(rest, (size_t)at));
	text_add(out, table);
	text_str(out, str_skip(rest, (size_t)at + 6));
}

static bool
is_whole(const struct check *c, enum tables_kind which)
{
	char path[TABLES_PATH];

	tables_path(c->settings->daemon.state_dir, which, path);
	FILE *f = fopen(path, "r");
	bool whole = f && fseek(f, 0, SEEK_END) == 0 && ftell(f) >= CDB_LEAST;

	if (f)
		fclose(f);
	return whole;
}

/* false: it was said what is wrong. */
static bool
check_wire(
    struct check *c, const char *config, const char *own, const struct wire *w)
{
	char table[TABLES_PATH + 8], mend[TABLES_PATH + 256];
	char where[TABLES_PATH];
	struct text t;

	if (w->table == TABLE_USERS &&
	    !tables_are_public(c->settings->daemon.state_dir, where)) {
		snprintf(mend, sizeof(mend), "chmod o+x %s", where);
		check_say(c, CHECK_WARN, "table", mend,
		    "%s: sendmail, run by anybody, can't read the table of "
		    "suspended local users: they send",
		    where);
		return false;
	}
	name_table(c, w->table, table);
	if (is_wired(config, own, w, table))
		return true;
	text_init(&t, mend, sizeof(mend));
	print_mend(w, table, &t);
	check_say(c, w->level, "table", mend, "%s isn't in %s: %s", table,
	    w->name, w->why);
	return false;
}

/* Whichever it is, Postfix defers what it would look up in it. */
static bool
check_files(struct check *c)
{
	char path[TABLES_PATH];
	bool fine = true;

	for (int i = 0; i < TABLES; i++) {
		if (is_whole(c, i))
			continue;
		tables_path(c->settings->daemon.state_dir, i, path);
		check_say(c, CHECK_FAIL, "table",
		    "outpost postfix >/dev/null; systemctl restart outpostd",
		    "%s is missing or damaged: Postfix refuses all mail", path);
		fine = false;
	}
	return fine;
}

static bool
check_paused(struct check *c, const char *config)
{
	char *value = check_postconf(config, "-hx", "defer_transports");
	bool fine = names(value, MAINCF_PAUSED);

	free(value);
	if (!fine)
		check_say(c, CHECK_WARN, "table",
		    "main.cf: defer_transports = " MAINCF_PAUSED,
		    MAINCF_PAUSED " isn't in defer_transports: while a "
				  "provider is paused Postfix misses a "
				  "transport, once a minute");
	return fine;
}

/* TRANSPORT:[NEXTHOP] of the settings: is it there, and does it go where the
 * rest goes? */
static bool
check_slow(struct check *c, const char *config)
{
	struct str hop = str_from(c->settings->reputation.slow_transport);
	char service[256], mend[512];
	struct str name;

	if (!str_cut(&hop, ':', &name))
		return true;
	snprintf(service, sizeof(service), "%.*s/unix", STR_ARG(name));
	char *found = check_postconf(config, "-M", service);
	char *relay = check_postconf(config, "-hx", "relayhost");
	bool is_there = found && *found;
	bool is_led = hop.n > 0 || !relay || !*relay;

	snprintf(mend, sizeof(mend), "master.cf: %.*s unix - - n - 1 smtp",
	    STR_ARG(name));
	if (!is_there)
		check_say(c, CHECK_WARN, "table", mend,
		    "master.cf has no %.*s: mail to a provider that is slowed "
		    "(outpost slow) would wait instead",
		    STR_ARG(name));
	snprintf(mend, sizeof(mend),
	    "outpost.conf: providers: { slow_transport = \"%.*s:%s\"; };",
	    STR_ARG(name), relay ? relay : "");
	if (!is_led)
		check_say(c, CHECK_WARN, "table", mend,
		    "mail leaves by a relayhost; to a provider that is slowed "
		    "it would go past that");
	free(found);
	free(relay);
	return is_there && is_led;
}

static bool
check_relay(struct check *c, const char *config)
{
	struct str hop = str_from(c->settings->reputation.relay_route), name;
	char service[256];

	if (!str_cut(&hop, ':', &name))
		return true;
	snprintf(service, sizeof(service), "%.*s/unix", STR_ARG(name));
	char *found = check_postconf(config, "-M", service);
	bool is_there = found && *found;

	if (!is_there)
		check_say(c, CHECK_WARN, "table", "relay_route",
		    "master.cf has no %.*s: mail to a provider that is relayed "
		    "(outpost provider NAME relay) would wait instead",
		    STR_ARG(name));
	free(found);
	return is_there;
}

void
check_tables(struct check *c, const char *config, const char *own)
{
	char *types = check_postconf(config, "-m", NULL);
	bool fine = check_files(c);

	if (str_find(str_from(types), STR("cdb")) < 0) {
		check_say(c, CHECK_FAIL, "table", "apt install postfix-cdb",
		    "Postfix has no cdb tables: it refuses all mail");
		fine = false;
	}
	free(types);
	for (size_t i = 0; i < WIRES; i++)
		fine &= check_wire(c, config, own, &wires[i]);
	fine &= check_paused(c, config);
	fine &= check_slow(c, config);
	fine &= check_relay(c, config);
	fine &= check_pools(c, config);
	check_certificates(c, config);
	if (fine)
		check_say(c, CHECK_OK, "table", NULL,
		    "%s/tables: all are there, and Postfix reads them",
		    c->settings->daemon.state_dir);
}
