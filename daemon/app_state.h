/* app_state - what the files of app share */
#ifndef DAEMON_APP_STATE_H
#define DAEMON_APP_STATE_H

#include "base/crypto.h"
#include "base/loop.h"
#include "daemon/app.h"
#include "daemon/app_board.h"
#include "daemon/app_cases.h"
#include "daemon/app_clients.h"
#include "daemon/app_dns.h"
#include "daemon/app_selfmail.h"
#include "daemon/app_domains.h"
#include "daemon/app_dnsbl.h"
#include "daemon/app_fbl.h"
#include "daemon/app_forget.h"
#include "daemon/app_geo.h"
#include "daemon/app_hooks.h"
#include "daemon/app_incidents.h"
#include "daemon/app_letters.h"
#include "daemon/app_lookup.h"
#include "daemon/app_msgids.h"
#include "daemon/app_page.h"
#include "daemon/app_parked.h"
#include "daemon/app_plans.h"
#include "daemon/app_pools.h"
#include "daemon/app_queue.h"
#include "daemon/app_refs.h"
#include "daemon/app_services.h"
#include "daemon/app_web.h"
#include "daemon/app_wrong_sender.h"
#include "daemon/control_server.h"
#include "daemon/desk.h"
#include "follow/follow.h"
#include "daemon/history.h"
#include "daemon/notifiers.h"
#include "daemon/pipeline.h"
#include "daemon/policy_server.h"
#include "daemon/policy_standin.h"
#include "daemon/samples.h"
#include "ledger/books.h"
#include "mta/ref.h"
#include "reputation/series.h"

enum { APP_LISTENERS = 32, APP_ASKERS = 16 };

struct app {
	struct loop *loop;
	char *config_path; /* NULL: the default one, if it exists */
	struct settings *settings;
	struct settings *retired; /* the generation before: its texts may be in
				     use until the next turn */
	struct crypto_key secret;
	struct ref_keys refs;
	struct app_refs *hashed;
	struct app_msgids *msgids;
	struct history *history;
	struct pipeline *pipeline;
	struct follow *follow;
	struct app_learn *learn; /* NULL: outpostd runs */
	struct app_sources *sources;
	struct books *books;
	struct app_board *board;
	struct app_queue *queue;
	struct app_expected *expected; /* app_expect.c */
	size_t n_expected;
	struct app_fbl *fbl;
	struct app_letters *letters;
	struct app_forget *forget;
	struct app_dmarc *dmarc;
	struct app_cases *cases; /* NULL before the books are open */
	struct app_check *case_check;
	struct app_geo *geo;
	struct app_dns *dns;
	struct app_clients *clients;
	struct app_dnsbl *dnsbl;
	struct receivers *receivers;
	struct series *series;
	struct app_incidents *incidents;
	struct app_parked *parked;
	struct unmatched *unmatched; /* app_replies.c */
	struct kept unmatched_kept;
	struct kept deliveries; /* that failed: notifiers_book.c */
	struct app_plans *plans;
	struct app_pools *pools;
	struct app_services *services;
	struct lookup_server *lookup; /* NULL: nobody asks so */
	struct app_domains *domains;
	struct app_selfmail *selfmail;
	struct app_wrong_sender *wrong_sender;
	struct kept hooked;	      /* programs to be run: app_hooks.c */
	struct app_hooks *hooks;      /* NULL before Redis' connections are */
	int listeners[APP_LISTENERS]; /* of policy; the server's once it runs */
	size_t n_listeners;
	struct policy_standin *standin;
	struct policy_server *policy;
	uid_t askers[APP_ASKERS]; /* users who may ask */
	size_t n_askers;
	bool is_heard_all; /* all users may */
	bool is_lookup_refusal_told;
	bool is_refusal_told;	     /* logged once */
	struct app_waiting *waiting; /* policy requests, for the board */
	size_t n_waiting;
	struct control_server *control;
	struct app_web *web;
	struct app_api *api; /* NULL: no port for it */
	struct app_page *page;
	struct desk desk;
	struct busiest *busiest;
	struct samples *samples;
	struct app_gather *gathers;    /* app_gather.c: under way */
	struct app_tallying *tallying; /* NULL: nobody asked yet */
	struct app_reload *reload;     /* NULL: none yet */
	struct app_brake *brake;       /* NULL before the first tick */
	struct loop_timer *commit, *fold, *tick, *chores, *ends, *sweep,
	    *watchdog;
	/* app_tick.c: which of them is next, and how often it was called */
	size_t chore, chore_times;
	struct loop_signal *hup, *term, *interrupt;
	int64_t started_us;
	bool is_swept;		   /* all accounts competed for the busiest */
	char report_day[16];	   /* app_desk_report.c: it was looked at */
	char digest_day[16];	   /* the day before it was looked at */
	struct app_undo *undo;	   /* NULL: nothing was undone */
	struct app_digest *digest; /* NULL: none is being written */
	int64_t undo_at;       /* when undone sanctions are told; 0: none are */
	struct tables *tables; /* being gathered; or NULL */
	struct loop_timer *gather; /* NULL: never needed */
	int64_t tables_us;	   /* when the tables were last written */
	bool tables_stale;	   /* they don't say what holds */
	bool is_writing_tables, is_leaving_loop;
	bool is_tables_failing; /* logged once */
	int64_t logs_failing;	/* sources that can't be read */
	bool is_books_failing;
	bool is_standin_gone; /* logged once */
	bool is_leaving;
	char bookless[512]; /* why there are no books: what was logged */
	unsigned bookless_tries;
	int64_t longest_turn_us;
	int64_t books_born, committed_us; /* wall clock */
	int64_t commit_us; /* monotonic: when the last commit was handed on */
};

/* app.c, in parts for app_learn.c: what the rooms need, and the rooms that the
 * books fill. */
void app_rooms_prepare(struct app *a);
int app_rooms_open(struct app *a, struct error *err);
/* app_pipeline.c: a way from lines to verdicts, of these rooms. */
struct pipeline *app_pipeline_new(struct app *a, struct error *err);

/* app_gather.c: control_options.prepare, for the HTTP API, too. */
bool app_ask_prepare(struct app *a, const struct control_request *q,
    loop_fn *done, void *done_ctx);

/* app_books.c */
/* *is_taken: they failed because another process has them. */
int app_books_open(struct app *a, bool *is_taken, struct error *err);
/* The clockwork of commits and folds. */
void app_books_start(struct app *a);
/* Calls done once, later: when what was decided so far outlives a crash, or
 * waiting for that would be in vain, since the disk fails. */
void app_books_settle(struct app *a, loop_fn *done, void *done_ctx);

/* app_bookless.c: waits until it is worth to try again; false: told to end. */
bool app_bookless_wait(struct app *a, struct error *err);

/* app_events.c */
/* An event takes effect: folded, remembered, told to the other nodes. */
void app_emit(struct app *a, struct event *e);
/* Another node's. */
void app_receive(struct app *a, const struct event *e);
/* What ended by itself: of a few subjects; false: of none. */
bool app_events_expire(struct app *a);
/* Once a second: tables that are stale. */
void app_events_tick(struct app *a);
void app_write_tables(struct app *a);
/* Here and now, on the way in and out. */
void app_write_tables_now(struct app *a);
void app_events_stop(struct app *a);

/* An event that a person must look at; cause: NULL, or what other nodes name
 * alike, so that it is told once. */
void app_alarm_about(struct app *a, const char *kind, const char *subject,
    const char *rule, const char *reason, const char *cause);

/* app_replies.c: for pipeline_hooks.on_delivery. */
void app_replies_said(void *ctx, const struct pipeline_delivery *d);
/* The books were read. */
void app_replies_restore(struct app *a);
/* app_receivers.c: a filter's port, an outbound host: no MX. */
bool app_is_ours(const struct mta_settings *s, struct str address);
/* For pipeline_hooks.on_tried. */
void app_receivers_tried(
    void *ctx, struct str recipient, struct str relay, struct str address);

/* app_admission.c: a policy_wait_fn; then what policy admitted here, and is
 * about to, of a subject; and that it did. */
bool app_admission_wait(
    void *ctx, const struct policy_request *q, loop_fn *done, void *done_ctx);
void app_admission_count(struct app *a, enum subject_kind kind, struct str key,
    int64_t *recipients, int64_t *messages);
void app_admission_admitted(
    void *ctx, const struct admission_subject *v, size_t n, int64_t recipients);

/* app_brake.c */
/* A verdict takes effect; the first one that has to wait is told. */
void app_brake_emit(struct app *a, struct event *e);
/* Once a second: what a decision means for each who waits; how many accounts
 * are active. */
void app_brake_tick(struct app *a);
/* An operator decided. */
void app_brake_decided(struct app *a);
void app_brake_free(struct app *a);
void app_brake_status(struct app *a, struct json_out *j);
void app_brake_gauges(struct app *a);
/* A notifiers_when_fn: letters of what was lifted, or must wait. */
int app_brake_letter(void *ctx, const struct event *e);

/* app_trial.c */
/* At the start, after the generation that holds is known. */
void app_trial_restore(struct app *a);
/* A new configuration holds. */
void app_trial_begin(struct app *a);
/* What ended holds as written: once a second, and when an operator decided. */
void app_trial_settle(struct app *a);
void app_trial_status(struct app *a, struct json_out *j);
void app_trial_gauges(struct app *a);

/* app_undo.c */
/* An event was folded that was news. */
void app_undo_effect(struct app *a, const struct event *e);
/* Once a second. */
void app_undo_tick(struct app *a);
void app_undo_stop(struct app *a);

/* app_lift.c: the same, about held mail. */
void app_lift_effect(struct app *a, const struct event *e);

/* app_digest.c: once a second. */
void app_digest_tick(struct app *a);
/* app_desk_report.c: the same */
void app_desk_report_tick(struct app *a);
void app_digest_stop(struct app *a);

/* app_nodes.c */
void app_nodes_status(struct app *a, struct json_out *j);
/* How far this host's clock is ahead of the other nodes', seconds. */
int64_t app_clock_ahead(void *app);

/* app_policy.c */
/* The sockets, and the stand-in that serves them until we do. */
int app_policy_open(struct app *a, struct error *err);
void app_policy_start(struct app *a);
void app_policy_reload(struct app *a);
/* Once a second: is the stand-in still there? */
void app_policy_tick(struct app *a);
void app_policy_stop(struct app *a);

/* app_sources.c */
void app_sources_new(struct app *a);
void app_sources_free(struct app *a);
/* Before the books are opened. */
void app_sources_trust(struct app *a);
/* Follows the logs, as soon as what was decided meanwhile is known; or after
 * three seconds. */
void app_sources_start(struct app *a);
/* An order before that would be one about standings that are not known yet:
 * true, done(ctx) comes when it may be obeyed. */
bool app_sources_prepare(struct app *a, loop_fn *done, void *ctx);
void app_sources_line(struct app *a, size_t source, struct str line);
/* Lost lines are told: now and then, however many there are. */
void app_sources_fact(struct app *a, const struct fact *f);
void app_sources_gap(struct app *a, size_t source, const char *why);
void app_sources_status(struct app *a, struct json_out *j);
void app_sources_positions(struct app *a, struct json_out *j);
void app_sources_gauges(struct app *a);
/* An event that something is wrong, for who listens to the stream. The caller
 * sees to it that it is rare. */
void app_alarm(
    struct app *a, const char *rule, const char *subject, const char *reason);

/* app_tick.c */
void app_tick_start(struct app *a);
void app_tick_stop(struct app *a);

/* app_tally.c */
struct app_tally {
	uint64_t by_rung[STANDINGS], observed, exempt, braked, n_paused;
	char paused[4096]; /* "google (paused), ..."; nodes, too */
};
/* Counts; done is called from the loop, and then app_tally_get says how it is.
 */
void app_tally_ask(struct app *a, loop_fn *done, void *ctx);
const struct app_tally *app_tally_get(struct app *a);
/* For desk_trial_each; NULL: none yet. */
const struct desk_gather *app_tally_tried(struct app *a);
void app_tally_free(struct app *a); /* who asked hears nothing */

/* app_gather.c: control_options.gather, for what the desk wants. */
bool app_gather(void *app, loop_fn *done, void *done_ctx);
void app_gather_free(struct app *a); /* who asked hears nothing */

/* app_webhooks.c: `outpost webhooks`; before it is answered, a test is sent. */
bool app_webhooks_prepare(struct app *a, const struct control_request *q,
    loop_fn *done, void *done_ctx);
void app_webhooks(
    void *app, const struct control_request *q, struct control_reply *r);

/* app_status.c */
void app_status(struct app *a, struct json_out *j);
void app_books_show(struct app *a, struct json_out *j);
void app_gauges(struct app *a);
/* How long the loop's turns take. */
void app_measure(struct app *a);
/* The node's name for people. */
void app_label(struct app *a, struct text *out);
/* Is this the name of a node, this one or one that is heard of? The names of
 * all are appended. */
bool app_knows_node(void *app, struct str label, struct text *all);

/* app_reload.c */
/* A signal: reads the configuration again, judges whom it would newly stop,
 * and takes it or says why not. */
void app_reload_hup(void *app);
/* The same for the command: true: done is called when it is known, once. */
bool app_reload_prepare(struct app *a, const struct control_request *q,
    loop_fn *done, void *done_ctx);
void app_reload_answer(
    struct app *a, const struct control_request *q, struct control_reply *r);
void app_reload_free(struct app *a);
/* At the start: a file that changed meanwhile is judged as any other. */
void app_reload_lend(struct app *a);
void app_reload_start(struct app *a);

#endif
