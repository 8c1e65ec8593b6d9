/* manual - the manuals and the sample configuration, from the same tables as
 * the code */
#ifndef CLI_MANUAL_H
#define CLI_MANUAL_H

#include "base/text.h"

/* name: "outpostd.8", "outpost.1", "outpost.conf.5" or "outpost.conf" (the
 * sample). False when there is no such page. */
bool manual_print(struct str name, struct text *out);
/* manual_complaints.c: a part of outpostd.8 */
void manual_complaints(struct text *out);
/* manual_judge.c: another */
void manual_judge(struct text *out);

/* manual_retention.c: a part of outpost.conf.5 */
void manual_retention(struct text *out);

#endif
