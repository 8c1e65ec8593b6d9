/* check - `outpost check`: is this set-up as it must be?
 *
 * Looks at what runs: Postfix's configuration, the sockets and tables between
 * it and Outpost, the end of the logs, the clocks, Redis. Changes nothing but a
 * key of its own in Redis, for a moment. Every finding is a line that says what
 * was found and why it matters, and a line that mends it. Only the last part
 * asks outpostd; the rest is looked at also without it.
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/client.h"
#include "config/settings.h"

/* EXIT_OK, EXIT_WARNED, EXIT_FAILED: the worst that was found. */
enum exit_status check_run(const struct client_line *l, struct settings *s);

#endif
