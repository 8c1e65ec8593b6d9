/* show - `outpost show SUBJECT`: all about one on one screen
 *
 * outpostd tells what it knows (desk_person.c). The command adds what it may
 * see itself: countries, and from outpost-queue, which tells admins only, what
 * is held and its subjects.
 */
#ifndef DAEMON_SHOW_H
#define DAEMON_SHOW_H

#include "daemon/client.h"
#include "daemon/settings.h"

/* settings NULL: there is no configuration here; nothing is added. */
enum exit_status show_run(
    const struct client_line *l, const char *socket, struct settings *settings);

#endif
