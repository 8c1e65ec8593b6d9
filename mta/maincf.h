/* maincf - the lines that put Outpost beside a Postfix (`outpost postfix`)
 *
 * Pure: the command asks postconf(1) for what stands there now and makes the
 * tables (postfix_table_make) before these lines name them.
 */
#ifndef MTA_MAINCF_H
#define MTA_MAINCF_H

#include "base/error.h"
#include "base/setting.h"

struct maincf {
	struct setting_list sockets; /* of the policy service, sock.h's forms */
	/* Paths with .cdb; NULL: not used. */
	const char *login_table;   /* suspended logins (check_sasl_access) */
	const char *client_table;  /* suspended clients (check_client_access) */
	const char *blocked_table; /* who may not log in; with client_table */
	const char *user_table;	   /* suspended local users: readable by all */
	/* Domains of providers that are paused or slowed (transport_maps); with
	 * it, what slow_transport names. */
	const char *provider_table, *slow_transport;
	/* What names the address that a sender's mail leaves from: three
	 * tables, the first names movers; and the services of master.cf that
	 * send from them. NULL: there are no pools. */
	const char *mover_table, *sender_table, *place_table, *services;
	const char *user_why; /* without user_table: a directory in its way */
	bool has_reference;   /* hosts exchange mail: log the reference */

	/* What postconf -h says, unexpanded; NULL: Postfix's default. */
	const char *queue_directory;
	const char *recipient_restrictions;
	const char *data_restrictions;
	const char *end_of_data_restrictions;
	const char *header_checks;
	const char *submit_users; /* authorized_submit_users */
	const char *transport_maps, *defer_transports;
	const char *sender_maps; /* sender_dependent_default_transport_maps */
	bool is_chrooted;	 /* some smtpd of master.cf is (postconf -F) */
};

/* The transport to which paused deliveries are sent. What was tried on Postfix
 * 3.7.11:
 *
 *   - retry: and error: in transport_maps refuse the recipient at RCPT already
 *     (450, 550); the name of any other transport doesn't.
 *   - a transport in defer_transports is deferred by qmgr without an attempt
 *     ("deferred transport"), but `postqueue -f` tries it. One that isn't in
 *     master.cf is deferred then, too ("mail transport unavailable").
 *   - trivial-rewrite sees within ten seconds that a table changed; what is in
 *     the active queue was resolved before and is still delivered.
 *   - a transport without a next hop resets it to the recipient's domain: no
 *     relayhost, nor what another table says.
 */
#define MAINCF_PAUSED "outpost-paused"

/* Where mail leaves from, by its envelope sender: sender -> place in a pool ->
 * transport, by pipemap (Postfix 3.0), so that when an address is given up only
 * the small second table changes. What was tried on Postfix 3.7.11:
 *
 *   - the maps are asked with the sender, then with "@domain"; the null sender
 *     is "<>". What is in none goes by default_transport.
 *   - trivial-rewrite sees within ten seconds that one of the tables inside
 *     changed, and begins anew with them: it looks every ten seconds, whoever
 *     asks (CHECK_TABLE_STATS_BEFORE_ACCEPT isn't compiled in). max_use ends
 *     it when nobody is connected any more, ipc_ttl lets a client go after a
 *     second, and only qmgr's answers decide how mail leaves: with a service
 *     of its own, which has max_use=1, qmgr asks the tables of a second ago.
 *   - qmgr remembers the last answer for 30 seconds, for the same sender and
 *     recipient one after the other.
 *   - a transport without a next hop keeps the relayhost here.
 */

/* Print the lines, with comments. -1 when no socket can be reached by this
 * Postfix: the error says what to change. Lines that are in place already are
 * printed as they are. */
int maincf_print(const struct maincf *m, struct text *out, struct error *err);

/* The lines for an outbound host behind submission hosts: it asks nobody, and
 * logs the reference. Of m only header_checks is used. */
void maincf_print_outbound(const struct maincf *m, struct text *out);

#endif
