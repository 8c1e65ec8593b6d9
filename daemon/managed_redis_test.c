/* managed_redis_test - starting, watching, adopting and stopping a server */
#include "daemon/managed_redis.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "base/redis.h"
#include "base/sock.h"
#include "base/test.h"
#include "base/time.h"

static char dir[64];
static pid_t guard;
static int guard_pipe[2];

static const char *
file(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static pid_t
server_pid(void)
{
	char address[160];
	uid_t uid;
	gid_t gid;
	pid_t pid = 0;

	snprintf(address, sizeof(address), "unix:%s", file("redis.sock"));
	int fd = sock_connect(address, NULL);

	if (fd >= 0 && sock_peer(fd, &uid, &gid, &pid) < 0)
		pid = 0;
	close(fd);
	return pid;
}

/* However the test ends: its server is killed, its directory removed. */
static void
watch_over(void)
{
	char command[128], c;
	pid_t pid;

	close(guard_pipe[1]);
	while (read(guard_pipe[0], &c, 1) > 0)
		;
	while ((pid = server_pid()) > 0 && kill(pid, SIGKILL) == 0)
		usleep(10000);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	_exit(system(command) != 0);
}

static bool
make_dir(void)
{
	int null = open("/dev/null", O_WRONLY);

	if (system("redis-server --version >/dev/null 2>&1") != 0) {
		TEST_SKIP("no redis-server");
		return false;
	}
	snprintf(dir, sizeof(dir), "/tmp/outpost-managed-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(pipe2(guard_pipe, O_CLOEXEC), 0);
	log_init("test", LOG_LEVEL_ERROR, 0);
	guard = fork();
	if (guard == 0) {
		dup2(null, 1);
		dup2(null, 2);
		watch_over();
	}
	close(guard_pipe[0]);
	close(null);
	return true;
}

static void
remove_dir(void)
{
	close(guard_pipe[1]);
	waitpid(guard, NULL, 0);
	CHECK(access(dir, F_OK) != 0);
}

struct host {
	struct loop *l;
	struct managed_redis *m;
	struct redis *r;
	int starts, ends, ups, stops, stop_at_starts;
	char text[200];
};

static void
on_change(void *ctx, bool is_running)
{
	struct host *h = ctx;

	if (is_running)
		h->starts++;
	else
		h->ends++;
	if (is_running && h->starts == h->stop_at_starts)
		loop_stop(h->l);
}

static void
on_state(void *ctx, bool is_up, const char *reason)
{
	struct host *h = ctx;

	(void)reason;
	h->ups += is_up;
	if (is_up)
		loop_stop(h->l);
}

static void
on_reply(void *ctx, const struct redis_reply *reply)
{
	struct host *h = ctx;

	snprintf(h->text, sizeof(h->text), "none");
	if (reply && redis_reply_count(reply) == 2)
		reply = redis_reply_at(reply, 1);
	if (reply)
		snprintf(h->text, sizeof(h->text), "%.*s",
		    STR_ARG(redis_reply_text(reply)));
	loop_stop(h->l);
}

static void
on_stopped(void *ctx)
{
	struct host *h = ctx;

	h->stops++;
	loop_stop(h->l);
}

static void
on_turn(void *ctx)
{
	loop_stop(ctx);
}

static void
run_for(struct loop *l, int64_t us)
{
	struct loop_timer *t = loop_timer_new(l, on_turn, l);

	loop_timer_in(t, us);
	loop_run(l);
	loop_timer_free(&t);
}

static void
open_host(struct host *h, const char *program)
{
	struct managed_redis_options o = {
	    .program = program, .dir = dir, .stop_timeout_ms = 500};
	struct error err = {""};

	memset(h, 0, sizeof(*h));
	h->l = loop_new();
	h->m = managed_redis_new(h->l, &o, on_change, h, &err);
	if (!h->m)
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

static void
wait_up(struct host *h)
{
	struct redis_options o = {managed_redis_uri(h->m), 1000, 2000, 100};

	h->r = redis_new(h->l, &o, on_state, h, NULL);
	loop_run(h->l);
	CHECK(redis_is_up(h->r));
}

static void
close_host(struct host *h)
{
	redis_free(&h->r);
	managed_redis_free(&h->m);
	loop_free(&h->l);
}

static void
stop(struct host *h)
{
	redis_free(&h->r);
	managed_redis_stop(h->m, on_stopped, h);
	CHECK_INT(h->stops, 0);
	loop_run(h->l);
	CHECK_INT(h->stops, 1);
	CHECK_INT(managed_redis_pid(h->m), 0);
	CHECK_INT(server_pid(), 0);
}

static void
check_ask(
    struct host *h, struct str a, struct str b, struct str c, struct str want)
{
	struct str argv[] = {a, b, c};

	redis_ask(h->r, argv, c.n ? 3 : 2, on_reply, h);
	loop_run(h->l);
	CHECK_STR(str_from(h->text), want);
}

static void
keeps_data_over_a_stop(void)
{
	struct stat st;
	struct host h;

	if (!make_dir())
		return;
	open_host(&h, "redis-server");
	CHECK_INT(h.starts, 0);
	wait_up(&h);
	CHECK_INT(h.starts, 1);
	CHECK_INT(server_pid(), managed_redis_pid(h.m));
	CHECK_INT(stat(file("redis.sock"), &st), 0);
	CHECK_INT(st.st_mode & 07777, 0770);
	CHECK_INT(stat(dir, &st), 0);
	CHECK_INT(st.st_mode & 07777, 0700);
	check_ask(&h, STR("CONFIG"), STR("GET"), STR("maxmemory-policy"),
	    STR("noeviction"));
	check_ask(&h, STR("CONFIG"), STR("GET"), STR("hash-max-listpack-value"),
	    STR("65536"));
	check_ask(
	    &h, STR("CONFIG"), STR("GET"), STR("appendfsync"), STR("everysec"));
	check_ask(&h, STR("CONFIG"), STR("GET"), STR("appendonly"), STR("yes"));
	check_ask(&h, STR("SET"), STR("kept"), STR("yes"), STR("OK"));
	stop(&h);
	CHECK_INT(h.ends, 0); /* it was told to */
	close_host(&h);

	open_host(&h, "redis-server");
	wait_up(&h);
	check_ask(&h, STR("GET"), STR("kept"), STR(""), STR("yes"));
	stop(&h);
	close_host(&h);
	remove_dir();
}

static void
starts_again_what_was_killed(void)
{
	struct host h;

	if (!make_dir())
		return;
	open_host(&h, "redis-server");
	wait_up(&h);
	pid_t first = managed_redis_pid(h.m);

	CHECK_INT(kill(first, SIGKILL), 0);
	loop_run(h.l); /* until it is up again */
	CHECK_INT(h.ups, 2);
	CHECK_INT(h.starts, 2);
	CHECK_INT(h.ends, 1);
	CHECK(managed_redis_pid(h.m) > 0);
	CHECK(managed_redis_pid(h.m) != first);
	stop(&h);
	close_host(&h);
	remove_dir();
}

/* An outpostd that is killed with SIGKILL when its server runs. */
static void
die_with_a_server(void)
{
	struct host h;

	open_host(&h, "redis-server");
	wait_up(&h);
	check_ask(&h, STR("SET"), STR("from"), STR("before"), STR("OK"));
	raise(SIGKILL);
}

static void
adopts_a_running_one(void)
{
	struct host h, second;
	int status;

	if (!make_dir())
		return;
	pid_t old = fork();

	if (old == 0)
		die_with_a_server();
	CHECK_INT(waitpid(old, &status, 0), old);
	CHECK(WIFSIGNALED(status));
	pid_t orphan = server_pid();

	CHECK(orphan > 0);
	open_host(&h, "redis-server");
	wait_up(&h);
	CHECK_INT(managed_redis_pid(h.m), orphan);
	check_ask(&h, STR("GET"), STR("from"), STR(""), STR("before"));

	/* Another one takes no second server to the directory either. */
	open_host(&second, "redis-server");
	wait_up(&second);
	CHECK_INT(managed_redis_pid(second.m), orphan);
	close_host(&second);

	CHECK_INT(kill(orphan, SIGKILL), 0);
	loop_run(h.l);
	CHECK_INT(h.starts, 2);
	CHECK(managed_redis_pid(h.m) != orphan);
	close_host(&h); /* leaves it */
	orphan = server_pid();
	CHECK(orphan > 0);
	open_host(&h, "redis-server");
	wait_up(&h);
	CHECK_INT(managed_redis_pid(h.m), orphan);
	stop(&h); /* also an adopted one */
	close_host(&h);
	remove_dir();
}

static void
kills_what_does_not_stop(void)
{
	struct host h;

	if (!make_dir())
		return;
	open_host(&h, "redis-server");
	wait_up(&h);
	kill(managed_redis_pid(h.m), SIGSTOP);
	int64_t start = time_mono_us();

	stop(&h);
	CHECK(time_mono_us() - start >= 400000);
	CHECK(time_mono_us() - start < 5000000);
	close_host(&h);
	remove_dir();
}

static void
never_runs_two_on_one_directory(void)
{
	struct host h;

	if (!make_dir())
		return;
	int lock = open(file("redis.lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	/* As a server that is dying, or not yet listening. */
	CHECK_INT(flock(lock, LOCK_EX), 0);
	open_host(&h, "redis-server");
	run_for(h.l, 400000);
	CHECK_INT(h.starts, 0);
	CHECK_INT(managed_redis_pid(h.m), 0);
	close(lock);
	wait_up(&h);
	CHECK_INT(h.starts, 1);
	stop(&h);
	close_host(&h);
	remove_dir();
}

static void
lives_without_a_server(void)
{
	struct managed_redis_options bad = {.program = "x", .dir = "relative"};
	struct error err = {""};
	struct host h;

	if (!make_dir())
		return;
	open_host(&h, "/nonexistent/redis-server");
	run_for(h.l, 200000);
	CHECK_INT(h.starts, 0);
	stop(&h);
	close_host(&h);
	open_host(&h, "/bin/false"); /* ends at once, each time */
	run_for(h.l, 500000);
	CHECK(h.starts >= 2 && h.starts <= 4);
	CHECK(h.ends >= 2);
	stop(&h);
	close_host(&h);
	h.l = loop_new();
	CHECK(!managed_redis_new(h.l, &bad, NULL, NULL, &err));
	CHECK(strstr(err.text, "absolute") != NULL);
	loop_free(&h.l);
	remove_dir();
}

TESTS(TEST(keeps_data_over_a_stop), TEST(starts_again_what_was_killed),
    TEST(adopts_a_running_one), TEST(kills_what_does_not_stop),
    TEST(never_runs_two_on_one_directory), TEST(lives_without_a_server))
