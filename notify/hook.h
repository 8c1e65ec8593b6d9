/* hook - which program is run when an account is stopped or goes on, and with
 * what arguments
 *
 * Who chooses an account's name may be an attacker: it is one argument or
 * nothing, never an option, never a pattern. Pure.
 */
#ifndef NOTIFY_HOOK_H
#define NOTIFY_HOOK_H

#include "ledger/event.h"
#include "notify/settings.h"

enum { HOOK_ARGS = 16 }; /* behind the program */

/* Does the hook run because of this event? */
bool hook_wants(const struct hook_settings *h, const struct event *e);
/* Is it one that ends a hold or a suspension? */
bool hook_is_end(const struct event *e);

/* The command for the event, whose `file` is its case's cause. argv is NULL-
 * terminated; its texts live in the arena or the settings. -1: it can't be. */
int hook_fill(const struct hook_settings *h, const struct event *e,
    struct arena *arena, const char *argv[HOOK_ARGS + 2], struct error *err);

#endif
