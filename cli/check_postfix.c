/* check_postfix - does Postfix ask at each stage, and log the reference?
 *
 * What postconf says, expanded, of each instance.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check_parts.h"

enum { VALUE_MAX = 256 * 1024, PATH_BYTES = 4096, ENDPOINTS = 16 };

struct instance {
	struct check *check;
	const char *config; /* NULL: the default */
	char *queue, *owner;
	char *own; /* postconf -P: what services have for themselves */
	bool is_chrooted, has_logins;
	char endpoints[ENDPOINTS][PATH_BYTES]; /* ours, checked already */
	size_t n_endpoints;
};

char *
check_postconf(const char *config, const char *flags, const char *name)
{
	const char *with[] = {"postconf", "-c", config, flags, name, NULL};
	const char *without[] = {"postconf", flags, name, NULL};
	struct text t;
	char *value = NULL;

	text_grow(&t, VALUE_MAX);
	if (check_command(config ? with : without, &t))
		value = str_dup(str_trim(text_view(&t)));
	text_done(&t);
	return value;
}

/* The endpoint as it is outside: what smtpd names is relative to its queue
 * directory, and all is below that in a chroot. */
static void
resolve(const struct instance *in, struct str endpoint, char out[PATH_BYTES])
{
	struct str path = endpoint;
	struct text t;

	text_init(&t, out, PATH_BYTES);
	if (!str_take(&path, STR("unix:"))) {
		text_str(&t, endpoint);
		return;
	}
	text_add(&t, "unix:");
	if (in->is_chrooted || path.n == 0 || *path.p != '/')
		text_printf(&t, "%s/", in->queue);
	while (in->is_chrooted && path.n > 0 && *path.p == '/')
		path = str_skip(path, 1);
	text_str(&t, path);
}

static bool
is_ours(const struct instance *in, const char *address)
{
	const struct setting_list *l = &in->check->settings->daemon.listen;

	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i], address) == 0)
			return true;
	}
	return false;
}

static void
check_endpoint(struct instance *in, const char *address)
{
	for (size_t i = 0; i < in->n_endpoints; i++) {
		if (strcmp(in->endpoints[i], address) == 0)
			return;
	}
	if (in->n_endpoints == ENDPOINTS)
		return;
	snprintf(in->endpoints[in->n_endpoints++], PATH_BYTES, "%s", address);
	check_socket(in->check, address, in->owner);
}

/* Looks for check_policy_service with a socket of ours; its place in the list,
 * or -1. */
static ptrdiff_t
find_policy(struct instance *in, struct str list)
{
	static const char word[] = "check_policy_service";
	struct str rest = list;
	ptrdiff_t at;

	while ((at = str_find(rest, str_from(word))) >= 0) {
		size_t n = 0;
		char address[PATH_BYTES];

		rest = str_skip(rest, (size_t)at + sizeof(word) - 1);
		ptrdiff_t place = rest.p - list.p;

		while (rest.n > 0 && strchr(" \t\n{", *rest.p))
			rest = str_skip(rest, 1);
		while (n < rest.n && !strchr(" \t\n,}", rest.p[n]))
			n++;
		resolve(in, str_head(rest, n), address);
		if (!is_ours(in, address))
			continue;
		check_endpoint(in, address);
		return place;
	}
	return -1;
}

static bool
comes_after(struct str list, const char *word, ptrdiff_t place)
{
	ptrdiff_t at = str_find(list, str_from(word));

	return at < 0 || at > place;
}

static const struct stage {
	const char *name, *line, *why;
} stages[] = {
    {"smtpd_recipient_restrictions",
	"smtpd_recipient_restrictions = $outpost_suspended, $outpost_policy, "
	"...",
	"no limit holds, nobody is refused"},
    {"smtpd_data_restrictions", "smtpd_data_restrictions = $outpost_policy",
	"messages carry no reference, recipients of one message aren't seen"},
    {"smtpd_end_of_data_restrictions",
	"smtpd_end_of_data_restrictions = $outpost_policy",
	"sizes aren't seen, nothing can be held"},
};

/* where: "main.cf", or the service whose own value it is. */
static bool
check_stage(struct instance *in, const struct stage *stage, const char *where,
    struct str value)
{
	ptrdiff_t place = find_policy(in, value);
	char mend[512];

	snprintf(mend, sizeof(mend), "%s: %s   (outpost postfix prints it all)",
	    where, stage->line);
	if (place < 0) {
		check_say(in->check, CHECK_FAIL, "stages", mend,
		    "%s: %s doesn't ask Outpost: %s", where, stage->name,
		    stage->why);
		return false;
	}
	if (comes_after(value, "permit_sasl_authenticated", place) &&
	    comes_after(value, "permit_mynetworks", place))
		return true;
	check_say(in->check, CHECK_FAIL, "stages", mend,
	    "%s: %s permits before it asks Outpost: those who are permitted "
	    "are never asked about",
	    where, stage->name);
	return false;
}

/* Does this service (or main.cf, for all) take logins? */
static bool
takes_logins(const struct instance *in, struct str service)
{
	char name[192];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "%.*s/smtpd_sasl_auth_enable = ", STR_ARG(service));
	ptrdiff_t at = str_find(str_from(in->own), text_view(&t));

	if (at < 0)
		return in->has_logins;
	return strncmp(in->own + at + t.n, "yes", 3) == 0;
}

/* postconf -P: "SERVICE/TYPE/NAME = VALUE" of each -o. Who takes no logins, as
 * he who takes mail back from a filter, may ask nobody. */
static bool
check_override(struct instance *in, const struct stage *stage, struct str line)
{
	char where[128];
	struct str name;

	if (!str_cut(&line, '=', &name))
		return true;
	name = str_trim(name);
	ptrdiff_t slash = str_find_last(name, STR("/"));
	struct str service = str_head(name, slash < 0 ? 0 : (size_t)slash);

	if (slash < 0 ||
	    !str_is(str_skip(name, (size_t)slash + 1), str_from(stage->name)))
		return true;
	if (find_policy(in, line) < 0 && !takes_logins(in, service))
		return true;
	snprintf(where, sizeof(where), "master.cf %.*s", STR_ARG(service));
	return check_stage(in, stage, where, line);
}

static void
check_stages(struct instance *in)
{
	bool is_fine = true;

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		char *value = check_postconf(in->config, "-hx", stages[i].name);
		struct str rest = str_from(in->own), line;

		is_fine &=
		    check_stage(in, &stages[i], "main.cf", str_from(value));
		while (rest.n > 0) {
			if (!str_cut(&rest, '\n', &line)) {
				line = rest;
				rest.n = 0;
			}
			is_fine &= check_override(in, &stages[i], line);
		}
		free(value);
	}
	if (is_fine)
		check_say(in->check, CHECK_OK, "stages", NULL,
		    "RCPT, DATA and END-OF-MESSAGE ask Outpost");
}

static void
check_reference(struct instance *in)
{
	char *value = check_postconf(in->config, "-hx", "header_checks");

	if (str_find(str_from(value), STR("X-Outpost-Ref")) < 0 &&
	    str_find(str_from(value), STR("outpost")) < 0)
		check_say(in->check, CHECK_WARN, "reference",
		    "main.cf: header_checks = regexp:{ { /^X-Outpost-Ref:/ "
		    "INFO } }",
		    "header_checks doesn't log X-Outpost-Ref: whose a message "
		    "is gets lost behind a filter or another host");
	else
		check_say(in->check, CHECK_OK, "reference", NULL,
		    "header_checks logs X-Outpost-Ref");
	free(value);
}

/* An instance that only delivers needs ask nobody. */
static bool
is_asked_by(const struct instance *in)
{
	return in->config == in->check->postfix || in->has_logins ||
	       str_find(
		   str_from(in->own), STR("smtpd_sasl_auth_enable = yes")) >= 0;
}

static void
check_instance(struct check *c, const char *config)
{
	struct instance *in = xalloc(1, sizeof(*in));
	char *chroots = check_postconf(config, "-F", "*/inet/chroot");
	char *logins = check_postconf(config, "-hx", "smtpd_sasl_auth_enable");

	in->check = c;
	in->config = config;
	in->queue = check_postconf(config, "-hx", "queue_directory");
	in->owner = check_postconf(config, "-hx", "mail_owner");
	in->is_chrooted = str_find(str_from(chroots), STR("= y")) >= 0;
	in->own = check_postconf(config, "-Px", NULL);
	in->has_logins = str_is(str_from(logins), STR("yes"));
	if (!in->queue || !in->owner) {
		check_say(c, CHECK_FAIL, "postfix",
		    "outpost check --postfix-config DIR",
		    "%s: postconf can't say what Postfix does",
		    config ? config : "/etc/postfix");
	} else if (!is_asked_by(in)) {
		check_say(c, CHECK_OK, "postfix", NULL,
		    "%s takes no logins and asks nobody", config);
	} else {
		check_stages(in);
		check_tables(c, config, in->own);
		check_reference(in);
	}
	free(chroots);
	free(logins);
	free(in->own);
	free(in->queue);
	free(in->owner);
	free(in);
}

void
check_postfix(struct check *c)
{
	char *others =
	    check_postconf(c->postfix, "-hx", "multi_instance_directories");
	struct str rest = str_from(others), word;

	check_instance(c, c->postfix);
	while (rest.n > 0) {
		if (!str_cut(&rest, ' ', &word)) {
			word = rest;
			rest.n = 0;
		}
		char *dir = str_dup(str_trim(word));

		if (*dir)
			check_instance(c, dir);
		free(dir);
	}
	free(others);
}
