/* named - does a text name an account?
 *
 * As a whole word, in whatever case: "bob@example.com" is not named by
 * "jim.bob@example.com" or "bob@example.com.au". Pure.
 */
#ifndef DAEMON_NAMED_H
#define DAEMON_NAMED_H

#include "base/str.h"

bool named_in(struct str text, struct str account);
/* The same of an event's JSON. An account that is no address may be a word like
 * any other: it is named only where the event is about it. */
bool named_in_event(struct str json, struct str account);

#endif
