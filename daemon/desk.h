/* desk - what the outpost command asks, answered from memory
 *
 * Looks are read-only; a change becomes an event with the user's name and a
 * reason, and takes effect by being emitted like every other event.
 */
#ifndef DAEMON_DESK_H
#define DAEMON_DESK_H

#include "daemon/busiest.h"
#include "daemon/control.h"
#include "daemon/history.h"
#include "daemon/holder.h"
#include "daemon/pipeline.h"
#include "fbl/kept.h"
#include "fbl/shares.h"
#include "reputation/receivers.h"
#include "reputation/series.h"
#include "reputation/unmatched.h"

struct desk_gather;
struct samples;

struct desk {
	struct pipeline *pipeline;
	struct history *history;
	struct busiest *busiest;
	struct samples *samples;
	/* Gives the event its identity and lets it take effect. */
	void (*emit)(void *ctx, struct event *e);
	/* The daemon's own state, as pairs (status). */
	void (*status)(void *ctx, struct json_out *j);
	/* The same about the books. */
	void (*books)(void *ctx, struct json_out *j);
	/* What such an order would mean for held mail. */
	void (*foresee)(
	    void *ctx, const struct holder_order *o, struct holder_sum *sum);
	void (*reload)(void *ctx, const struct control_request *q,
	    struct control_reply *r);
	int64_t (*now)(void *ctx);
	void *ctx;
	bool is_partial; /* the other nodes' counts could not be read */
	const struct receivers *receivers;
	const struct series *series;
	struct unmatched *unmatched; /* reputation/unmatched.h */
	/* Is this a node's name? Appends all names. */
	bool (*knows_node)(void *ctx, struct str label, struct text *all);
	/* How far our clock is ahead of the other nodes', seconds. */
	int64_t (*ahead)(void *ctx);
	struct kept *complaints; /* records of fbl/noted.h */
	struct kept *suppressed; /* fbl/suppressed.h */
	/* desk_gather.h: what was gathered for the question that is answered
	 * now, and what it wants yet. */
	struct desk_gather *gathered, *wanted;
	int64_t born;	       /* tells this start of outpostd from others */
	struct shares *shares; /* fbl/shares.h */
	/* `letter`: what an owner is written to. */
	void (*letter)(void *ctx, const struct control_request *q,
	    struct control_reply *r);
	struct kept *aggregates; /* fbl/aggregate.h */
	void (*webhooks)(void *ctx, const struct control_request *q,
	    struct control_reply *r);
	struct app *app; /* for cases: daemon/app_cases.h */
	void (*hooks)(void *ctx, const struct control_request *q,
	    struct control_reply *r);
};

/* When d->wanted isn't NULL afterwards nothing was done, and the question is to
 * be asked again with that gathered. */
void desk_answer(
    struct desk *d, const struct control_request *q, struct control_reply *r);

/* The subject that a question is about, whose counts it shows: they may be
 * read first. false: of none. */
struct desk_subject;
bool desk_asks_about(
    struct desk *d, const struct control_request *q, struct desk_subject *out);

/* desk_subject.c: the subject that an argument names. */
struct desk_subject {
	enum subject_kind kind;
	char key[2 * ACCOUNT_TEXT]; /* normalised */
	struct subject *subject;    /* NULL: the ledger knows nothing of it */
};
/* false: it can't be a subject; the reply says why. */
bool desk_subject_parse(struct desk *d, struct str text,
    struct desk_subject *out, struct control_reply *r);
/* The same; and something is known of it: else "did you mean". */
bool desk_subject_find(struct desk *d, struct str text,
    struct desk_subject *out, struct control_reply *r);
/* "alice@example.com", "domain:example.com". */
void desk_subject_print(
    enum subject_kind kind, struct str key, struct text *out);

typedef void desk_fn(
    struct desk *d, const struct control_request *q, struct control_reply *r);
/* " (observed)", " (on trial)"; empty: it has effect. */
const char *desk_event_note(const struct event *e);
/* desk_list.c */
desk_fn desk_status, desk_books, desk_list, desk_events;
/* desk_many.c: `list` of those that --client, --rule and --domain name. */
bool desk_selects(const struct control_request *q);
desk_fn desk_select;
/* One order to each argument; a line of JSON each (subject, exit, out, err): of
 * fewer than were given when something is to be gathered for the next one.
 * The option "batch" is "do", or "look": only what it is now (standing). */
void desk_batch(struct desk *d, const struct control_request *q, desk_fn *each,
    struct control_reply *r);
/* desk_export.c */
desk_fn desk_export;
/* desk_case.c: `export CASE`: the event and what was before and after it. */
desk_fn desk_case;
/* desk_top.c */
desk_fn desk_top;
/* desk_show.c */
desk_fn desk_show, desk_explain;
/* desk_person.c: members of the object that `show --json` answers. */
void desk_person_json(
    struct desk *d, const struct desk_subject *s, struct json_out *j);
/* desk_brake.c */
desk_fn desk_brake;
/* desk_trial.c */
desk_fn desk_trial;
typedef void desk_trial_fn(
    void *ctx, const struct trial_rule *rule, uint64_t found);
/* To gather how many subjects each rule on trial would have stopped so far, and
 * to tell it; of NULL: nothing. */
struct desk_gather *desk_trial_new(struct desk *d);
void desk_trial_each(struct desk *d, const struct desk_gather *gather,
    desk_trial_fn *each, void *ctx);
/* The worst that rules on trial would have done to it. */
struct desk_tried {
	enum standing rung;
	const char *rule, *reason; /* until the next fold */
	int64_t at, until;	   /* of the trial */
};
bool desk_find_tried(struct desk *d, enum subject_kind kind, struct str key,
    struct desk_tried *out);
/* The same as the member "tried", if there is any; and as a line. */
void desk_json_tried(
    struct desk *d, enum subject_kind kind, struct str key, struct json_out *j);
void desk_print_tried(
    struct desk *d, enum subject_kind kind, struct str key, struct text *out);
/* desk_change.c */
desk_fn desk_suspend, desk_lift, desk_exempt, desk_limit, desk_mode,
    desk_letter, desk_reload;

desk_fn desk_webhooks;
desk_fn desk_hooks;

/* desk_queue.c */
desk_fn desk_queue;
/* desk_cases.c, desk_case_do.c: `cases`, `case` */
desk_fn desk_cases, desk_case_do;
/* desk_forget.c */
desk_fn desk_forget;
/* desk_report.c */
desk_fn desk_report;
/* desk_complaints.c, desk_complaints_by.c */
desk_fn desk_complaints;
/* desk_aggregates.c */
desk_fn desk_aggregates;
/* desk_suppressed.c */
desk_fn desk_suppressed, desk_export_suppressed;
/* desk_ips.c: `ips`. */
desk_fn desk_ips;
/* desk_provider.c: deliveries to a provider. */
/* desk_ip.c */
desk_fn desk_ip;
desk_fn desk_providers, desk_pause, desk_slow, desk_relay, desk_resume;
/* "paused", "slowed", "relayed" */
const char *desk_provider_text(const struct standing_state *s);
/* desk_incident.c */
desk_fn desk_incidents, desk_incident;
/* Slowed from now on for so many seconds. */
void desk_slow_for(struct desk *d, const struct control_request *q,
    int64_t seconds, struct control_reply *r);
/* desk_providers.c: the line of JSON of one. */
desk_fn desk_provider_json;
/* desk_provider_do.c: `provider NAME ...` */
desk_fn desk_provider;
/* desk_series.c: `providers NAME`. */
desk_fn desk_provider_show;
/* "google", "provider:google"; one that providers.conf has; else the reply says
 * which there are. */
bool desk_provider_find(
    struct desk *d, struct str arg, struct str *name, struct control_reply *r);
/* "blocked 12, unknown_user 3". */
void desk_series_classes(const struct series_sum *sum, struct text *out);
/* A small chart, and what its highest bar is. */
void desk_bars(const uint64_t *v, size_t n, struct text *out);
/* How long an order lasts that must have an end: --for, or pause_for, at most
 * pause_max. false: the reply says why. */
bool desk_take_end(struct desk *d, const struct control_request *q,
    int64_t *until, struct control_reply *r);
/* A time to come: "22:40", "2026-11-21 22:40", RFC 3339. */
bool desk_take_until(
    struct desk *d, struct str text, int64_t *at, struct control_reply *r);
/* What a standing is called for a subject of this kind. */
const char *desk_standing_text(enum subject_kind kind, enum standing rung);

/* desk_domains.c: by pages. */
desk_fn desk_domains, desk_domain;
/* The member "domain": the health of an account's domain, if it is known. */
void desk_domain_json(struct desk *d, struct str account, struct json_out *j);
/* desk_domain_set.c: `domain set|undo NAME`, which outpost domain fix says when
 * it has changed the zone; the option "done" tells what. */
desk_fn desk_domain_set;
/* Of those links to its page that were given out before; false: the reply says
 * why not. */
bool desk_domain_revoke(struct desk *d, const struct control_request *q,
    const char *domain, struct control_reply *r);
/* desk_dmarc.c: after app_dmarc_prepare. */
desk_fn desk_dmarc;

/* desk_undo.c */
desk_fn desk_undo;

/* desk_limits.c: the limits of a subject as rows. */
void desk_print_limits(struct desk *d, const struct desk_subject *s,
    const struct control_request *q, struct control_reply *r);

#endif
