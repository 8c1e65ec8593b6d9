/* redis_test - against a private redis-server that is frozen and killed */
#include "base/redis.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/sock.h"
#include "base/test.h"
#include "base/time.h"

static char dir[64], sock_path[96], uri[104];
static pid_t server = -1;

static void
exec_server(const char *option, const char *value)
{
	int null = open("/dev/null", O_RDWR);

	/* Dies with the test, however that ends. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(null, 1);
	execlp("redis-server", "redis-server", "--port", "0", "--save", "",
	    "--unixsocket", sock_path, "--dir", dir, option, value,
	    (char *)NULL);
	_exit(127);
}

static bool
start_server(const char *option, const char *value)
{
	if (!*dir) {
		snprintf(dir, sizeof(dir), "/tmp/outpost-redis-XXXXXX");
		if (!mkdtemp(dir))
			return false;
		snprintf(sock_path, sizeof(sock_path), "%s/r", dir);
		snprintf(uri, sizeof(uri), "unix:%s", sock_path);
	}
	server = fork();
	if (server == 0)
		exec_server(option, value);
	for (int i = 0; i < 1000; i++) {
		int fd = sock_connect(uri, NULL);

		if (fd >= 0) {
			close(fd);
			return true;
		}
		if (waitpid(server, NULL, WNOHANG) == server)
			break;
		usleep(10000);
	}
	return false;
}

static void
stop_server(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	server = -1;
}

static void
clean_up(void)
{
	if (server > 0)
		stop_server();
	unlink(sock_path);
	rmdir(dir);
	*dir = '\0';
}

/* What a caller sees. */
struct caller {
	int patience_ms; /* 0: 300 */
	struct loop *l;
	struct redis *r;
	int ups, downs, answers, nulls, stop_at;
	char reason[300], text[100];
	enum redis_type type;
	int64_t integer;
	bool stop_on_up, stop_on_down, must_free;
};

static void
on_state(void *ctx, bool is_up, const char *reason)
{
	struct caller *c = ctx;

	snprintf(c->reason, sizeof(c->reason), "%s", reason);
	if (is_up)
		c->ups++;
	else
		c->downs++;
	if (is_up ? c->stop_on_up : c->stop_on_down)
		loop_stop(c->l);
}

static void
on_reply(void *ctx, const struct redis_reply *reply)
{
	struct caller *c = ctx;

	c->answers++;
	if (!reply) {
		c->nulls++;
	} else {
		c->type = redis_reply_type(reply);
		c->integer = redis_reply_integer(reply);
		snprintf(c->text, sizeof(c->text), "%.*s",
		    STR_ARG(redis_reply_text(reply)));
	}
	if (c->must_free)
		redis_free(&c->r);
	if (c->answers == c->stop_at)
		loop_stop(c->l);
}

static void
ask(struct caller *c, struct str a, struct str b, struct str d)
{
	struct str argv[] = {a, b, d};

	redis_ask(c->r, argv, d.n ? 3 : b.n ? 2 : 1, on_reply, c);
}

static void
ask_and_wait(struct caller *c, struct str a, struct str b, struct str d)
{
	c->stop_at = c->answers + 1;
	ask(c, a, b, d);
	CHECK_INT(c->answers, c->stop_at - 1);
	loop_run(c->l);
}

static void
open_caller(struct caller *c, const char *to)
{
	struct redis_options o = {.uri = to,
	    .connect_timeout_ms = 300,
	    .command_timeout_ms = c->patience_ms ? c->patience_ms : 300,
	    .max_waiting = 100000};
	struct error err = {""};

	c->l = loop_new();
	c->r = redis_new(c->l, &o, on_state, c, &err);
	CHECK(c->r != NULL);
}

static void
close_caller(struct caller *c)
{
	redis_free(&c->r);
	CHECK(!c->r);
	loop_free(&c->l);
}

static void
wait_up(struct caller *c)
{
	c->stop_on_up = true;
	loop_run(c->l);
	c->stop_on_up = false;
	CHECK(redis_is_up(c->r));
}

static bool
begin(struct caller *c)
{
	if (!start_server("--databases", "4")) {
		TEST_SKIP("no redis-server");
		clean_up();
		return false;
	}
	open_caller(c, uri);
	CHECK(!redis_is_up(c->r));
	wait_up(c);
	CHECK_INT(c->ups, 1);
	return true;
}

static void
end(struct caller *c)
{
	close_caller(c);
	clean_up();
}

static void
on_array(void *ctx, const struct redis_reply *reply)
{
	struct caller *c = ctx;

	CHECK_INT(redis_reply_type(reply), REDIS_ARRAY);
	CHECK_INT(redis_reply_count(reply), 2);
	CHECK_STR(redis_reply_text(redis_reply_at(reply, 0)), STR("f\0g"));
	CHECK_STR(redis_reply_text(redis_reply_at(reply, 1)), STR("v\r\n"));
	loop_stop(c->l);
}

static void
asks_and_is_answered(void)
{
	struct caller c = {0};
	struct str many[40];

	if (!begin(&c))
		return;
	ask_and_wait(&c, STR("SET"), STR("k"), STR("5"));
	CHECK_INT(c.type, REDIS_STATUS);
	CHECK_STR(str_from(c.text), STR("OK"));
	ask_and_wait(&c, STR("INCR"), STR("k"), STR(""));
	CHECK_INT(c.type, REDIS_INTEGER);
	CHECK_INT(c.integer, 6);
	ask_and_wait(&c, STR("GET"), STR("k"), STR(""));
	CHECK_INT(c.type, REDIS_STRING);
	CHECK_STR(str_from(c.text), STR("6"));
	ask_and_wait(&c, STR("GET"), STR("absent"), STR(""));
	CHECK_INT(c.type, REDIS_NIL);
	ask_and_wait(&c, STR("HGETALL"), STR("k"), STR(""));
	CHECK_INT(c.type, REDIS_ERROR);
	CHECK(strncmp(c.text, "WRONGTYPE", 9) == 0);
	many[0] = STR("RPUSH");
	many[1] = STR("list");
	for (size_t i = 2; i < 40; i++)
		many[i] = STR("x");
	c.stop_at = c.answers + 1;
	redis_ask(c.r, many, 40, on_reply, &c);
	loop_run(c.l);
	CHECK_INT(c.integer, 38);
	redis_ask(c.r,
	    (struct str[]){STR("HSET"), STR("h"), STR("f\0g"), STR("v\r\n")}, 4,
	    NULL, NULL);
	redis_ask(
	    c.r, (struct str[]){STR("HGETALL"), STR("h")}, 2, on_array, &c);
	loop_run(c.l);
	CHECK_INT(c.nulls, 0);
	CHECK_INT(c.downs, 0);
	end(&c);
}

static void
keeps_the_order_of_many(void)
{
	enum { MANY = 50000 };
	struct caller c = {.patience_ms = 30000};

	if (!begin(&c))
		return;
	c.stop_at = MANY;
	for (int i = 0; i < MANY; i++)
		ask(&c, STR("INCR"), STR("n"), STR(""));
	CHECK_INT(redis_waiting(c.r), MANY);
	loop_run(c.l);
	CHECK_INT(c.integer, MANY);
	CHECK_INT(c.nulls, 0);
	CHECK_INT(redis_waiting(c.r), 0);
	end(&c);
}

static void
answers_null_when_too_many_wait(void)
{
	struct redis_options o = {uri, 300, 300, 4};
	struct caller c = {.stop_at = 6};

	if (!begin(&c))
		return;
	redis_free(&c.r);
	c.r = redis_new(c.l, &o, on_state, &c, NULL);
	wait_up(&c);
	for (int i = 0; i < 6; i++)
		ask(&c, STR("PING"), STR(""), STR(""));
	CHECK_INT(c.answers, 0);
	loop_run(c.l);
	CHECK_INT(c.nulls, 2);
	CHECK(redis_is_up(c.r));
	end(&c);
}

static void
answers_null_when_down(void)
{
	struct caller c = {0};

	open_caller(&c, "unix:/nonexistent/r");
	ask_and_wait(&c, STR("PING"), STR(""), STR(""));
	CHECK_INT(c.nulls, 1);
	c.stop_on_down = true;
	if (c.downs == 0)
		loop_run(c.l);
	CHECK_INT(c.downs, 1);
	CHECK_STR(str_from(c.reason),
	    STR("unix:/nonexistent/r: No such file or directory"));
	ask(&c, STR("PING"), STR(""), STR(""));
	CHECK_INT(c.nulls, 1);
	close_caller(&c);
	CHECK_INT(c.nulls, 2);
	CHECK_INT(c.downs, 1);
}

static void
gives_up_a_frozen_server(void)
{
	struct caller c = {0};

	if (!begin(&c))
		return;
	kill(server, SIGSTOP);
	int64_t start = time_mono_us();

	c.stop_at = 3;
	for (int i = 0; i < 3; i++)
		ask(&c, STR("PING"), STR(""), STR(""));
	loop_run(c.l);
	int64_t took = time_mono_us() - start;

	CHECK(took >= 290000 && took < 3000000);
	CHECK_INT(c.nulls, 3);
	CHECK_INT(c.downs, 1);
	CHECK(strstr(c.reason, "no answer within 300 ms") != NULL);
	CHECK(!redis_is_up(c.r));
	/* Its kernel still takes connections: that is not being up. */
	ask_and_wait(&c, STR("PING"), STR(""), STR(""));
	CHECK_INT(c.nulls, 4);
	usleep(1000);
	kill(server, SIGCONT);
	wait_up(&c);
	ask_and_wait(&c, STR("PING"), STR(""), STR(""));
	CHECK_STR(str_from(c.text), STR("PONG"));
	CHECK_INT(c.ups, 2);
	CHECK_INT(c.downs, 1);
	end(&c);
}

static void
comes_back_after_a_kill(void)
{
	struct caller c = {0};

	if (!begin(&c))
		return;
	kill(server, SIGSTOP);
	c.stop_at = 2;
	ask(&c, STR("PING"), STR(""), STR(""));
	ask(&c, STR("PING"), STR(""), STR(""));
	stop_server();
	loop_run(c.l);
	CHECK_INT(c.nulls, 2);
	CHECK_INT(c.downs, 1);
	CHECK(start_server("--databases", "4"));
	wait_up(&c);
	ask_and_wait(&c, STR("SET"), STR("a"), STR("b"));
	CHECK_STR(str_from(c.text), STR("OK"));
	CHECK_INT(c.ups, 2);
	end(&c);
}

static void
waits_for_a_slow_command(void)
{
	struct caller c = {0};

	if (!begin(&c))
		return;
	c.stop_at = 2;
	redis_ask_slow(c.r,
	    (struct str[]){STR("BLPOP"), STR("nothing"), STR("0.7")}, 3, 700,
	    on_reply, &c);
	ask(&c, STR("PING"), STR(""), STR(""));
	loop_run(c.l);
	CHECK_INT(c.nulls, 0);
	CHECK_STR(str_from(c.text), STR("PONG"));
	/* One that doesn't keep its word is late in the end. */
	redis_ask_slow(c.r,
	    (struct str[]){STR("BLPOP"), STR("nothing"), STR("0")}, 3, 100,
	    on_reply, &c);
	c.stop_at = 3;
	loop_run(c.l);
	CHECK_INT(c.nulls, 1);
	CHECK_INT(c.downs, 1);
	end(&c);
}

static void
takes_masters_only(void)
{
	struct caller c = {.stop_on_down = true};

	if (!start_server("--replicaof", "127.0.0.1 1")) {
		TEST_SKIP("no redis-server");
		clean_up();
		return;
	}
	open_caller(&c, uri);
	loop_run(c.l);
	CHECK_INT(c.ups, 0);
	CHECK(strstr(c.reason, "no master but a slave") ||
	      strstr(c.reason, "MASTERDOWN"));
	end(&c);
}

static void
notices_a_demotion(void)
{
	struct caller c = {.stop_on_down = true};

	if (!begin(&c))
		return;
	ask_and_wait(&c, STR("REPLICAOF"), STR("127.0.0.1"), STR("1"));
	CHECK_STR(str_from(c.text), STR("OK"));
	ask(&c, STR("SET"), STR("a"), STR("b"));
	loop_run(c.l);
	CHECK_INT(c.downs, 1);
	CHECK(strncmp(c.text, "READONLY", 8) == 0);
	CHECK(strstr(c.reason, "no longer a master") != NULL);
	end(&c);
}

static void
logs_in(void)
{
	struct caller c = {0};
	char tcp[64];
	struct error err = {""};
	int probe = sock_listen("inet:127.0.0.1:0", 0, &err);
	int port = sock_port(probe);

	close(probe);
	if (!begin(&c))
		return;
	snprintf(tcp, sizeof(tcp), "%d", port);
	struct str password[] = {
	    STR("CONFIG"), STR("SET"), STR("requirepass"), STR("p@ss")};
	struct str listen[] = {
	    STR("CONFIG"), STR("SET"), STR("port"), str_from(tcp)};

	redis_ask(c.r, listen, 4, NULL, NULL);
	c.stop_at = c.answers + 1;
	redis_ask(c.r, password, 4, on_reply, &c);
	loop_run(c.l);
	CHECK_STR(str_from(c.text), STR("OK"));
	close_caller(&c);

	c = (struct caller){.stop_on_down = true};
	open_caller(&c, uri);
	loop_run(c.l);
	CHECK(strstr(c.reason, "NOAUTH") != NULL);
	close_caller(&c);

	c = (struct caller){.stop_on_down = true};
	snprintf(tcp, sizeof(tcp), "redis://:wrong@127.0.0.1:%d", port);
	open_caller(&c, tcp);
	loop_run(c.l);
	CHECK(strstr(c.reason, "WRONGPASS") && !strstr(c.reason, "wrong@"));
	close_caller(&c);

	c = (struct caller){0};
	snprintf(tcp, sizeof(tcp), "redis://:p%%40ss@localhost:%d/3", port);
	open_caller(&c, tcp);
	wait_up(&c);
	ask_and_wait(&c, STR("SET"), STR("a"), STR("b"));
	CHECK_STR(str_from(c.text), STR("OK"));
	ask_and_wait(&c, STR("CLIENT"), STR("INFO"), STR(""));
	CHECK_INT(c.type, REDIS_STRING);
	end(&c);
}

static void
is_freed_from_inside(void)
{
	struct caller c = {.stop_at = 3};

	if (!begin(&c))
		return;
	for (int i = 0; i < 3; i++)
		ask(&c, STR("PING"), STR(""), STR(""));
	c.must_free = true;
	loop_run(c.l);
	CHECK(!c.r);
	CHECK_INT(c.answers, 3);
	CHECK_INT(c.nulls, 2);
	end(&c);
}

TESTS(TEST(asks_and_is_answered), TEST(keeps_the_order_of_many),
    TEST(answers_null_when_too_many_wait), TEST(answers_null_when_down),
    TEST(gives_up_a_frozen_server), TEST(comes_back_after_a_kill),
    TEST(waits_for_a_slow_command), TEST(takes_masters_only),
    TEST(notices_a_demotion), TEST(logs_in), TEST(is_freed_from_inside))
