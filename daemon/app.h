/* app - outpostd: joins the rooms, and nothing else
 *
 *   app.c         start, stop, the clockwork
 *   app_reload.c  a new configuration, judged before it holds
 *   app_books.c   the books: opened, committed, folded
 *   app_bookless.c  what happens when they can't be opened
 *   app_policy.c  the policy sockets and their stand-in
 *   app_events.c  how an event takes effect, and how standings end
 *   app_brake.c   what waits because of a brake, and for whom it is decided
 *   app_trial.c   rules on trial: begun by a reload, ended by time or a person
 *   app_cases.c   cases of those who are stopped: opened, followed, ended
 *   app_cases_evidence.c  what a case copies
 *   app_cases_complaints.c  a case of complaints ends by itself
 *   app_cases_check.c  a case against the chain of hashes
 *   app_forget.c  an account is forgotten, app_forget_redis.c in Redis, too
 *   app_clients.c  clients that log in, on lists of infected ones
 *   app_dns.c     the DNS as all ask it
 *   app_dnsbl.c   our own addresses and domains on lists of bad senders
 *   app_geo.c     countries of addresses
 *   app_undo.c    what follows when a rule's doings are undone
 *   app_desk_report.c  the daily letter about cases
 *   app_digest.c  the daily letter of observing
 *   app_letters.c  letters: the directory of owners, the mailer, the texts
 *   app_nodes.c   what status says of the other nodes
 *   app_board.c   Redis: the managed server, board, stream, notifiers
 *   app_fbl.c     reports: whose message it was, and what counts
 *   app_imap.c    mailboxes that are asked for reports
 *   app_xarf.c    reports by POST, at the port for programs
 *   app_forward.c what is no report, for a person who reads mail elsewhere
 *   app_api.c     the HTTP API: the desk's answers, for programs
 *   app_auth_policy.c  Dovecot asks who may log in, and tells who did
 *   app_hooks.c   programs that are run when an account is stopped or goes on
 *   app_hooks_result.c  what became of them
 *   app_hooks_turn.c  whose turn it is, of those that run once for all nodes
 *   app_incidents.c  providers that refuse or slow us: noticed, told, ended
 *   app_plans.c   what the directory says of owners, for the judge
 *   app_domains.c the health of the domains in whose name mail leaves
 *   app_pools.c   own IPs: which are used, and for whom
 *   app_pools_lanes.c  what each provider may be sent from them
 *   app_lookup.c  the tables of pools, asked by socketmap
 *   app_senders.c  the table of all senders
 *   app_services.c  which services Postfix has
 *   app_put_back.c what Redis is told again
 *   app_stops.c   whose mail is to be held
 *   app_sources.c the logs: whom to believe, what they lost
 *   app_pipeline.c  from a line to a verdict, and who hears of it
 *   app_learn.c   old logs into the books, without outpostd
 *   app_tally.c   how many stand where
 *   app_web.c     the HTTP ports
 *   app_page.c    the owners' pages, app_page_form.c what they answer
 *   app_status.c  what `outpost status` and /metrics say
 */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "base/error.h"

struct app;

/* Everything up and listening; NULL with an error that names what failed, or
 * with an empty one when it was told to end. While the books can't be used it
 * waits, and lets mail flow. */
struct app *app_start(const char *config_path, struct error *err);
/* Until SIGTERM or SIGINT. */
void app_run(struct app *a);
/* Commit, post what can be posted, close. */
void app_stop(struct app **a);

#endif
