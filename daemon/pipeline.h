/* pipeline - the way from a log line to a verdict
 *
 * The daemon, `outpost replay` and the tests go this same way: line, parsed
 * line, chains, facts, ledger, judge, standings, event. No I/O, no clock: a
 * verdict's time is that of the latest fact, and the wall clock, which only
 * tells what would be over already, is passed in.
 */
#ifndef DAEMON_PIPELINE_H
#define DAEMON_PIPELINE_H

#include "config/settings.h"
#include "ledger/event.h"
#include "ledger/ledger.h"
#include "limits/admission.h"
#include "limits/sanction.h"
#include "limits/standings.h"
#include "limits/trial.h"
#include "mta/auth_policy.h"
#include "mta/chain.h"
#include "mta/policy.h"
#include "mta/ref.h"

struct pipeline;

/* Views live as long as the line. */
struct pipeline_delivery {
	const struct logline *log;
	const struct postfix_line *line;
	const struct reply *reply; /* NULL: it was taken */
	/* It wasn't tried: Postfix tells what the host said to the one before,
	 * and which address that came from isn't known. */
	bool is_suspended;
	/* Nor was this: the recipient's transport is none, since his provider
	 * is paused. Nobody said anything, reply is NULL. */
	bool is_parked;
	struct str host, address; /* who takes, or would */
	int64_t at;		  /* seconds */
	struct str account;	  /* empty: not known, yet */
	struct str sender;	  /* the envelope's */
	struct str instance;	  /* whose queue it is in; empty: as account */
};

struct pipeline_hooks {
	/* Every fact, after it was counted. May be NULL. */
	void (*on_fact)(void *ctx, const struct fact *f);
	/* A verdict that changes a standing (SANCTION), or a WARNING. The hook
	 * passes it to pipeline_fold, and on. */
	void (*on_verdict)(
	    void *ctx, const struct event *e, const struct verdict *v);
	/* The wall clock in microseconds; NULL: the facts' time (replay). */
	int64_t (*now_us)(void *ctx);
	void *ctx;
	/* A line of a program that is none of those read. May be NULL. */
	void (*on_foreign)(void *ctx, const struct logline *l);
	/* A line of Postfix's that is about itself. May be NULL. */
	void (*on_postfix)(void *ctx, const struct logline *l);
	/* A message's Message-ID and account. May be NULL. */
	chain_message_fn *on_message;
	/* A recipient was counted for this account. May be NULL. */
	void (*on_sent)(void *ctx, struct subject *account);
	/* Should a verdict wait until more is known of the subject? Then
	 * pipeline_judge is called later. May be NULL. */
	bool (*on_doubt)(void *ctx, struct subject *s);
	/* A reference was written that has only the account's hash; May
	 * be NULL. */
	void (*on_hashed)(void *ctx, struct str account);
	/* A recipient was tried at this host, whatever it said. May be NULL. */
	void (*on_tried)(void *ctx, struct str recipient, struct str relay,
	    struct str address);
	/* A host took a recipient, or refused or put it off, before the line
	 * is counted. May be NULL. */
	void (*on_delivery)(void *ctx, const struct pipeline_delivery *d);
	/* Does the domain of this envelope sender say, by SPF, that none of our
	 * addresses may send for it? May be NULL. */
	bool (*is_unauthorised)(void *ctx, struct str sender);
	/* Is this envelope sender another account's? May be NULL. */
	bool (*is_foreign_sender)(
	    void *ctx, struct str account, struct str sender);
	/* Is it known that this client stands on a list (client_dnsbls)? May
	 * be NULL. */
	bool (*is_listed)(void *ctx, const struct ip *client);
	/* Policy admitted recipients of these, of which the log knows nothing
	 * yet. May be NULL. */
	void (*on_admitted)(void *ctx, const struct admission_subject *v,
	    size_t n, int64_t recipients);
	/* Can new messages of accounts that are held wait on hold? May be NULL:
	 * no. */
	bool (*can_hold)(void *ctx);
	/* Will this queue id be let go again, once it is on hold? Asked at
	 * END-OF-MESSAGE, after can_hold. */
	bool (*may_hold)(void *ctx, struct str queue_id);
	/* The country of an address, as ledger_country_fn. May be NULL. */
	uint16_t (*country)(void *ctx, const struct ip *ip);
	/* What is known of an account's owner, without asking; out is empty.
	 * The view lives until the loop's next turn. May be NULL. */
	void (*owner)(void *ctx, struct str account, struct judge_owner *out);
};

struct pipeline_options {
	const struct settings *settings; /* the caller's; must outlive it, or
					    its next pipeline_set */
	struct pipeline_hooks hooks;
	const char *node;	     /* the node's id, for events */
	uint64_t first_seq;	     /* of this node's events */
	const struct ref_keys *refs; /* NULL or empty: no reference header */
	chain_ref_fn *ref_account;   /* see chain.h */
	void *ref_ctx;
	const struct answer_links *links; /* for refusals; NULL: none */
	/* By pipeline_set_secret: */
	uint64_t chain_seed;  /* see chain.h */
	uint8_t hash_key[16]; /* see ledger.h */
	bool is_kept;	      /* there are books */
	/* Facts go to on_fact only: nothing is counted, nobody judged. */
	bool is_facts_only;
	/* Nobody asks but the rules: the ledger counts what they read. The
	 * settings can't change then. */
	bool is_verdicts_only;
	chain_uid_fn *uid_name;
	void *uid_ctx;
};

/* What is hashed with keys is so with keys made of the installation's secret:
 * another pipeline with the same one counts to the unit the same. Without, the
 * keys are zero. */
struct crypto_key;
void pipeline_set_secret(
    struct pipeline_options *o, const struct crypto_key *secret);

struct pipeline_counters {
	uint64_t lines;	     /* all */
	uint64_t unreadable; /* no syslog lines */
	uint64_t other;	     /* Postfix lines that weren't understood */
	uint64_t facts;
	uint64_t lost_lines; /* the log itself said so */
};

struct pipeline *pipeline_new(
    const struct pipeline_options *o, struct error *err);
void pipeline_free(struct pipeline **p);

/* The books were opened: who makes this pipeline's events from now on. */
void pipeline_set_node(struct pipeline *p, struct str node, uint64_t first_seq);

/* What people call this node: node:LABEL may have a standing. */
void pipeline_set_label(struct pipeline *p, struct str label);

/* A reload: rules, accounts and texts from now on. On error nothing changes. */
int pipeline_set(
    struct pipeline *p, const struct settings *s, struct error *err);

/* One of several sources of lines begins; now: see logline_clock. */
enum { PIPELINE_SOURCES = 64 };
void pipeline_source(struct pipeline *p, size_t source, int64_t now);
void pipeline_line(struct pipeline *p, size_t source, struct str line);
/* The time of the source's last line, seconds; 0: none yet. */
int64_t pipeline_source_at(const struct pipeline *p, size_t source);
/* A fact that is in no log (a complaint); views as those of a line. */
void pipeline_fact(struct pipeline *p, const struct fact *f);
/* Everybody's standing or class may have changed. */
void pipeline_void_notes(struct pipeline *p);
/* Time passes without lines: as ledger_tick. */
void pipeline_tick(struct pipeline *p, int64_t now);
void pipeline_tick_some(struct pipeline *p, int64_t now, unsigned part);
/* What time it is, for reading the times of lines; now and then. */
void pipeline_clock(struct pipeline *p, int64_t now);
/* No more lines will come. */
void pipeline_settle(struct pipeline *p);

/* Takes an event in: a verdict's, an operator's, another node's. True when it
 * changed something. */
bool pipeline_fold(struct pipeline *p, const struct event *e);
/* After an UNDO: some of those whose counts begin anew by it. Verdicts don't
 * wait for that, looks and the other nodes do. false: that was all. */
bool pipeline_undo_some(struct pipeline *p);

/* Fills what the makers of events (limits/sanction.h) ask for; state belongs to
 * the caller. Each call is one event's number. */
void pipeline_about(struct pipeline *p, enum subject_kind kind, struct str key,
    struct standing_state *state, struct sanction_about *out);

/* pipeline_policy.c: answer a policy request (the action of access(5)). */
void pipeline_answer(
    struct pipeline *p, const struct policy_request *q, struct text *action);

/* pipeline_asker.c: it is asked soon, after the one that was expected before
 * it. Nothing depends on it but how fast the answer is. */
void pipeline_expect(struct pipeline *p, const struct policy_request *q);

/* pipeline_doubt.c: the account of this request, when it is held in doubt, for
 * a short while that ends by itself; its name is put into `account`. */
bool pipeline_doubts(struct pipeline *p, const struct policy_request *q,
    struct text *account, int64_t *until);

/* pipeline_login.c: may it log in? SMTP not while the account, its domain or
 * where it comes from is suspended; nobody may from where passwords are
 * guessed. true: refused, and why. */
bool pipeline_login_refused(
    struct pipeline *p, const struct auth_policy *q, struct text *why);
/* How it ended, as a fact, where these count (auth_policy_facts). */
void pipeline_login_report(struct pipeline *p, const struct auth_policy *q);

/* What a request would add, and which of its subjects have limits: so that the
 * caller can find out more before it is answered. n is 0 when it adds nothing.
 * Views live as long as the request. */
struct pipeline_ask {
	struct pipeline_asked {
		struct subject *subject; /* valid until the ledger changes */
		bool is_near;		 /* in the last fifth of a limit */
		bool is_over;		 /* beyond one */
		uint64_t least;		 /* the smallest limit's maximum */
	} v[SUBJECT_COUNTED];
	size_t n;
	int64_t recipients, messages;
};
void pipeline_foresee(struct pipeline *p, const struct policy_request *q,
    struct pipeline_ask *out);
/* Admitted for a subject, and in no log yet. */
void pipeline_admitted(struct pipeline *p, enum subject_kind kind,
    struct str key, int64_t *recipients, int64_t *messages);

/* What the judge says of a subject now. The input's views and the state's are
 * valid until the next fold. */
struct pipeline_view {
	struct limits_override overrides[STANDINGS_OVERRIDES];
	struct judge_input in;
	struct standing_state state;
	struct verdict verdict;
	uint64_t folds; /* private: how many there were before */
};
void pipeline_look(
    struct pipeline *p, struct subject *s, struct pipeline_view *out);

/* pipeline_preview.c: what a configuration that isn't in force would say. */
struct pipeline_preview {
	const struct settings *settings; /* their rules finished */
	struct account_rules accounts;
};
/* *s's verdicts are asked for; their sums are kept from now on. */
int pipeline_preview_init(struct pipeline_preview *t, struct pipeline *p,
    const struct settings *s, struct error *err);
/* Would it stop an account that now isn't, nor would be? Then out->verdict
 * says why. */
bool pipeline_preview_stops(struct pipeline_preview *t, struct pipeline *p,
    struct subject *s, struct pipeline_view *out);

/* The same account, asked next: would a rule that goes on trial stop it, were
 * it none? NULL: no. */
const struct trial_rule *pipeline_preview_tries(
    struct pipeline_preview *t, struct pipeline_view *out);

/* Its counts changed without a fact of ours: judge it. */
void pipeline_judge(struct pipeline *p, struct subject *s);
/* How many accounts sent something lately: the budgets of limits/brake.h. */
void pipeline_set_active(struct pipeline *p, uint64_t accounts);
/* How many suspensions an hour a rule may impose by itself. */
uint64_t pipeline_budget(const struct pipeline *p);

/* Does any rule ask for sums of this kind? */
bool pipeline_asks(const struct pipeline *p, enum subject_kind kind);

struct ledger *pipeline_ledger(struct pipeline *p);
struct chains *pipeline_chains(struct pipeline *p);
struct standings *pipeline_standings(struct pipeline *p);
const struct account_rules *pipeline_accounts(const struct pipeline *p);
const struct settings *pipeline_settings(const struct pipeline *p);
int64_t pipeline_now_us(const struct pipeline *p);
void pipeline_counters(const struct pipeline *p, struct pipeline_counters *out);
#endif
