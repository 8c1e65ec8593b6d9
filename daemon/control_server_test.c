/* control_server_test - who asks, and what a bad asker costs: nothing */
#include "daemon/control_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/test.h"
#include "base/test_loop.h"

#define ASK "{\"command\":\"status\"}\n"

static struct {
	char dir[32], path[64], address[80];
	struct loop *loop;
	struct control_server *server;
	struct setting_list admins;
	int asked;
	bool may_change;
	char user[65];
	size_t reply;
	bool is_order;
	loop_fn *settled;
	void *settled_ctx;
} t;

static void
on_request(
    void *ctx, const struct control_request *q, struct control_reply *reply)
{
	(void)ctx;
	t.asked++;
	t.may_change = q->may_change;
	snprintf(t.user, sizeof(t.user), "%s", q->user);
	text_pad(&reply->out, 'x', t.reply);
	reply->is_order = t.is_order;
}

static void
on_settle(void *ctx, loop_fn *done, void *done_ctx)
{
	(void)ctx;
	t.settled = done;
	t.settled_ctx = done_ctx;
}

static void
begin_for(const char *const *admins, size_t n, int timeout_ms)
{
	struct error err;

	memset(&t, 0, sizeof(t));
	t.reply = 2;
	strcpy(t.dir, "/tmp/outpost-control.XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	chmod(t.dir, 0755);
	snprintf(t.path, sizeof(t.path), "%s/s", t.dir);
	snprintf(t.address, sizeof(t.address), "unix:%s", t.path);
	const struct control_options o = {
	    .path = t.path,
	    .group = "no such group",
	    .admins = {admins, n},
	    .timeout_us = timeout_ms * 1000LL,
	    .settle = on_settle,
	};

	t.loop = loop_new();
	t.server = control_server_new(t.loop, &o, on_request, NULL, &err);
	if (!t.server)
		fatal("%s", err.text);
}

static void
begin(const char *const *admins, size_t n)
{
	begin_for(admins, n, 30000);
}

static void
end(void)
{
	control_server_free(&t.server);
	CHECK(access(t.path, F_OK) != 0);
	loop_free(&t.loop);
	rmdir(t.dir);
}

static int
dial(void)
{
	struct error err;
	int fd = sock_connect(t.address, &err);

	if (fd < 0)
		fatal("%s", err.text);
	return fd;
}

static void
say(int fd, const char *words)
{
	CHECK(send(fd, words, strlen(words), MSG_NOSIGNAL) ==
	      (ssize_t)strlen(words));
}

/* What is there to read, "EOF" at the end of the connection. */
static struct str
hear(int fd)
{
	static char buf[1 << 18];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	return n == 0 ? STR("EOF") : n < 0 ? STR("") : str_make(buf, (size_t)n);
}

/* The same, as soon as there is something. */
static struct str
answer(int fd)
{
	struct str got = hear(fd);
	int ms = 0;

	while (got.n == 0 && test_loop_wait(t.loop, &ms))
		got = hear(fd);
	return got;
}

static void
run_until_asked(void)
{
	int ms = 0;

	while (t.asked == 0 && test_loop_wait(t.loop, &ms))
		;
	CHECK_INT(t.asked, 1);
}

static void
one_question_one_answer(void)
{
	begin(NULL, 0);
	int fd = dial();

	say(fd, "{\"comm");
	test_loop_run(t.loop, 5);
	CHECK_STR(hear(fd), STR(""));
	say(fd, "and\":\"status\"}");
	test_loop_run(t.loop, 5);
	CHECK_INT(t.asked, 0);
	say(fd, "\n" ASK ASK);
	test_loop_run(t.loop, 5);
	CHECK_STR(
	    answer(fd), STR("{\"exit\":0,\"out\":\"xx\",\"err\":\"\"}\n"));
	CHECK_STR(answer(fd), STR("EOF"));
	CHECK_INT(t.asked, 1);
	close(fd);
	end();
}

static void
orders_are_answered_when_they_hold(void)
{
	begin(NULL, 0);
	int fd = dial();

	t.is_order = true;
	say(fd, ASK);
	run_until_asked();
	CHECK_STR(hear(fd), STR(""));
	t.settled(t.settled_ctx);
	test_loop_run(t.loop, 5);
	CHECK_STR(
	    answer(fd), STR("{\"exit\":0,\"out\":\"xx\",\"err\":\"\"}\n"));
	CHECK_STR(answer(fd), STR("EOF"));
	close(fd);
	end();
	/* Too late for the asker. */
	begin_for(NULL, 0, 500);
	t.is_order = true;
	fd = dial();
	say(fd, ASK);
	run_until_asked();
	CHECK_STR(answer(fd), STR("EOF"));
	t.settled(t.settled_ctx);
	close(fd);
	end();
}

static void
bad_questions(void)
{
	static char big[CONTROL_REQUEST + 100];

	begin(NULL, 0);
	int fd = dial();

	say(fd, "rubbish\n");
	test_loop_run(t.loop, 5);
	CHECK(str_starts(answer(fd), STR("{\"exit\":2,\"out\":\"\",\"err\":")));
	close(fd);
	fd = dial();
	memset(big, 'x', sizeof(big));
	for (size_t sent = 0; sent < sizeof(big);) {
		ssize_t n = send(fd, big + sent, sizeof(big) - sent,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0)
			break;
		sent += (size_t)n;
		test_loop_run(t.loop, 1);
	}
	test_loop_run(t.loop, 5);
	CHECK(str_find(answer(fd), STR("longer than")) > 0);
	close(fd);
	/* Gone before an answer, and before a question. */
	fd = dial();
	say(fd, ASK);
	close(fd);
	close(dial());
	run_until_asked();
	end();
}

static void
slow_askers_are_closed(void)
{
	begin_for(NULL, 0, 1000);
	int fd = dial();

	say(fd, "{");
	test_loop_run(t.loop, 100);
	CHECK_STR(hear(fd), STR(""));
	CHECK_STR(answer(fd), STR("EOF"));
	close(fd);
	/* Who asks and never reads. */
	t.reply = 8 << 20;
	fd = dial();
	say(fd, ASK);
	test_loop_run(t.loop, 2500);
	while (hear(fd).n > 3)
		;
	CHECK_STR(answer(fd), STR("EOF"));
	close(fd);
	end();
}

static void
huge_answers_arrive(void)
{
	size_t n = 0;
	struct str got;

	begin_for(NULL, 0, 30000);
	t.reply = 8 << 20;
	int fd = dial();

	say(fd, ASK);
	for (int i = 0; i < 10000; i++) {
		test_loop_run(t.loop, 1);
		got = hear(fd);
		if (str_is(got, STR("EOF")))
			break;
		n += got.n;
	}
	CHECK_INT(
	    n, t.reply + strlen("{\"exit\":0,\"out\":\"\",\"err\":\"\"}\n"));
	close(fd);
	end();
}

static int
count_closed(const int *fd, int n)
{
	int n_closed = 0;

	for (int i = 0; i < n; i++)
		n_closed += str_is(hear(fd[i]), STR("EOF"));
	return n_closed;
}

static void
too_many_connections(void)
{
	int fd[70], ms = 0;

	begin(NULL, 0);
	for (int i = 0; i < 70; i++) {
		fd[i] = dial();
		test_loop_run(t.loop, 1);
	}
	test_loop_run(t.loop, 10);
	while (count_closed(fd, 70) < 6 && test_loop_wait(t.loop, &ms))
		;
	CHECK_INT(count_closed(fd, 70), 6);
	for (int i = 0; i < 70; i++)
		close(fd[i]);
	test_loop_run(t.loop, 10);
	fd[0] = dial();
	say(fd[0], ASK);
	run_until_asked();
	close(fd[0]);
	end();
}

static void
ask_as(uid_t uid)
{
	if (seteuid(uid) != 0)
		fatal("can't be %u", (unsigned)uid);
	int fd = dial(), before = t.asked, ms = 0;

	if (seteuid(0) != 0)
		fatal("can't be root again");
	say(fd, ASK);
	while (t.asked == before && test_loop_wait(t.loop, &ms))
		;
	close(fd);
}

/* Root, and who is named, may change; the names may change too. */
static void
the_socket_knows_who_asks(void)
{
	char *name = str_dup(STR("nobody"));
	const char *v[] = {name};
	const struct setting_list nobody = {v, 1}, none = {NULL, 0};

	if (geteuid() != 0) {
		TEST_SKIP("needs root");
		return;
	}
	begin(NULL, 0);
	chmod(t.path, 0666);
	ask_as(0);
	CHECK(t.may_change);
	CHECK_STR(str_from(t.user), STR("root"));
	ask_as(65534);
	CHECK(!t.may_change);
	CHECK_STR(str_from(t.user), STR("nobody"));
	control_server_set_admins(t.server, &nobody);
	memset(name, 'x', 6);
	free(name);
	ask_as(65534);
	CHECK(t.may_change);
	ask_as(54321);
	CHECK(!t.may_change);
	CHECK_STR(str_from(t.user), STR("uid:54321"));
	control_server_set_admins(t.server, &none);
	ask_as(65534);
	CHECK(!t.may_change);
	end();
}

TESTS(TEST(one_question_one_answer), TEST(orders_are_answered_when_they_hold),
    TEST(bad_questions), TEST(slow_askers_are_closed),
    TEST(huge_answers_arrive), TEST(too_many_connections),
    TEST(the_socket_knows_who_asks))
