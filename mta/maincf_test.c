/* maincf_test - lines that reach the socket, whatever stands there now */
#include "base/test.h"
#include "mta/maincf.h"

static char buf[8192];
static struct error err;

static bool
prints(const struct maincf *m)
{
	struct text t;

	text_init(&t, buf, sizeof(buf));
	err.text[0] = '\0';
	if (maincf_print(m, &t, &err) < 0)
		return false;
	CHECK(!t.is_cut);
	return true;
}

static bool
has(const char *line)
{
	return strstr(buf, line) != NULL;
}

static const char *const below[] = {
    "unix:/run/outpost.sock", "unix:/var/spool/postfix/outpost/policy"};
static const char *const tcp[] = {"unix:/run/x", "inet:127.0.0.1:8426"};

static void
names_a_socket_below_the_queue(void)
{
	struct maincf m = {.sockets = {below, 2}, .is_chrooted = true};

	CHECK(prints(&m));
	CHECK(has("check_policy_service { unix:outpost/policy,\n"));
	CHECK(has("try_limit=1, request_limit=1, timeout=3s, "
		  "default_action=DUNNO }\n"));
	CHECK(!has("could not reach"));
	m.queue_directory = "/var/spool/postfix/";
	CHECK(prints(&m));
	CHECK(has("{ unix:outpost/policy,\n"));
}

static void
names_another_socket(void)
{
	struct maincf m = {.sockets = {tcp, 2}, .is_chrooted = true};

	CHECK(prints(&m));
	CHECK(has("{ inet:127.0.0.1:8426,\n"));
	m = (struct maincf){.sockets = {below, 2}, .queue_directory = "/q"};
	CHECK(prints(&m));
	CHECK(has("{ unix:/run/outpost.sock,\n"));
	CHECK(has("could not reach"));
}

static void
refuses_a_socket_out_of_reach(void)
{
	struct maincf m = {.sockets = {below, 1}, .is_chrooted = true};

	CHECK(!prints(&m));
	CHECK_STR(str_from(err.text),
	    STR("unix:/run/outpost.sock: smtpd runs chrooted in "
		"/var/spool/postfix and can't reach it; listen on "
		"\"unix:/var/spool/postfix/outpost/policy\" (or on "
		"inet:127.0.0.1:PORT)"));
	m.sockets.n = 0;
	CHECK(!prints(&m));
}

static void
keeps_what_stands_there(void)
{
	struct maincf m = {.sockets = {tcp, 2},
	    .login_table = "/var/lib/outpost/suspended.cdb",
	    .recipient_restrictions = "permit_mynetworks, reject",
	    .data_restrictions = "",
	    .end_of_data_restrictions = "$outpost_policy, permit"};

	CHECK(prints(&m));
	CHECK(has("\noutpost_suspended = check_sasl_access "
		  "cdb:/var/lib/outpost/suspended\n"));
	CHECK(has("\nsmtpd_recipient_restrictions = $outpost_suspended, "
		  "$outpost_policy,\n    permit_mynetworks, reject\n"));
	CHECK(has("\nsmtpd_data_restrictions = $outpost_policy\n"));
	CHECK(has("\nsmtpd_end_of_data_restrictions = "
		  "$outpost_policy, permit\n"));
	CHECK(!has("header_checks = "));
	CHECK(!has("authorized_submit_users"));
	m.recipient_restrictions = NULL;
	CHECK(prints(&m));
	CHECK(has("\nsmtpd_recipient_restrictions = $outpost_suspended, "
		  "$outpost_policy\n"));
}

static void
prints_the_rest(void)
{
	struct maincf m = {.sockets = {tcp, 2},
	    .has_reference = true,
	    .user_table = "/t/users.cdb",
	    .header_checks = "regexp:/etc/postfix/h"};

	CHECK(prints(&m));
	CHECK(has("\nheader_checks = regexp:{ { /^X-Outpost-Ref:/ INFO } },\n"
		  "    regexp:/etc/postfix/h\n"));
	CHECK(has("\n#   header_checks=regexp:{ { /^Subject:/ INFO } }\n"));
	CHECK(has("\nauthorized_submit_users = !cdb:/t/users,\n"
		  "    static:anyone\n"));
	CHECK(!has("outpost_suspended"));
	m.user_table = NULL;
	m.header_checks = "regexp:{ { /^Subject:/ INFO } }";
	m.user_why = "/t";
	CHECK(prints(&m));
	CHECK(!has("authorized_submit_users"));
	CHECK(has("\n# /t (chmod o+x, then ask again).\n"));
	CHECK(!has("#   header_checks="));
}

static void
names_the_tables_of_clients(void)
{
	struct maincf m = {.sockets = {tcp, 2},
	    .login_table = "/t/logins.cdb",
	    .client_table = "/t/clients.cdb",
	    .blocked_table = "/t/blocked.cdb"};

	CHECK(prints(&m));
	CHECK(has("\noutpost_suspended = check_sasl_access cdb:/t/logins,\n"
		  "    check_client_access cdb:/t/clients\n"));
	CHECK(has("\noutpost_blocked = check_client_access cdb:/t/blocked\n"));
	CHECK(has("\n#   -o smtpd_delay_reject=no\n"
		  "#   -o smtpd_client_restrictions=$outpost_blocked\n"));
}

static void
pauses_providers(void)
{
	struct maincf m = {.sockets = {tcp, 2},
	    .provider_table = "/t/providers.cdb",
	    .slow_transport = "outpost-slow:[relay.example]",
	    .transport_maps = "hash:/etc/postfix/transport"};

	CHECK(prints(&m));
	CHECK(has("\ntransport_maps = cdb:/t/providers,\n"
		  "    hash:/etc/postfix/transport\n"));
	CHECK(has("\ndefer_transports = outpost-paused\n"));
	CHECK(has("\noutpost-slow_transport_rate_delay = 10s\n"));
	CHECK(has("\n#   outpost-slow unix - - n - 1 smtp\n"));
	m.transport_maps = "cdb:/t/providers, hash:/x";
	m.defer_transports = "uucp, outpost-paused";
	CHECK(prints(&m));
	CHECK(has("\ntransport_maps = cdb:/t/providers, hash:/x\n"));
	CHECK(has("\ndefer_transports = uucp, outpost-paused\n"));
	m.provider_table = NULL;
	CHECK(prints(&m));
	CHECK(!has("transport_maps"));
	CHECK(!has("outpost-slow"));
}

static void
pools(void)
{
	struct maincf m = {.sockets = {below, 2},
	    .mover_table = "/t/movers.cdb",
	    .sender_table = "/t/senders.cdb",
	    .place_table = "/t/places.cdb",
	    .services = "#   out1 unix - - n - - smtp\n"};

	CHECK(prints(&m));
	CHECK(has("\nsender_dependent_default_transport_maps = "
		  "pipemap:{cdb:/t/movers,cdb:/t/places},\n"
		  "    pipemap:{cdb:/t/senders,cdb:/t/places}\n"));
	CHECK(has("\n#   out1 unix - - n - - smtp\n"));
	m.sender_maps = "hash:/x";
	CHECK(prints(&m));
	CHECK(has("cdb:/t/places},\n    hash:/x\n"));
	m.services = NULL;
	CHECK(prints(&m));
	CHECK(!has("sender_dependent"));
}

TESTS(TEST(names_a_socket_below_the_queue), TEST(names_another_socket),
    TEST(refuses_a_socket_out_of_reach), TEST(keeps_what_stands_there),
    TEST(prints_the_rest), TEST(names_the_tables_of_clients),
    TEST(pauses_providers), TEST(pools))
