/* filter - what a content filter's line says of a message: rspamd, amavis
 *
 * LINE_FILTER with queue_id, and action: "spam" (refused, or marked as spam),
 * "virus". Other verdicts (clean, greylisted, too large) make no such line.
 *
 * - rspamd: "<TAG>; task; rspamd_task_write_log: id: <MESSAGE-ID>, qid: <ID>,
 *   ... (default: T (reject): [15.1/15.0] [...]), ...", its default log_format.
 * - amavis: "(01234-05) Blocked SPAM {...}, ... <s> -> <r>, Queue-ID: ID, ...",
 *   or, of what passed marked, "queued_as: ID".
 *
 * The Message-ID and the addresses are the sender's: a line on which what is
 * looked for stands twice is none, so that nobody can have a verdict made up
 * about a message, of his or of another's; he can only hide his own.
 */
#ifndef MTA_FILTER_H
#define MTA_FILTER_H

#include "mta/postfix.h"

/* False when the line isn't one of these; then *out is unchanged. The rest of
 * *out as from postfix_parse, the kind LINE_FOREIGN. */
bool filter_parse(const struct logline *in, struct postfix_line *out);

#endif
