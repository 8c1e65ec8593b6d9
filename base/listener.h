/* listener - a listening socket on the loop */
#ifndef BASE_LISTENER_H
#define BASE_LISTENER_H

#include <sys/types.h>

#include "base/error.h"
#include "base/loop.h"

struct listener;

/* address, mode, and errno when NULL: see sock_listen. on_waiting is called
 * while somebody waits for listener_accept. */
struct listener *listener_new(struct loop *l, const char *address, mode_t mode,
    loop_fn *on_waiting, void *ctx, struct error *err);
/* With its unix socket's path. */
void listener_free(struct listener **l);

/* See sock_accept. */
int listener_accept(struct listener *l);
/* Who comes waits in the kernel until it is false again. */
void listener_pause(struct listener *l, bool is_paused);

bool listener_is_unix(const struct listener *l);
int listener_port(const struct listener *l); /* of TCP */

#endif
