/* explain - a report as one JSON object, for people and their tools */
#ifndef FBL_EXPLAIN_H
#define FBL_EXPLAIN_H

#include "base/json.h"
#include "fbl/report.h"

/* Opens an object and adds {"format":...,"feedback_type":..., the fields of
 * report.def that it has, "other_fields":[{"name":...,"value":...}], "derived":
 * [names of those that the report's own part doesn't tell]}; the caller may add
 * more and closes it. feedback_type is the type (report.def). */
void fbl_explain(struct json_out *j, const struct fbl_report *r);

#endif
