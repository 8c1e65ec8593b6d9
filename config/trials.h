/* trials - which rules of a generation are on trial, kept over restarts
 *
 * Says limits/trial.h what that means. A generation's file (generations.h)
 * names in its head what it put on trial and in which older generation the
 * version stands that holds meanwhile; that one is kept as long.
 */
#ifndef CONFIG_TRIALS_H
#define CONFIG_TRIALS_H

#include "config/settings.h"
#include "limits/standings.h"
#include "limits/trial.h"

/* A new configuration after `before`, which holds: s->rules become those in
 * force, s->trial says what is on trial. -1: an older generation can't be read
 * any more, and its rules hold at once as they are written now. */
int trials_begin(struct settings *s, const struct settings *before, int64_t now,
    struct error *err);
/* The same at a start: s is the generation that is kept last. What ended
 * meanwhile is for trials_settle. */
int trials_restore(struct settings *s, struct error *err);
/* What ended by its time or an operator's word holds from now on, as written;
 * true: something did, and s->rules must be finished. Rules as they were stay
 * valid until the next time. */
bool trials_settle(
    struct settings *s, const struct standings *standings, int64_t now);

/* rules_finish of those as written. */
int trials_finish(
    const struct settings *s, struct ledger *ledger, struct error *err);

/* "# trial NAME since TIME until TIME keeps NUMBER" */
void trials_print(const struct settings *s, struct text *out);
/* The names in a generation's text, with commas. */
void trials_print_names(struct str text, struct text *out);
/* Is this older generation still needed? */
bool trials_need(const struct settings *s, uint64_t number);

/* settings_free does it. */
struct settings_trials;
void trials_free(struct settings_trials **t);

#endif
