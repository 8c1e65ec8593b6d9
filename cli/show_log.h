/* show_log - an account's last messages, from the log
 *
 * For those that outpostd doesn't remember: it was started since.
 */
#ifndef CLI_SHOW_LOG_H
#define CLI_SHOW_LOG_H

#include "base/json.h"
#include "config/settings.h"

/* The elements of the member "samples", about `at`; nothing when the logs can't
 * be read, or that would take long. Each goes to `each`, as JSON. */
typedef void show_log_fn(void *ctx, struct json *sample);
void show_log(struct settings *s, struct str account, int64_t at,
    show_log_fn *each, void *ctx);

#endif
