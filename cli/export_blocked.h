/* export_blocked - addresses and networks that may not log in, for a packet
 * filter: plain, for nft -f, or as JSON */
#ifndef CLI_EXPORT_BLOCKED_H
#define CLI_EXPORT_BLOCKED_H

#include "cli/client.h"

bool export_blocked_is_asked(const struct client_line *l);
enum exit_status export_blocked_run(
    const struct client_line *l, const char *socket);

#endif
