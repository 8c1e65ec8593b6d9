/* check_log - what the end of the logs tells about the set-up
 *
 * The last few megabytes of each file are read by the parsers that outpostd
 * uses; what is counted is bounded by them.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/ip.h"
#include "base/map.h"
#include "base/time.h"
#include "cli/check_parts.h"
#include "mta/postfix.h"

enum {
	TAIL = 8 << 20,
	QUIET_S = 3600,
	AHEAD_S = 120,
	MANY = 10,	/* logins of one address, senders of one login */
	ENOUGH = 20,	/* deliveries, before shares mean anything */
	RELAY_PART = 90 /* percent */
};

/* Something seen, how often, and with how many others. */
struct seen {
	const char *name;
	uint64_t n, others;
};

struct look {
	struct check *check;
	struct arena arena;
	struct map queue_ids; /* -> login */
	struct map logins, addresses, relays, pairs;
	uint64_t messages, with_login, deliveries, again, again_seen;
	struct map handed; /* queue ids that a hop to ourselves named */
	int64_t newest;
};

static struct seen *
note(struct look *k, struct map *m, struct str name)
{
	struct seen *s = map_find(m, name);

	if (!s) {
		s = arena_alloc(&k->arena, sizeof(*s));
		s->name = arena_dup(&k->arena, name);
		map_put(m, str_make(s->name, name.n), s);
	}
	s->n++;
	return s;
}

/* Is it the first time that the two are seen together? */
static bool
is_new_pair(struct look *k, char kind, struct str a, struct str b)
{
	char buf[1024];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%c%.*s %.*s", kind, STR_ARG(a), STR_ARG(b));
	return note(k, &k->pairs, text_view(&t))->n == 1;
}

static bool
is_in(const struct ip_nets *nets, struct str address)
{
	struct ip ip;

	return ip_parse(address, &ip) && ip_nets_has(nets, &ip);
}

static void
look_at_client(struct look *k, const struct postfix_line *l)
{
	struct str login = line_get(l, FIELD_SASL_USERNAME);
	struct str address = line_get(l, FIELD_CLIENT_ADDRESS);
	struct seen *s;

	k->messages++;
	k->again_seen += map_find(&k->handed, l->queue_id) != NULL;
	if (login.n == 0)
		return;
	k->with_login++;
	s = note(k, &k->logins, login);
	if (map_find(&k->queue_ids, l->queue_id) == NULL && l->queue_id.n)
		map_put(&k->queue_ids, arena_str(&k->arena, l->queue_id), s);
	s = note(k, &k->addresses, address);
	s->others += is_new_pair(k, 'a', address, login);
}

static void
look_at_sender(struct look *k, const struct postfix_line *l)
{
	struct seen *login = map_find(&k->queue_ids, l->queue_id);
	struct str from = line_get(l, FIELD_FROM);

	if (login && from.n > 0)
		login->others +=
		    is_new_pair(k, 's', str_from(login->name), from);
}

static void
look_at_delivery(struct look *k, const struct postfix_line *l)
{
	const struct mta_settings *m = &k->check->settings->mta;
	struct str address = line_get(l, FIELD_RELAY_ADDRESS);
	struct str name = line_get(l, FIELD_RELAY_NAME);
	struct str next = line_get(l, FIELD_QUEUED_AS);

	if (address.n == 0)
		return;
	if (is_in(&m->own_addresses, address)) {
		if (next.n == 0 || map_find(&k->handed, next))
			return;
		k->again++;
		note(k, &k->handed, next);
		return;
	}
	if (is_in(&m->outbound_hosts, address) ||
	    is_in(&m->inside_networks, address))
		return;
	k->deliveries++;
	note(k, &k->relays, name);
}

static void
look_at_line(struct look *k, struct logline_clock *clock, struct str line)
{
	struct logline log;
	struct postfix_line l;

	if (!logline_parse(clock, line, &log))
		return;
	if (log.at_us / TIME_US > k->newest)
		k->newest = log.at_us / TIME_US;
	postfix_parse(&log, &l);
	if (l.kind == LINE_CLIENT)
		look_at_client(k, &l);
	else if (l.kind == LINE_QUEUE_ACTIVE)
		look_at_sender(k, &l);
	else if (l.kind == LINE_DELIVERY)
		look_at_delivery(k, &l);
}

static void
look_at_text(struct look *k, struct str rest)
{
	struct logline_clock clock;
	struct str line;

	/* A day later than now is read as it stands: that is looked for. */
	logline_clock_init(&clock, k->check->now + 86400);
	while (str_cut(&rest, '\n', &line))
		look_at_line(k, &clock, line);
}

static void
look_at_tail(struct look *k, int fd, const struct stat *st)
{
	off_t from = st->st_size > TAIL ? st->st_size - TAIL : 0;
	char *buf = xalloc(TAIL, 1);
	ssize_t n = pread(fd, buf, TAIL, from);
	struct str rest = str_make(buf, n > 0 ? (size_t)n : 0), line;

	if (from > 0)
		(void)str_cut(&rest, '\n', &line);
	look_at_text(k, rest);
	free(buf);
}

/* Whom outpostd runs as, if that's not us. */
static bool
is_readable(const struct check *c, const struct stat *st)
{
	const char *user = c->settings->daemon.user;
	const struct passwd *who = getpwnam(*user ? user : "outpost");

	if (!who || who->pw_uid == 0 || st->st_mode & 4)
		return true;
	if (st->st_uid == who->pw_uid)
		return st->st_mode & 0400;
	/* Its group may be one of several: adm, as Debian's logs have. */
	return st->st_mode & 0040;
}

static void
check_file(struct look *k, const char *path)
{
	struct check *c = k->check;
	struct stat st;
	char mend[4400];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		check_say(c, CHECK_FAIL, "log",
		    "outpost.conf: log: { files = ( \"THE LOG OF POSTFIX\" ); "
		    "};",
		    "%s: %s: nothing is seen of what is sent", path,
		    strerror(errno));
	} else if (!is_readable(c, &st)) {
		snprintf(mend, sizeof(mend), "chgrp adm %s; chmod g+r %s", path,
		    path);
		check_say(c, CHECK_FAIL, "log", mend,
		    "%s: outpostd may not read it: nothing is seen of what "
		    "is sent",
		    path);
	} else if (st.st_mtime < c->now - QUIET_S) {
		check_say(c, CHECK_WARN, "log", "postconf maillog_file; ls -l",
		    "%s: nothing written for %lld min: does Postfix log "
		    "elsewhere?",
		    path, (long long)(c->now - st.st_mtime) / 60);
	} else {
		check_say(c, CHECK_OK, "log", NULL, "%s is written", path);
	}
	if (fd < 0)
		return;
	look_at_tail(k, fd, &st);
	close(fd);
}

static void
check_clock(struct look *k)
{
	if (k->newest == 0)
		return;
	if (k->newest > k->check->now + AHEAD_S)
		check_say(k->check, CHECK_FAIL, "clock",
		    "timedatectl set-ntp true",
		    "the newest log line is %lld s ahead of the clock: counts "
		    "and limits are of the wrong hour",
		    (long long)(k->newest - k->check->now));
	else
		check_say(k->check, CHECK_OK, "clock", NULL,
		    "log lines are not ahead of it");
}

static void
check_logins(struct look *k)
{
	if (k->messages == 0)
		return;
	if (k->with_login == 0)
		check_say(k->check, CHECK_WARN, "logins",
		    "master.cf submission: -o smtpd_sasl_auth_enable=yes",
		    "none of %llu messages has a sasl_username: no account is "
		    "known, all is inbound",
		    (unsigned long long)k->messages);
	else
		check_say(k->check, CHECK_OK, "logins", NULL,
		    "%llu of %llu messages have a sasl_username",
		    (unsigned long long)k->with_login,
		    (unsigned long long)k->messages);
}

static void
check_again(struct look *k)
{
	if (k->again < 3)
		return;
	if (k->again_seen * 10 < k->again * 9)
		check_say(k->check, CHECK_FAIL, "filter",
		    "outpost.conf: log: { files = ( ..., \"THE LOG OF THE "
		    "INSTANCE BEHIND THE FILTER\" ); };",
		    "of %llu messages handed to ourselves only %llu were seen "
		    "to come back: how the world answers isn't counted",
		    (unsigned long long)k->again,
		    (unsigned long long)k->again_seen);
	else
		check_say(k->check, CHECK_OK, "filter", NULL,
		    "re-injected messages are seen (%llu)",
		    (unsigned long long)k->again_seen);
}

static void
check_relays(struct look *k)
{
	struct seen *s, *most = NULL;

	for (size_t i = 0; (s = map_next(&k->relays, &i));)
		most = !most || s->n > most->n ? s : most;
	if (!most || k->deliveries < ENOUGH)
		return;
	unsigned part = (unsigned)(most->n * 100 / k->deliveries);

	if (part >= RELAY_PART)
		check_say(k->check, CHECK_WARN, "relay",
		    "outpost.conf: chains: { outbound_hosts = ( \"ITS "
		    "ADDRESS\" ); };   and an Outpost there",
		    "%u%% goes to relay %s: replies can't be seen here", part,
		    most->name);
	else
		check_say(k->check, CHECK_OK, "relay", NULL,
		    "the world's replies are seen here");
}

static bool
is_shared(const struct check *c, const char *login)
{
	const struct setting_list *l = &c->settings->mta.shared_accounts;

	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i], login) == 0)
			return true;
	}
	return false;
}

static void
check_shared(struct look *k)
{
	const struct mta_settings *m = &k->check->settings->mta;
	struct seen *s;
	char mend[600];

	for (size_t i = 0; (s = map_next(&k->addresses, &i));) {
		if (s->others < MANY ||
		    is_in(&m->front_ends, str_from(s->name)))
			continue;
		snprintf(mend, sizeof(mend),
		    "outpost.conf: accounts: { front_ends = ( \"%s\" ); };",
		    s->name);
		check_say(k->check, CHECK_WARN, "shared", mend,
		    "%llu accounts send from %s, like a webmail: what one of "
		    "them does counts against its address",
		    (unsigned long long)s->others, s->name);
	}
	for (size_t i = 0; (s = map_next(&k->logins, &i));) {
		if (s->others < MANY || is_shared(k->check, s->name))
			continue;
		snprintf(mend, sizeof(mend),
		    "outpost.conf: accounts: { shared_accounts = ( ..., "
		    "\"%s\" ); };",
		    s->name);
		check_say(k->check, CHECK_WARN, "shared", mend,
		    "%s sends as %llu senders, like a list or an application: "
		    "one of them would stop all",
		    s->name, (unsigned long long)s->others);
	}
}

/* "journal", "journal:NAME", "journal:/DIRECTORY" */
static void
check_journal(struct look *k, const char *source)
{
	const char *name = strchr(source, ':') ? strchr(source, ':') + 1 : "";
	char which[4200];
	const char *argv[] = {"journalctl", "-q", "-o", "short", "--no-pager",
	    "-n", "20000", "SYSLOG_FACILITY=2", which, NULL};
	struct text t;

	snprintf(which, sizeof(which), "%s%s",
	    *name == '/' ? "--directory=" : "--namespace=", name);
	if (!*name)
		argv[8] = NULL;
	text_grow(&t, TAIL);
	bool is_read = check_command(argv, &t);

	if (!is_read)
		check_say(k->check, CHECK_FAIL, "log",
		    "adduser outpost systemd-journal",
		    "%s can't be read: nothing is seen of what is sent",
		    source);
	else if (t.n == 0)
		check_say(k->check, CHECK_WARN, "log", "postconf maillog_file",
		    "%s has no line of a mail server: does Postfix log "
		    "elsewhere?",
		    source);
	else
		check_say(
		    k->check, CHECK_OK, "log", NULL, "%s is read", source);
	look_at_text(k, text_view(&t));
	text_done(&t);
}

static void
check_files(struct look *k)
{
	const struct setting_list *l = &k->check->settings->daemon.files;

	for (size_t i = 0; i < l->n; i++) {
		glob_t g;

		if (strncmp(l->v[i], "journal", 7) == 0)
			check_journal(k, l->v[i]);
		if (*l->v[i] != '/')
			continue;
		if (glob(l->v[i], GLOB_NOCHECK, NULL, &g) != 0)
			continue;
		for (size_t f = 0; f < g.gl_pathc; f++)
			check_file(k, g.gl_pathv[f]);
		globfree(&g);
	}
}

void
check_log(struct check *c)
{
	struct look k = {.check = c};
	struct map *const maps[] = {&k.queue_ids, &k.logins, &k.addresses,
	    &k.relays, &k.pairs, &k.handed};

	arena_init(&k.arena);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		map_init(maps[i]);
	check_files(&k);
	check_clock(&k);
	check_logins(&k);
	check_again(&k);
	check_relays(&k);
	check_shared(&k);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		map_done(maps[i]);
	arena_done(&k.arena);
}
