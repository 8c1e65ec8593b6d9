/* trace - a message's whole story, from the logs themselves; no daemon */
#ifndef DAEMON_TRACE_H
#define DAEMON_TRACE_H

#include "daemon/client.h"
#include "daemon/settings.h"

/* `outpost trace [QUEUE-ID] [FILE...]` and its options. EXIT_UNKNOWN when no
 * message is found. */
enum exit_status trace_run(const struct client_line *l, struct settings *s);

#endif
