/* pipeline_state - what the pipeline's files share */
#ifndef DAEMON_PIPELINE_STATE_H
#define DAEMON_PIPELINE_STATE_H

#include "base/metric.h"
#include "daemon/pipeline.h"
#include "limits/answer.h"
#include "limits/guess.h"
#include "mta/logline.h"

/* An account of whom a request is expected: see pipeline_asker.c. */
struct pipeline_login {
	size_t login_n, name_n, domain_n; /* login_n 0: none */
	uint64_t hash, domain_hash;	  /* map_hash */
	char login[64], name[ACCOUNT_TEXT];
};
enum { PIPELINE_LOGINS = 16 };

struct pipeline {
	const struct settings *settings;
	struct pipeline_hooks hooks;
	bool is_facts_only;
	struct account_rules accounts;
	struct chains *chains;
	struct ledger *ledger;
	struct standings *standings;
	struct admission *admission;
	struct guess *guess;
	const struct ref_keys *refs;
	const struct answer_links *links; /* NULL: none */
	char node[17];
	char label[256]; /* in lower case */
	uint64_t seq;
	bool is_judged[SUBJECT_KINDS];	    /* some rule asks about this kind */
	uint64_t counts[SUBJECT_KINDS + 1]; /* as rules_counts; those on trial,
					       too */
	uint64_t active;		    /* accounts, lately */
	bool has_bits[129]; /* networks of this length have a standing */
	uint64_t folds;	    /* events that changed something */
	struct standings_walk undone; /* pipeline_undo_some */
	uint64_t generation;	      /* notes of others are void */
	int64_t began; /* ledger_began, when the notes were made */
	struct logline_clock clocks[PIPELINE_SOURCES];
	struct pipeline_counters counters;
	struct metric *lines, *fact[FACT_KINDS], *answer[ANSWER_ACTIONS];
	bool is_asked_at_end;	      /* Postfix asks at END-OF-MESSAGE */
	struct pipeline_known *known; /* NULL: more than verdicts are told */
	uint64_t mode; /* events about no subject: what is known is void */
	struct pipeline_login logins[PIPELINE_LOGINS];
	size_t next_login;  /* is expected there */
	size_t asked_login; /* who asked last */
};

/* Nothing is known of the subject's standing and, with what it asks for and
 * what was admitted, it is far from all limits: judge would say nothing. `in`
 * is as for judge_is_far, its owner is filled in. */
bool pipeline_is_far(struct pipeline *p, struct judge_input *in);

/* The view without its verdict: asked and admitted stay what they are. */
void pipeline_prepare(
    struct pipeline *p, struct subject *s, struct pipeline_view *out);

/* pipeline_note.c */
struct judge_owner pipeline_owner_of(
    struct pipeline *p, const struct subject *s);

/* pipeline_known.c: nobody asks for warnings, nor for what is told besides. */
void pipeline_tell_verdicts(struct pipeline *p);

/* pipeline_judge.c: those whom a fact was counted for. */
void pipeline_judge_touched(struct pipeline *p, const struct fact *f,
    const struct ledger_touched *touched);
/* The settings changed, and their rules are finished. */
void pipeline_note_kinds(struct pipeline *p);
/* Before the first fact, and after the rules know what they ask for. */
void pipeline_count_what_is_read(struct pipeline *p);

/* A verdict that changes something becomes an event for the hook. */
void pipeline_decide(struct pipeline *p, struct pipeline_view *v);

/* pipeline_decide.c: would a rule on trial do more than the verdict says? Then
 * pipeline_try notes it. */
bool pipeline_tries(struct pipeline *p, const struct pipeline_view *v);
void pipeline_try(struct pipeline *p, struct pipeline_view *v);

/* pipeline_nets.c: networks of any length may have a standing; the natural
 * ones (/24, /64) are subjects of every request. */
void pipeline_note_net(
    struct pipeline *p, enum subject_kind kind, struct str key);
void pipeline_note_nets(struct pipeline *p);
/* The standings of the others that the client is in; returns how many. */
enum { PIPELINE_NETS = 8 };
struct pipeline_net {
	char key[64];
	struct standing_state state;
};
size_t pipeline_add_nets(struct pipeline *p, const struct ip *client,
    struct pipeline_net nets[PIPELINE_NETS], struct answer_subject *out);
/* This host's own: no mail is taken from accounts here for a while. Adds 0 or
 * 1. */
size_t pipeline_add_node(struct pipeline *p, struct standing_state *state,
    struct answer_subject *out);
/* A network that was blocked by itself may not log in; the mail of the world
 * that it hands in is another matter. */
void pipeline_pass_inbound(struct answer_subject *judged, size_t n);
/* An account (the first of them) that is exempt isn't stopped by what is
 * imposed on its domain. */
void pipeline_pass_exempt(struct answer_subject *judged, size_t n, int64_t now);

/* pipeline_doubt.c: a message of an account that is held in doubt waits, where
 * it would be deferred: *answer becomes ANSWER_HOLD, its subject stays whose
 * hold it is. true: it is deferred, whether its recipients were admitted or
 * not, for that was done so that it waits. */
bool pipeline_hold_instead(struct pipeline *p, const struct policy_request *q,
    struct answer_subject *judged, size_t n, struct answer *answer);
/* What is only asked for has not been sent: one message to 301 people is
 * deferred, not a reason to suspend. Beyond throttling goes only what the log
 * has shown, and the one that is asked for now. */
void pipeline_trust_seen(struct pipeline_view *v);
/* Is the recipient one that a journey may have (limits/signal.h): the account
 * has written to him before, and now from elsewhere, or is held in doubt? */
bool pipeline_is_friend_afar(struct pipeline *p, const struct fact *attempt,
    const struct answer *answer);

/* pipeline_delivery.c: on_tried, on_delivery. */
void pipeline_tell_delivery(const struct pipeline *p, const struct logline *log,
    const struct postfix_line *l);

/* pipeline_guess.c: a fact that tells of a login, after it was counted. */
void pipeline_guess(struct pipeline *p, const struct fact *f);

/* pipeline_sender.c: is a recipient refused for its sender? Then the
 * action is printed. */
bool pipeline_refuses_sender(const struct pipeline *p,
    const struct policy_request *q, struct str account,
    const struct admission_request *ask, struct text *action);
/* A line says that the account may not use that sender: a fact. */
void pipeline_tell_sender(struct pipeline *p, const struct logline *log,
    const struct postfix_line *l);

#endif
