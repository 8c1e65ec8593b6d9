/* listener_test - who comes is told of, and waits while it is paused */
#include "base/listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/test.h"
#include "base/test_loop.h"

static struct {
	struct loop *loop;
	struct listener *listener;
	int came;
} t;

static void
on_waiting(void *ctx)
{
	int fd = listener_accept(t.listener);

	(void)ctx;
	if (fd < 0)
		return;
	t.came++;
	close(fd);
}

static void
it_waits_while_paused(void)
{
	char dir[] = "/tmp/outpost-listener.XXXXXX", address[80];
	struct error err = {""};

	CHECK(mkdtemp(dir) != NULL);
	snprintf(address, sizeof(address), "unix:%s/s", dir);
	t.loop = loop_new();
	t.listener =
	    listener_new(t.loop, address, 0600, on_waiting, NULL, &err);
	CHECK(t.listener && listener_is_unix(t.listener));
	int fd = sock_connect(address, &err);

	test_loop_run(t.loop, 20);
	CHECK_INT(t.came, 1);
	listener_pause(t.listener, true);
	close(fd);
	fd = sock_connect(address, &err);
	test_loop_run(t.loop, 20);
	CHECK_INT(t.came, 1);
	listener_pause(t.listener, false);
	test_loop_run(t.loop, 20);
	CHECK_INT(t.came, 2);
	close(fd);
	listener_free(&t.listener);
	CHECK(!t.listener);
	CHECK_INT(rmdir(dir), 0);
	CHECK(!listener_new(t.loop, address, 0600, on_waiting, NULL, &err));
	CHECK(*err.text);
	loop_free(&t.loop);
}

TESTS(TEST(it_waits_while_paused))
