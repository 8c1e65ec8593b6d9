/* queue_client_test - what the outpost command hears of outpost-queue */
#include "queue/queue_client.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/test.h"

enum { ROUNDS = 200 };

static void
ignore(void *ctx, enum queue_line what, const struct queue_answer *a)
{
	(void)ctx;
	(void)what;
	(void)a;
}

/* Answers everybody before a question was read, as to who may nothing. */
static void
refuse_all(int listener)
{
	static const char answer[] = "failed=games%20may%20not%20ask\n\n";

	for (;;) {
		struct pollfd p = {listener, POLLIN, 0};
		int fd = poll(&p, 1, -1) > 0 ? sock_accept(listener) : -1;

		if (fd < 0)
			continue;
		(void)sock_send(fd, answer, sizeof(answer) - 1);
		close(fd);
	}
}

static void
hears_why_it_is_refused(void)
{
	char dir[] = "/tmp/queue_client.XXXXXX", path[64], address[80];
	struct queue_request *q = xalloc(1, sizeof(*q));
	struct error err;
	int heard = 0;

	CHECK(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	snprintf(address, sizeof(address), "unix:%s", path);
	int listener = sock_listen(address, 0600, &err);
	pid_t server = fork();

	if (server == 0)
		refuse_all(listener);
	q->verb = QUEUE_VERB_LIST;
	for (int i = 0; i < ROUNDS; i++) {
		if (queue_client_ask(path, q, ignore, NULL, &err) < 0 &&
		    strstr(err.text, "games may not ask"))
			heard++;
	}
	CHECK_INT(heard, ROUNDS);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(listener);
	unlink(path);
	rmdir(dir);
	free(q);
}

TESTS(TEST(hears_why_it_is_refused))
