/* maincf - the lines that put Outpost beside a Postfix (`outpost postfix`) */
#include "mta/maincf.h"

static const char head[] =
    "# Outpost beside this Postfix, printed by `outpost postfix`. Take the\n"
    "# lines over in this order, then: postfix check && postfix reload\n"
    "#\n"
    "# --- main.cf\n"
    "#\n"
    "# Whom smtpd asks. A connection per request: with one that stays open,\n"
    "# Postfix does not ask again in an SMTP session after a single failure,\n"
    "# and a session can be kept open for long. When outpostd is down or\n"
    "# frozen mail goes on after at most 3 seconds (DUNNO).\n";

static const char why_login_table[] =
    "#\n"
    "# Suspended accounts, also while outpostd is down. The table is there\n"
    "# and must stay there: Postfix refuses all mail without it.\n";

static const char why_blocked_table[] =
    "#\n"
    "# Clients and networks that may not log in: they guess passwords. For the\n"
    "# services of master.cf that take logins, see there.\n";

static const char why_recipient[] =
    "#\n"
    "# RCPT refuses or defers. First of all, or a permit_sasl_authenticated or\n"
    "# permit_mynetworks before it ends the list and nobody is asked.\n";

static const char why_data[] =
    "#\n"
    "# DATA knows the number of recipients and adds the reference header;\n"
    "# END-OF-MESSAGE knows the size, and may hold.\n";

static const char why_header[] =
    "#\n"
    "# The next host learns the account from the reference in its log. (Before\n"
    "# Postfix 3.7: regexp:/etc/postfix/outpost_header_checks, a file with the\n"
    "# line between the inner braces.)\n";

static const char why_subjects[] =
    "#\n"
    "# If you like: with subjects in its log Outpost also sees that many messages,\n"
    "# or those of several accounts, have one text. It keeps a hash of them; your\n"
    "# log keeps them as they are, which your users may mind. Beside what\n"
    "# header_checks names already:\n"
    "#   header_checks=regexp:{ { /^Subject:/ INFO } }\n";

static const char outbound[] =
    "# Outpost beside an outbound Postfix, printed by `outpost postfix\n"
    "# --outbound`. Take the lines over, then: postfix check && postfix reload\n"
    "#\n"
    "# --- outpost.conf\n"
    "#\n"
    "# Here, the addresses that mail of the submission hosts comes from:\n"
    "#   chains: { submission_hosts = ( \"192.0.2.10\", ... ); };\n"
    "# There, those of the outbound hosts, by which every message is marked:\n"
    "#   chains: { outbound_hosts = ( \"192.0.2.20\", ... ); };\n"
    "# On both the same secret and the same Redis.\n"
    "#\n"
    "# --- main.cf\n";

static const char why_local[] =
    "#\n"
    "# What local users of a submission host send asks no policy service and\n"
    "# has no reference: it counts as that host's own mail. So that they can't\n"
    "# copy one, in its master.cf:\n"
    "#   pickup unix n - n 60 1 pickup\n"
    "#     -o cleanup_service_name=cleanup-local\n"
    "#   cleanup-local unix n - n - 0 cleanup\n"
    "#     -o header_checks=regexp:{{/^X-Outpost-Ref:/IGNORE}}\n"
    "#     -o syslog_name=postfix/local\n";

static const char why_users[] =
    "#\n"
    "# Suspended local users: sendmail, run by anybody, must be able to read\n"
    "# this table.\n";

static const char why_providers[] =
    "#\n"
    "# Providers that are paused or slowed for a while (outpost pause, slow);\n"
    "# who isn't in the table is looked for in the tables behind it. What is\n"
    "# paused waits: there is no transport of this name, and none is needed, so\n"
    "# that even `postqueue -f` delivers nothing of it.\n";

static const char why_slow[] =
    "# What is slowed leaves one by one, by a service of master.cf, see there.\n";

static const char why_senders[] =
    "#\n"
    "# By which address whose mail leaves (own_ips, pools): a table names a\n"
    "# place in a pool, the last one the service of master.cf that has it now.\n"
    "# What is in none of them, and all without them, leaves by\n"
    "# default_transport. Needs Postfix 3.0.\n";

static const char why_soon[] =
    "#\n"
    "# Postfix looks every ten seconds whether a table has changed. Within two\n"
    "# seconds what is decided here holds when qmgr asks a service of its own\n"
    "# that begins anew each second (the first two lines before the others, or\n"
    "# all mail waits; 10 ms of processor time a second):\n"
    "#   rewrite-qmgr unix - - n - 1 trivial-rewrite\n"
    "#     -o max_use=1\n"
    "#   qmgr unix n - n 300 1 qmgr\n"
    "#     -o rewrite_service_name=rewrite-qmgr\n"
    "#     -o ipc_ttl=1s\n";

static const char why_services[] =
    "#\n"
    "# Own IPs, each a service of its own: what it logs tells the address.\n"
    "# (Before Postfix 3.7 without smtp_bind_address_enforce.)\n";

static const char why_slow_service[] = "# For providers that are slowed:\n"
				       "#   %.*s unix - - n - 1 smtp\n"
				       "#     -o syslog_name=postfix/%.*s\n";

static const char why_master[] =
    "#\n"
    "# --- master.cf\n"
    "#\n"
    "# A service with restrictions of its own does not see those of main.cf.\n"
    "# Debian's submission and submissions, once uncommented, have an empty\n"
    "# smtpd_recipient_restrictions; make it:\n";

static const char why_early[] =
    "# And, so that blocked clients are turned away before they try a password\n"
    "# (with smtpd_delay_reject they would be at RCPT; the checks of HELO then\n"
    "# come before the login, too, so here there are none):\n"
    "#   -o smtpd_delay_reject=no\n"
    "#   -o smtpd_client_restrictions=$outpost_blocked\n"
    "#   -o smtpd_helo_restrictions=\n";

static const char why_no_users[] =
    "#\n"
    "# Suspended local users are not stopped: sendmail, run by anybody, must be\n"
    "# able to read the table of them, and others may not pass through\n"
    "# ";

static const char why_filter[] =
    "#\n"
    "# A service that takes mail back from a content filter must not ask again:\n"
    "#   -o smtpd_data_restrictions=\n"
    "#   -o smtpd_end_of_data_restrictions=\n"
    "#   -o smtpd_recipient_restrictions=permit_mynetworks,reject\n";

static const char why_not_chroot[] =
    "# (A path outside of Postfix's queue directory: chrooted smtpd services,\n"
    "# a \"y\" in master.cf, could not reach it. None was found.)\n";

/* The path below queue_directory, as a chrooted smtpd names it; false when the
 * socket is elsewhere. */
static bool
is_below(struct str path, struct str queue, struct str *rest)
{
	*rest = path;
	while (str_ends(queue, STR("/")))
		queue.n--;
	return str_take(rest, queue) && str_take(rest, STR("/")) && rest->n > 0;
}

static struct str
get_queue(const struct maincf *m)
{
	return m->queue_directory ? str_from(m->queue_directory)
				  : STR("/var/spool/postfix");
}

/* The best socket that there is: below the queue directory, then TCP, then,
 * if nobody is chrooted, any. */
static bool
print_socket(const struct maincf *m, struct text *out, bool *is_outside)
{
	struct str queue = get_queue(m), path, rest, inet = STR("");
	struct str outside = STR("");

	*is_outside = false;
	for (size_t i = 0; i < m->sockets.n; i++) {
		path = str_from(m->sockets.v[i]);
		if (str_starts(path, STR("inet:"))) {
			inet = inet.n ? inet : path;
		} else if (!str_take(&path, STR("unix:"))) {
			continue;
		} else if (is_below(path, queue, &rest)) {
			text_add(out, "unix:");
			text_str(out, rest);
			return true;
		} else {
			outside =
			    outside.n ? outside : str_from(m->sockets.v[i]);
		}
	}
	if (inet.n == 0 && !m->is_chrooted) {
		inet = outside;
		*is_outside = true;
	}
	text_str(out, inet);
	return inet.n > 0;
}

static int
explain_no_socket(const struct maincf *m, struct error *err)
{
	if (m->sockets.n == 0)
		return error_set(err, "policy.listen names no socket");
	return error_set(err,
	    "%s: smtpd runs chrooted in %.*s and can't reach it; listen on "
	    "\"unix:%.*s/outpost/policy\" (or on inet:127.0.0.1:PORT)",
	    m->sockets.v[0], STR_ARG(get_queue(m)), STR_ARG(get_queue(m)));
}

/* "name = ours, what stands there now", the latter alone if ours is in it. */
static void
print_list(struct text *out, const char *name, const char *ours,
    const char *mark, const char *now)
{
	struct str rest = str_trim(str_from(now));
	bool is_there = str_find(rest, str_from(mark)) >= 0;

	text_printf(out, "%s = ", name);
	if (!is_there)
		text_add(out, ours);
	if (!is_there && rest.n > 0)
		text_add(out, ",\n    ");
	text_str(out, rest);
	text_char(out, '\n');
}

/* As Postfix names a table: without ".cdb". */
static void
print_table(struct text *out, const char *path)
{
	struct str name = str_from(path);

	if (str_ends(name, STR(".cdb")))
		name.n -= 4;
	text_add(out, "cdb:");
	text_str(out, name);
}

static void
print_blocked(const struct maincf *m, struct text *out)
{
	if (!m->blocked_table)
		return;
	text_add(out, why_blocked_table);
	text_add(out, "outpost_blocked = check_client_access ");
	print_table(out, m->blocked_table);
	text_char(out, '\n');
}

static int
print_services(const struct maincf *m, struct text *out, struct error *err)
{
	bool is_outside;

	text_add(out, head);
	text_add(out, "outpost_policy = check_policy_service { ");
	if (!print_socket(m, out, &is_outside))
		return explain_no_socket(m, err);
	text_add(out, ",\n    try_limit=1, request_limit=1, timeout=3s, "
		      "default_action=DUNNO }\n");
	if (is_outside)
		text_add(out, why_not_chroot);
	if (!m->login_table)
		return 0;
	text_add(out, why_login_table);
	text_add(out, "outpost_suspended = check_sasl_access ");
	print_table(out, m->login_table);
	if (m->client_table) {
		text_add(out, ",\n    check_client_access ");
		print_table(out, m->client_table);
	}
	text_char(out, '\n');
	print_blocked(m, out);
	return 0;
}

static void
print_header_checks(const struct maincf *m, struct text *out)
{
	print_list(out, "header_checks",
	    "regexp:{ { /^X-Outpost-Ref:/ INFO } }", "X-Outpost-Ref",
	    m->header_checks);
}

static void
print_tables(const struct maincf *m, struct text *out)
{
	const char *users = m->submit_users;
	char buf[512];
	struct text ours;

	if (m->has_reference) {
		text_add(out, why_header);
		print_header_checks(m, out);
	}
	if (!m->header_checks ||
	    str_find(str_from(m->header_checks), STR("/^Subject:/")) < 0)
		text_add(out, why_subjects);
	if (!m->user_table && m->user_why) {
		text_add(out, why_no_users);
		text_printf(
		    out, "%s (chmod o+x, then ask again).\n", m->user_why);
	}
	if (m->user_table) {
		text_init(&ours, buf, sizeof(buf));
		text_char(&ours, '!');
		print_table(&ours, m->user_table);
		text_add(out, why_users);
		print_list(out, "authorized_submit_users", buf, buf,
		    users ? users : "static:anyone");
	}
}

/* Behind tables that aren't ours. */
static void
print_providers(const struct maincf *m, struct text *out)
{
	struct str slow = str_from(m->slow_transport), name;
	char table[512];
	struct text t;

	if (!m->provider_table)
		return;
	text_init(&t, table, sizeof(table));
	print_table(&t, m->provider_table);
	text_add(out, why_providers);
	print_list(out, "transport_maps", table, table, m->transport_maps);
	print_list(out, "defer_transports", MAINCF_PAUSED, MAINCF_PAUSED,
	    m->defer_transports);
	if (!str_cut(&slow, ':', &name))
		return;
	text_add(out, why_slow);
	text_printf(out, "%.*s_transport_rate_delay = 10s\n", STR_ARG(name));
}

static void
print_pipe(struct text *out, const char *first, const char *second)
{
	text_add(out, "pipemap:{");
	print_table(out, first);
	text_char(out, ',');
	print_table(out, second);
	text_char(out, '}');
}

static void
print_senders(const struct maincf *m, struct text *out)
{
	char maps[2048], mark[512];
	struct text t;

	if (!m->services)
		return;
	text_init(&t, mark, sizeof(mark));
	print_table(&t, m->mover_table);
	text_init(&t, maps, sizeof(maps));
	print_pipe(&t, m->mover_table, m->place_table);
	text_add(&t, ",\n    ");
	print_pipe(&t, m->sender_table, m->place_table);
	text_add(out, why_senders);
	print_list(out, "sender_dependent_default_transport_maps", maps, mark,
	    m->sender_maps);
}

static void
print_services_of_pools(const struct maincf *m, struct text *out)
{
	if (!m->services)
		return;
	text_add(out, why_soon);
	text_add(out, why_services);
	text_add(out, m->services);
}

static void
print_slow_service(const struct maincf *m, struct text *out)
{
	struct str slow = str_from(m->slow_transport), name;

	if (m->provider_table && str_cut(&slow, ':', &name))
		text_printf(
		    out, why_slow_service, STR_ARG(name), STR_ARG(name));
}

int
maincf_print(const struct maincf *m, struct text *out, struct error *err)
{
	static const char mark[] = "$outpost_policy";
	const char *rcpt =
	    m->login_table ? "$outpost_suspended, $outpost_policy" : mark;

	if (print_services(m, out, err) < 0)
		return -1;
	text_add(out, why_recipient);
	print_list(out, "smtpd_recipient_restrictions", rcpt, mark,
	    m->recipient_restrictions);
	text_add(out, why_data);
	print_list(
	    out, "smtpd_data_restrictions", mark, mark, m->data_restrictions);
	print_list(out, "smtpd_end_of_data_restrictions", mark, mark,
	    m->end_of_data_restrictions);
	print_tables(m, out);
	print_providers(m, out);
	print_senders(m, out);
	text_add(out, why_master);
	text_printf(out, "#   -o smtpd_recipient_restrictions=%s\n",
	    m->login_table ? "$outpost_suspended,$outpost_policy"
			   : "$outpost_policy");
	if (m->blocked_table)
		text_add(out, why_early);
	text_add(out, why_filter);
	print_slow_service(m, out);
	print_services_of_pools(m, out);
	return 0;
}

void
maincf_print_outbound(const struct maincf *m, struct text *out)
{
	text_add(out, outbound);
	text_add(out, why_header);
	print_header_checks(m, out);
	text_add(out, why_local);
}
