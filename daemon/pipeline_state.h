/* pipeline_state - what the pipeline's files share */
#ifndef DAEMON_PIPELINE_STATE_H
#define DAEMON_PIPELINE_STATE_H

#include "base/metric.h"
#include "daemon/pipeline.h"
#include "limits/guess.h"
#include "mta/logline.h"

struct pipeline {
	const struct settings *settings;
	struct pipeline_hooks hooks;
	struct account_rules accounts;
	struct chains *chains;
	struct ledger *ledger;
	struct standings *standings;
	struct admission *admission;
	struct guess *guess;
	const struct ref_keys *refs;
	char node[17];
	uint64_t seq;
	bool is_judged[SUBJECT_KINDS]; /* some rule asks about this kind */
	uint64_t active;	       /* accounts, lately */
	uint64_t folds;		       /* events that changed something */
	uint64_t generation; /* of the settings: notes of others are void */
	struct logline_clock clocks[PIPELINE_SOURCES];
	struct pipeline_counters counters;
	struct metric *lines, *fact[FACT_KINDS], *answer[3];
};

/* Nothing is known of the subject's standing and, with what it asks for and
 * what was admitted, it is far from all limits: judge would say nothing. `in`
 * is as for judge_is_far. */
bool pipeline_is_far(struct pipeline *p, const struct judge_input *in);

/* The view without its verdict: asked and admitted stay what they are. */
void pipeline_prepare(
    struct pipeline *p, struct subject *s, struct pipeline_view *out);

/* A verdict that changes something becomes an event for the hook. */
void pipeline_decide(struct pipeline *p, struct pipeline_view *v);

/* pipeline_guess.c: a fact that tells of a login, after it was counted. */
void pipeline_guess(struct pipeline *p, const struct fact *f);

#endif
