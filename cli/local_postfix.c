/* local_postfix - `outpost postfix`: what to write into main.cf */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/local.h"
#include "config/settings.h"
#include "daemon/tables.h"
#include "mta/maincf.h"

enum { OUTPUT_MAX = 256 * 1024, VALUE_MAX = 64 * 1024, ANSWERS = 9 };

/* Runs postconf without a shell; false when it can't be run or fails. */
static bool
run_postconf(const char *const argv[], struct text *out)
{
	int fds[2];
	char buf[4096];
	ssize_t n;
	int status = -1;

	if (pipe(fds) < 0)
		return false;
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		if (!freopen("/dev/null", "w", stderr))
			_exit(127);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fds[1]);
	while (pid > 0 && (n = read(fds[0], buf, sizeof(buf))) > 0)
		text_bytes(out, buf, (size_t)n);
	close(fds[0]);
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static const char *path = "postconf";

/* A parameter as it stands, unexpanded; NULL when postconf doesn't say. */
static char *
ask(const char *config, const char *name)
{
	const char *const with[] = {path, "-c", config, "-h", name, NULL};
	const char *const without[] = {path, "-h", name, NULL};
	struct text t;
	char *value = NULL;

	text_grow(&t, VALUE_MAX);
	if (run_postconf(config ? with : without, &t))
		value = str_dup(str_trim(text_view(&t)));
	text_done(&t);
	return value;
}

/* postconf -F prints "smtp/inet/chroot = n" for each service. */
static bool
is_chrooted(const char *config)
{
	const char *const with[] = {
	    path, "-c", config, "-F", "*/inet/chroot", NULL};
	const char *const without[] = {path, "-F", "*/inet/chroot", NULL};
	struct text t;

	text_grow(&t, VALUE_MAX);
	bool found = run_postconf(config ? with : without, &t) &&
		     str_find(text_view(&t), STR("chroot = y")) >= 0;

	text_done(&t);
	return found;
}

/* With what isn't Postfix's: an account logs in first. */
static enum exit_status
print_all(const struct settings *s, struct text *out, bool is_json)
{
	if (!*s->daemon.api_listen ||
	    str_starts(str_from(s->daemon.api_listen), STR("unix:")))
		return local_print_text(text_view(out), is_json);
	text_printf(out,
	    "\n# Where Dovecot checks the logins: with\n"
	    "# /usr/share/outpost/dovecot/90-outpost-auth-policy.conf in\n"
	    "# /etc/dovecot/conf.d (for Dovecot 2.4 the one in 2.4/) it asks Outpost before each, at\n"
	    "#   auth_policy_server_url = http://%s/auth-policy\n"
	    "# A suspended account reads on, but can't log in to send; nobody\n"
	    "# logs in from where passwords are guessed. `outpost check` looks\n"
	    "# at it.\n",
	    s->daemon.api_listen);
	return local_print_text(text_view(out), is_json);
}

/* What names tables and services of pools lives here. */
struct pool_lines {
	char movers[TABLES_PATH], senders[TABLES_PATH], places[TABLES_PATH];
	struct text services;
};

static void
put_pools(struct maincf *m, const struct settings *s, struct pool_lines *p)
{
	char host[SETTINGS_HOST];

	settings_host(&s->daemon, host);
	text_grow(&p->services, OUTPUT_MAX);
	if (pools_print_services(s->pools, str_from(host), &p->services) == 0)
		return;
	tables_path(s->daemon.state_dir, TABLE_MOVERS, p->movers);
	tables_path(s->daemon.state_dir, TABLE_SENDERS, p->senders);
	tables_path(s->daemon.state_dir, TABLE_PLACES, p->places);
	m->mover_table = p->movers;
	m->sender_table = p->senders;
	m->place_table = p->places;
	m->services = p->services.p;
}

/* What postconf says, each parameter where it belongs. */
static void
ask_all(const char *config, struct maincf *m, char *answers[ANSWERS])
{
	const struct {
		const char *name, **to;
	} asked[] = {
	    {"queue_directory", &m->queue_directory},
	    {"smtpd_recipient_restrictions", &m->recipient_restrictions},
	    {"smtpd_data_restrictions", &m->data_restrictions},
	    {"smtpd_end_of_data_restrictions", &m->end_of_data_restrictions},
	    {"header_checks", &m->header_checks},
	    {"authorized_submit_users", &m->submit_users},
	    {"transport_maps", &m->transport_maps},
	    {"defer_transports", &m->defer_transports},
	    {"sender_dependent_default_transport_maps", &m->sender_maps},
	};
	size_t n = 0;

	for (; n < sizeof(asked) / sizeof(*asked); n++) {
		answers[n] = ask(config, asked[n].name);
		*asked[n].to = answers[n];
	}
	m->is_chrooted = is_chrooted(config);
}

enum exit_status
local_postfix(const struct settings *s, const char *config, bool is_json)
{
	const char *dir = s->daemon.state_dir;
	char table[TABLES_PATH], users[TABLES_PATH], clients[TABLES_PATH];
	char blocked[TABLES_PATH], where[TABLES_PATH];
	char providers[TABLES_PATH];
	char *answers[ANSWERS] = {NULL};
	struct error err;
	/* First of all: who may pass to them is seen when they are there. */
	int made = tables_make(dir, &err);
	bool is_public = tables_are_public(dir, where);
	struct pool_lines pools;
	struct maincf m = {
	    .sockets = s->daemon.listen,
	    .login_table = table,
	    .client_table = clients,
	    .blocked_table = blocked,
	    .user_table = is_public ? users : NULL,
	    .provider_table = providers,
	    .slow_transport = s->reputation.slow_transport,
	    .user_why = where,
	    .has_reference = true,
	};
	struct text t;
	enum exit_status status;

	ask_all(config, &m, answers);
	text_grow(&t, OUTPUT_MAX);
	tables_path(dir, TABLE_LOGINS, table);
	tables_path(dir, TABLE_USERS, users);
	tables_path(dir, TABLE_CLIENTS, clients);
	tables_path(dir, TABLE_BLOCKED, blocked);
	tables_path(dir, TABLE_PROVIDERS, providers);
	put_pools(&m, s, &pools);
	if (made < 0 || maincf_print(&m, &t, &err) < 0)
		status = local_fail(EXIT_FAILED, "%s", err.text);
	else
		status = print_all(s, &t, is_json);
	text_done(&t);
	text_done(&pools.services);
	for (size_t i = 0; i < ANSWERS; i++)
		free(answers[i]);
	return status;
}

enum exit_status
local_postfix_outbound(const char *config, bool is_json)
{
	char *header = ask(config, "header_checks");
	const struct maincf m = {.header_checks = header};
	struct text t;

	text_grow(&t, OUTPUT_MAX);
	maincf_print_outbound(&m, &t);
	enum exit_status status = local_print_text(text_view(&t), is_json);

	text_done(&t);
	free(header);
	return status;
}
