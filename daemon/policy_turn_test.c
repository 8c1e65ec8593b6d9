/* policy_turn_test - what arrives is read to its end, however it comes */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/test.h"
#include "base/test_loop.h"
#include "base/time.h"
#include "daemon/policy_server.h"

#define ASK "request=smtpd_access_policy\n\n"
#define DUNNO "action=DUNNO\n\n"

enum { REQUEST_BYTES = 512 };

static struct {
	char dir[32];
	struct loop *loop;
	struct policy_server *server;
	int fd; /* the client's */
	int asked;
} t;

static void
answer(void *ctx, const struct policy_request *r, struct text *action)
{
	(void)ctx;
	(void)r;
	(void)action;
	t.asked++;
}

/* One client, for so long that it isn't fresh any more. */
static void
begin(void)
{
	const struct policy_config config = {.max_connections = 4,
	    .max_request_bytes = REQUEST_BYTES,
	    .idle_us = 60 * TIME_US,
	    .slow_us = 60 * TIME_US,
	    .answer = answer};
	char address[64];
	struct error err;

	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/outpost-policy.XXXXXX");
	CHECK(mkdtemp(t.dir) != NULL);
	snprintf(address, sizeof(address), "unix:%s/s", t.dir);
	t.loop = loop_new();
	t.server = policy_server_new(t.loop, &config);
	CHECK(policy_server_listen(t.server, address, 0600, &err) == 0);
	t.fd = sock_connect(address, &err);
	CHECK(t.fd >= 0);
	test_loop_run(t.loop, 20);
}

static void
end(void)
{
	char path[64];

	close(t.fd);
	policy_server_free(&t.server);
	loop_free(&t.loop);
	snprintf(path, sizeof(path), "%s/s", t.dir);
	unlink(path);
	rmdir(t.dir);
}

/* So many requests at once. */
static void
say(size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK(send(t.fd, ASK, strlen(ASK), 0) == (ssize_t)strlen(ASK));
}

/* Answers until so many have come, or no more do; true: then the end, too. */
static bool
hears(size_t n, size_t *heard)
{
	char buf[4096];

	*heard = 0;
	for (int i = 0; i < 500; i++) {
		ssize_t got = recv(t.fd, buf, sizeof(buf), MSG_DONTWAIT);

		if (got == 0)
			return true;
		if (got > 0)
			*heard += (size_t)got / strlen(DUNNO);
		if (got < 0 && *heard >= n)
			return false;
		test_loop_run(t.loop, 2);
	}
	return false;
}

static void
reads_more_than_fits(void)
{
	enum { MANY = 10 * REQUEST_BYTES / (int)sizeof(ASK) };
	size_t heard;

	begin();
	for (int i = 0; i < 3; i++) {
		say(MANY);
		CHECK(!hears(MANY, &heard));
		CHECK_INT(heard, MANY);
	}
	CHECK_INT(t.asked, 3 * MANY);
	end();
}

static void
hears_the_end_behind_a_request(void)
{
	size_t heard;

	begin();
	say(1);
	CHECK_INT(shutdown(t.fd, SHUT_WR), 0);
	CHECK(hears(SIZE_MAX, &heard));
	CHECK_INT(heard, 1);
	end();
}

/* It came while the answer was on its way. */
static void
hears_an_end_that_comes_later(void)
{
	size_t heard;

	begin();
	say(2);
	CHECK(!hears(2, &heard));
	CHECK_INT(shutdown(t.fd, SHUT_WR), 0);
	CHECK(hears(SIZE_MAX, &heard));
	end();
}

TESTS(TEST(reads_more_than_fits), TEST(hears_the_end_behind_a_request),
    TEST(hears_an_end_that_comes_later))
