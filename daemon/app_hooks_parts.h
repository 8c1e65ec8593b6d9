/* app_hooks_parts - what app_hooks*.c share, nobody else */
#ifndef DAEMON_APP_HOOKS_PARTS_H
#define DAEMON_APP_HOOKS_PARTS_H

#include "daemon/app_hooks.h"
#include "daemon/app_state.h"
#include "daemon/runner.h"

/* One program for one event. */
struct hook_job {
	struct app_hooks *owner;
	struct hook_job *next;
	char *key;	/* in the books: its hook's name, a blank, the cause */
	char *account;	/* it is about */
	int64_t at;	/* since when it is to be run, seconds */
	int64_t due_us; /* wall clock */
	int64_t began_us, taken_us; /* monotonic; in hand since, wall clock */
	unsigned tries;
	bool is_ours;	 /* this node decided */
	bool is_started; /* asking, or running */
	bool is_leased;
	bool is_end; /* of what was imposed */
};

/* How a hook fares, since the start. */
struct hook_tally {
	char name[WEBHOOK_NAME + 1];
	uint64_t done, failed, given_up;
	int64_t failing_since; /* seconds; 0: the last one was good */
	char why[256];
};

struct app_hooks {
	struct app *app;
	struct runner *runner;
	struct loop_timer *look;
	struct hook_job *first; /* the oldest */
	size_t n;
	struct hook_tally tallies[SETTINGS_HOOKS];
	bool is_full; /* told */
	bool is_ending;
};

/* NULL: the configuration has it no more. */
const struct hook_settings *app_hooks_find(
    const struct app_hooks *h, const struct hook_job *job);
/* The event that it is run for; false: it is unreadable. */
bool app_hooks_read(const struct hook_job *job, struct event *e);

/* app_hooks_result.c: it ended well; it didn't, and is run again, or no more;
 * the job may be gone then. */
enum { HOOKS_FIRST_PAUSE = 5, HOOKS_LONGEST_PAUSE = 15 * 60 };
struct hook_tally *app_hooks_tally(struct app_hooks *h, const char *name);
void app_hooks_succeed(
    struct hook_job *job, const struct hook_settings *s, struct str output);
void app_hooks_fail(struct hook_job *job, const struct hook_settings *s,
    struct str why, struct str output);
void app_hooks_give_up(struct hook_job *job, const struct hook_settings *s,
    struct str why, struct str output);

/* app_hooks_turn.c: whose turn it is, of those that run once for all nodes.
 * Exactly one of these follows, later: */
void app_hooks_ask_turn(struct hook_job *job, int64_t timeout);
void app_hooks_run(struct hook_job *job);  /* it is ours */
void app_hooks_drop(struct hook_job *job); /* it is done */
void app_hooks_wait(struct hook_job *job); /* another's */
/* It was run. */
void app_hooks_end_turn(struct hook_job *job, bool is_done);

#endif
