/* case_inside - `outpost case CASE --inside`: who of our own got mail of a case
 *
 * From the followed logs of this host: each recipient whose mail stayed inside,
 * with the Message-ID, for who moves it out of the mailboxes. A Message-ID that
 * could mean other messages, too, is left out: the thief chose it.
 */
#ifndef CLI_CASE_INSIDE_H
#define CLI_CASE_INSIDE_H

#include "cli/client.h"
#include "config/settings.h"

enum exit_status case_inside(
    const struct client_line *l, const char *socket, struct settings *s);

#endif
