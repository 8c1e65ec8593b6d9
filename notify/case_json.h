/* case_json - a case as JSON: for `outpost case --json`, the API, its drawing
 */
#ifndef NOTIFY_CASE_JSON_H
#define NOTIFY_CASE_JSON_H

#include "base/json.h"
#include "notify/case_file.h"

/* Members of the object that is open. */
void case_json_head(const struct case_head *c, struct json_out *j);
/* The same with everything else. */
void case_json(const struct case_file *f, struct json_out *j);

/* "lifted", "expired", ...; "" while it goes on. */
const char *case_end_text(enum case_end e);

#endif
