/* many - one order to many subjects: suspend, lift and show from a list
 *
 * Which they are is asked first; what they are now is counted and shown (a dry
 * run); after a yes they are told to outpostd, some at a time, each with its
 * own result.
 */
#ifndef CLI_MANY_H
#define CLI_MANY_H

#include "cli/client.h"

/* Does the command line name many? */
bool many_is_asked(const struct client_line *l);
enum exit_status many_run(const struct client_line *l, const char *socket);

#endif
