/* trial - rules that are new or stricter than before observe for a while
 *
 * A changed configuration is held against the one before it, rule by rule. What
 * is milder, or gone, holds at once. What is new or stricter is on trial: until
 * its end the version before it stays in force, so that protection never drops,
 * and whom the rule as written would stop is only noted.
 *
 * Rules here are: each limit; each signal; "classes", which is the usual and
 * at_most of every class and the patterns that the configuration gives (what
 * stands in a class's file is data and holds at once); "ladder", which is the
 * scores and probation_share. A limit of another name that counts the same as
 * one that is gone is that one, renamed.
 *
 * Whoever moved to another class is judged by both, and the milder holds.
 *
 * All here is a function of two configurations, times, and the operator's
 * orders: of each node's own, for each reads a file of its own.
 */
#ifndef LIMITS_TRIAL_H
#define LIMITS_TRIAL_H

#include "limits/rules.h"

#define TRIAL_CLASSES "classes"
#define TRIAL_LADDER "ladder"

struct trial_rule {
	char name[LIMIT_NAME];
	uint64_t version; /* of what is written; the same on all nodes */
	int64_t since, until;
	/* Whose version of it holds meanwhile; the generation's number is the
	 * caller's. Without a rule of its name there: nothing does. */
	const struct limits_rules *kept;
	uint64_t kept_number;
};

enum { TRIAL_RULES = RULES_LIMITS + SIGNALS + 2 };

struct trial {
	const struct limits_rules *written;
	struct trial_rule v[TRIAL_RULES];
	size_t n;
};

/* Which rules of `written` go on trial. Before it held `before` (as it was
 * written), with `was` on trial (NULL: nothing). What was on trial already and
 * did not become stricter keeps its time. Rules of `before` get its number. */
void trial_compare(const struct limits_rules *written,
    const struct limits_rules *before, uint64_t number, const struct trial *was,
    int64_t now, int64_t length, struct trial *out);

/* The rules in force while the trial lasts, to be finished and freed; they use
 * t->written's patterns and live no longer. */
struct limits_rules *trial_compose(const struct trial *t);

/* NULL: it isn't on trial. */
const struct trial_rule *trial_find(const struct trial *t, const char *name);
/* The version of a rule as `r` has it; 0: it has none of that name. */
uint64_t trial_version(const struct limits_rules *r, const char *name);
/* What became stricter: "new", "max 200 instead of 300". */
void trial_print_change(
    const struct trial *t, const struct trial_rule *r, struct text *out);

/* trial_judge.c */

/* judge by the rules in force (in->rules); in->class_index becomes the class
 * that decided. t NULL: nothing is on trial. */
void trial_judge(
    const struct trial *t, struct judge_input *in, struct verdict *out);
/* What the rules as written would do beyond `holds`, the verdict of those in
 * force: throttle at least. Returns the rule on trial that is to blame; NULL:
 * nothing. in: as for trial_judge. */
const struct trial_rule *trial_finds(const struct trial *t,
    const struct judge_input *in, const struct verdict *holds,
    struct verdict *out);

#endif
