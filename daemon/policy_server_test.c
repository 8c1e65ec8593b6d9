/* policy_server_test - what a bad client costs: its own connection */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/test.h"
#include "base/test_loop.h"
#include "base/time.h"
#include "daemon/policy_server.h"

#define ASK "request=smtpd_access_policy\n"
#define DUNNO "action=DUNNO\n\n"

/* A server on a unix socket, and a loop that runs a little at a time. */
static struct {
	char dir[32], address[64];
	struct loop *loop;
	struct policy_server *server;
	struct policy_config config;
	int asked, expected;
	const char *action;
	bool is_off_duty;
	int waits; /* so many requests are to wait */
	int n_waiting;
	loop_fn *done[8];
	void *done_ctx[8];
} t;

static void
answer(void *ctx, const struct policy_request *r, struct text *action)
{
	(void)ctx;
	(void)r;
	t.asked++;
	text_add(action, t.action);
}

static void
expect(void *ctx, const struct policy_request *r)
{
	(void)ctx;
	(void)r;
	t.expected++;
}

static bool
wait_for(
    void *ctx, const struct policy_request *r, loop_fn *done, void *done_ctx)
{
	(void)ctx;
	(void)r;
	if (t.waits == 0)
		return false;
	t.waits--;
	t.done[t.n_waiting] = done;
	t.done_ctx[t.n_waiting++] = done_ctx;
	return true;
}

static void
let_go(void)
{
	for (; t.n_waiting > 0; t.n_waiting--)
		t.done[t.n_waiting - 1](t.done_ctx[t.n_waiting - 1]);
}

static bool
duty(void *ctx)
{
	(void)ctx;
	return !t.is_off_duty;
}

static void
begin(void)
{
	struct error err;

	memset(&t, 0, sizeof(t));
	t.action = "DUNNO";
	strcpy(t.dir, "/tmp/outpost-policy.XXXXXX");
	CHECK(mkdtemp(t.dir) != NULL);
	snprintf(t.address, sizeof(t.address), "unix:%s/s", t.dir);
	t.config = (struct policy_config){.max_connections = 4,
	    .max_request_bytes = 4096,
	    .idle_us = 60 * TIME_US,
	    .slow_us = 60 * TIME_US,
	    .answer = answer,
	    .wait = wait_for,
	    .expect = expect,
	    .duty = duty};
	t.loop = loop_new();
	t.server = policy_server_new(t.loop, &t.config);
	CHECK(policy_server_listen(t.server, t.address, 0600, &err) == 0);
}

static void
end(void)
{
	policy_server_free(&t.server);
	loop_free(&t.loop);
	unlink(t.address + 5);
	rmdir(t.dir);
}

static int
dial(void)
{
	struct error err;
	int fd = sock_connect(t.address, &err);

	CHECK(fd >= 0);
	return fd;
}

static void
say(int fd, const char *text)
{
	CHECK(send(fd, text, strlen(text), MSG_NOSIGNAL) ==
	      (ssize_t)strlen(text));
}

/* What is there to read, "EOF" at the end of the connection. */
static struct str
hear(int fd)
{
	static char buf[65536];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	return n == 0 ? STR("EOF") : n < 0 ? STR("") : str_make(buf, (size_t)n);
}

/* Until so much or the end of the connection is there to be heard: a busy
 * machine may need long. */
static void
await(int fd, size_t size)
{
	static char buf[65536];
	ssize_t n = -1;

	for (int i = 0; i < 2000 && n != 0 && n < (ssize_t)size; i++) {
		test_loop_run(t.loop, 5);
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_PEEK);
	}
}

static void
answers_one_and_many(void)
{
	begin();
	int fd = dial();

	say(fd, ASK "\n");
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd), STR(DUNNO));
	say(fd, ASK "\n" ASK "size=1\n\n" ASK);
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd), STR(DUNNO DUNNO));
	say(fd, "\n");
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd), STR(DUNNO));
	CHECK_INT(t.asked, 4);
	close(fd);
	end();
}

static void
answers_in_one_line(void)
{
	begin();
	int fd = dial();

	t.action = "REJECT 5.7.1 x\n\naction=OK";
	say(fd, ASK "\n");
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd), STR("action=REJECT 5.7.1 x??action=OK\n\n"));
	close(fd);
	end();
}

static void
answers_its_askers_only(void)
{
	const uid_t nobody = geteuid() + 1, me = geteuid();

	begin();
	t.config.askers = &nobody;
	t.config.n_askers = 1;
	policy_server_configure(t.server, &t.config);
	int fd = dial();

	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd), STR("EOF"));
	close(fd);
	t.config.askers = &me;
	policy_server_configure(t.server, &t.config);
	fd = dial();
	say(fd, ASK "\n");
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd), STR(DUNNO));
	close(fd);
	CHECK_INT(t.asked, 1);
	end();
}

/* More than are read before the first is answered; new ones beside old ones. */
static void
answers_many_at_once(void)
{
	enum { N = 150 };
	static int fd[2 * N];
	int n = N;

	begin();
	t.config.max_connections = 3 * N;
	policy_server_configure(t.server, &t.config);
	for (int i = 0; i < N; i++)
		fd[i] = dial();
	test_loop_run(t.loop, 50);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < n; i++)
			say(fd[i], i == 3 && round == 1 ? ASK ASK "\n"
							: ASK "\n" ASK "\n");
		for (; round == 0 && n < 2 * N; n++) {
			fd[n] = dial();
			say(fd[n], ASK "\n" ASK "\n");
		}
		if (round == 1)
			shutdown(fd[5], SHUT_RDWR);
		for (int i = 0; i < n; i++) {
			await(fd[i], strlen(DUNNO DUNNO));
			CHECK_STR(hear(fd[i]), (i == 3 || i == 5) && round == 1
						   ? STR("EOF")
						   : STR(DUNNO DUNNO));
		}
		for (int i = 0; round == 1 && i < 2; i++) {
			close(fd[i ? 5 : 3]);
			fd[i ? 5 : 3] = dial();
		}
	}
	for (int i = 0; i < n; i++)
		close(fd[i]);
	/* The first of each connection is, of what is asked in one piece. */
	CHECK(t.expected > 0 && t.expected < t.asked);
	end();
}

static void
closes_the_broken_only(void)
{
	static const char *const broken[] = {
	    "GET / HTTP/1.0\r\n\r\n\n\n", "\n", "request=x\n\n", ASK ASK "\n"};

	begin();
	int good = dial();

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		int fd = dial();

		say(fd, broken[i]);
		test_loop_run(t.loop, 5);
		CHECK_STR(hear(fd), STR("EOF"));
		close(fd);
	}
	CHECK_INT(t.asked, 0);
	say(good, ASK "\n");
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(good), STR(DUNNO));
	close(good);
	end();
}

static void
closes_the_oversized(void)
{
	static char big[4097];

	begin();
	int fd = dial();

	memset(big, 'x', sizeof(big) - 1);
	say(fd, ASK "sender=");
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd), STR(""));
	/* The rest may be refused with a reset, as it was never read. */
	send(fd, big, sizeof(big) - 1, MSG_NOSIGNAL);
	test_loop_run(t.loop, 5);
	CHECK(send(fd, "x", 1, MSG_NOSIGNAL) < 0);
	close(fd);
	end();
}

static void
closes_the_slow_and_the_idle(void)
{
	begin();
	t.config.slow_us = 300000;
	policy_server_configure(t.server, &t.config);
	int slow = dial(), idle = dial();

	/* Drop by drop gains no time. */
	for (int i = 0; i < 9; i++) {
		send(slow, "r", 1, MSG_NOSIGNAL);
		test_loop_run(t.loop, 100);
	}
	CHECK(send(slow, "r", 1, MSG_NOSIGNAL) < 0);
	CHECK_STR(hear(idle), STR(""));
	t.config.idle_us = 300000;
	policy_server_configure(t.server, &t.config);
	test_loop_run(t.loop, 400);
	CHECK_STR(hear(idle), STR("EOF"));
	close(slow);
	close(idle);
	end();
}

/* A client that asks and never reads is not read any further, holds no more
 * than a buffer, and goes when its time is over. */
static void
stops_who_does_not_read(void)
{
	static char many[8000];
	size_t n = 0;

	begin();
	t.config.slow_us = 500000;
	policy_server_configure(t.server, &t.config);
	int fd = dial();

	for (size_t i = 0; i + sizeof(ASK) < sizeof(many); i += sizeof(ASK))
		memcpy(many + i, ASK "\n", sizeof(ASK));
	n = sizeof(many) / sizeof(ASK) * sizeof(ASK);
	for (int stuck = 0; stuck < 20;) {
		if (send(fd, many, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
			test_loop_run(t.loop, 1);
			stuck++;
		}
	}
	int asked = t.asked;

	test_loop_run(t.loop, 50);
	CHECK_INT(t.asked, asked);
	test_loop_run(t.loop, 800);
	CHECK(send(fd, "x", 1, MSG_NOSIGNAL) < 0);
	close(fd);
	end();
}

/* Answers that waited come in order and whole once they are read. */
static void
goes_on_when_read(void)
{
	static char ask[] = ASK "\n";
	size_t answers = 0, want = 0;

	begin();
	int fd = dial(), idle = 0;

	while (idle < 20) {
		ssize_t n =
		    send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0) {
			test_loop_run(t.loop, 1);
			idle++;
			continue;
		}
		CHECK_INT(n, sizeof(ask) - 1);
		want++;
	}
	for (int i = 0; i < 2000 && answers < want * (sizeof(DUNNO) - 1); i++) {
		answers += hear(fd).n;
		test_loop_run(t.loop, 1);
	}
	CHECK_INT(answers, want * (sizeof(DUNNO) - 1));
	CHECK_INT(t.asked, want);
	close(fd);
	end();
}

static void
evicts_the_longest_silent(void)
{
	int fd[5];

	begin();
	for (int i = 0; i < 4; i++) {
		fd[i] = dial();
		test_loop_run(t.loop, 2);
	}
	say(fd[0], ASK "\n");
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd[0]), STR(DUNNO));
	fd[4] = dial();
	say(fd[4], ASK "\n");
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd[4]), STR(DUNNO));
	CHECK_STR(hear(fd[1]), STR("EOF"));
	CHECK_STR(hear(fd[0]), STR(""));
	for (int i = 0; i < 5; i++)
		close(fd[i]);
	end();
}

static void
accepts_only_on_duty(void)
{
	begin();
	t.is_off_duty = true;
	int fd = dial();

	say(fd, ASK "\n");
	test_loop_run(t.loop, 300);
	CHECK_STR(hear(fd), STR(""));
	t.is_off_duty = false;
	test_loop_run(t.loop, 300);
	CHECK_STR(hear(fd), STR(DUNNO));
	close(fd);
	end();
}

/* Answers that wait: those of other connections don't, the next request of the
 * same does; a connection that goes meanwhile costs nothing. */
static void
waits(void)
{
	begin();
	int a = dial(), b = dial(), c = dial();

	t.waits = 1;
	say(a, ASK "\n" ASK "\n" ASK "prot");
	test_loop_run(t.loop, 20);
	CHECK_INT(t.n_waiting, 1);
	CHECK_STR(hear(a), STR(""));
	say(b, ASK "\n");
	test_loop_run(t.loop, 20);
	CHECK_STR(hear(b), STR(DUNNO));
	say(a, "ocol_state=RCPT\n\n");
	test_loop_run(t.loop, 20);
	CHECK_INT(t.asked, 1);
	t.waits = 1; /* its second, too */
	let_go();
	test_loop_run(t.loop, 20);
	CHECK_STR(hear(a), STR(DUNNO));
	CHECK_INT(t.n_waiting, 1);
	let_go();
	test_loop_run(t.loop, 20);
	CHECK_STR(hear(a), STR(DUNNO DUNNO));
	t.waits = 2;
	say(b, ASK "\n"); /* it isn't fresh any more */
	say(c, ASK "\n");
	test_loop_run(t.loop, 20);
	CHECK_INT(t.n_waiting, 2);
	close(c);
	test_loop_run(t.loop, 20);
	let_go();
	test_loop_run(t.loop, 20);
	CHECK_STR(hear(b), STR(DUNNO));
	t.waits = 1;
	say(a, ASK "\n");
	test_loop_run(t.loop, 20);
	CHECK_INT(t.n_waiting, 1);
	policy_server_free(&t.server);
	let_go();
	close(a);
	close(b);
	end();
}

TESTS(TEST(waits), TEST(answers_one_and_many), TEST(answers_in_one_line),
    TEST(answers_its_askers_only), TEST(answers_many_at_once),
    TEST(closes_the_broken_only), TEST(closes_the_oversized),
    TEST(closes_the_slow_and_the_idle), TEST(stops_who_does_not_read),
    TEST(goes_on_when_read), TEST(evicts_the_longest_silent),
    TEST(accepts_only_on_duty))
