/* top - `outpost top`: a live view of who sends now
 *
 * At a terminal it asks the daemon now and then and draws what it answers;
 * keys sort, filter, scroll, quit. The terminal is put back as it was on every
 * way out, signals included. Elsewhere, or with --once, one frame is printed.
 */
#ifndef CLI_TOP_H
#define CLI_TOP_H

#include "cli/client.h"

enum exit_status top_run(struct client_line *l, const char *socket);

#endif
