/* case_id - what people call a case: K7QX-2M9P
 *
 * Forty bits of the cause of the event that opened it, so all nodes give it one
 * name, in Crockford's base32 (crockford.com/base32.html): without I, L, O and
 * U, and read as people type it.
 */
#ifndef LEDGER_CASE_ID_H
#define LEDGER_CASE_ID_H

#include "base/str.h"

enum { CASE_ID = 10 }; /* with its dash and NUL */

/* Of a cause in hex; empty when that is none. */
void case_id(const char *cause, char id[CASE_ID]);
/* In any case, with or without dashes, O for 0, I and L for 1; id is as
 * case_id gives it. false: it is no case's name. */
bool case_id_parse(struct str text, char id[CASE_ID]);

#endif
