/* listener - a listening socket on the loop */
#include "base/listener.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/sock.h"

struct listener {
	struct loop_watch *watch;
	int fd;
	char *path; /* of a unix socket */
};

struct listener *
listener_new(struct loop *loop, const char *address, mode_t mode,
    loop_fn *on_waiting, void *ctx, struct error *err)
{
	int fd = sock_listen(address, mode, err);
	struct str path = str_from(address);

	if (fd < 0)
		return NULL;
	struct listener *l = xalloc(1, sizeof(*l));

	l->fd = fd;
	if (str_take(&path, STR("unix:")))
		l->path = str_dup(path);
	l->watch = loop_watch_new(loop, fd, LOOP_READ, on_waiting, ctx);
	return l;
}

void
listener_free(struct listener **lp)
{
	struct listener *l = *lp;

	if (!l)
		return;
	*lp = NULL;
	loop_watch_free(&l->watch);
	close(l->fd);
	if (l->path)
		unlink(l->path);
	free(l->path);
	free(l);
}

int
listener_accept(struct listener *l)
{
	return sock_accept(l->fd);
}

void
listener_pause(struct listener *l, bool is_paused)
{
	loop_watch_set(l->watch, is_paused ? 0 : LOOP_READ);
}

bool
listener_is_unix(const struct listener *l)
{
	return l->path != NULL;
}

int
listener_port(const struct listener *l)
{
	return sock_port(l->fd);
}
