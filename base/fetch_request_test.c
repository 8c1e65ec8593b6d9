/* fetch_request_test - a letter to a server that takes its time
 *
 * The server may be a Postfix that asks our own policy service before it
 * answers: the loop must go on.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fetch.h"
#include "base/loop.h"
#include "base/sock.h"
#include "base/test.h"
#include "base/text.h"
#include "base/time.h"

enum { THINKS_US = 1000 * 1000 };

struct sender {
	struct loop *loop;
	struct fetcher *fetcher;
	struct loop_timer *tick;
	int64_t last_us, longest_us;
	int answers, status;
	bool is_cancelled;
	pid_t server;
};

static void
put(int fd, const char *z)
{
	if (write(fd, z, strlen(z)) < 0)
		_exit(0);
}

/* Answers each line; thinks about the end of data. */
static void
serve(int fd)
{
	char buf[8192];
	bool is_data = false;
	ssize_t n;

	put(fd, "220 test\r\n");
	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		struct str s = str_make(buf, (size_t)n);

		if (is_data && !str_ends(s, STR(".\r\n")))
			continue;
		if (is_data)
			usleep(THINKS_US);
		is_data = !is_data && str_starts(s, STR("DATA"));
		put(fd, is_data ? "354 go\r\n" : "250 2.0.0 Ok\r\n");
	}
	_exit(0);
}

static void
on_tick(void *ctx)
{
	struct sender *s = ctx;
	int64_t now_us = time_mono_us();

	if (s->last_us && now_us - s->last_us > s->longest_us)
		s->longest_us = now_us - s->last_us;
	s->last_us = now_us;
}

static void
on_done(void *ctx, const struct fetch_result *r)
{
	struct sender *s = ctx;

	s->answers++;
	s->status = r->status;
	s->is_cancelled = r->error && strcmp(r->error, "cancelled") == 0;
	loop_stop(s->loop);
}

static void
begin(struct sender *s)
{
	static const char *const rcpt[] = {"a@example.com", NULL};
	struct error err = {""};
	char url[64];
	struct text t;
	int listener = sock_listen("inet:127.0.0.1:0", 0, &err);

	memset(s, 0, sizeof(*s));
	text_init(&t, url, sizeof(url));
	text_printf(&t, "smtp://127.0.0.1:%d", sock_port(listener));
	s->server = fork();
	if (s->server == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fcntl(listener, F_SETFL, 0);
		serve(accept(listener, NULL, NULL));
	}
	close(listener);
	s->loop = loop_new();
	s->fetcher = fetcher_new(s->loop);
	s->tick = loop_timer_new(s->loop, on_tick, s);
	loop_timer_every(s->tick, 10000);
	const struct fetch_request q = {.url = url,
	    .mail_from = "",
	    .mail_rcpt = rcpt,
	    .body = STR("Subject: x\n\nHello\n"),
	    .timeout_ms = 20000};

	CHECK(fetch_start(s->fetcher, &q, on_done, s, &err));
}

static void
end(struct sender *s)
{
	loop_timer_free(&s->tick);
	fetcher_free(&s->fetcher);
	loop_free(&s->loop);
	kill(s->server, SIGKILL);
	waitpid(s->server, NULL, 0);
}

static void
the_loop_goes_on(void)
{
	struct sender s;

	begin(&s);
	loop_run(s.loop);
	CHECK_INT(s.answers, 1);
	CHECK_INT(s.status, 250);
	CHECK(s.longest_us < THINKS_US * 3 / 4);
	end(&s);
}

static void
cancel(void *ctx)
{
	struct sender *s = ctx;

	fetcher_free(&s->fetcher);
}

static void
cancels_at_once(void)
{
	struct sender s;
	int64_t begun_us = time_mono_us();

	begin(&s);
	struct loop_timer *later = loop_timer_new(s.loop, cancel, &s);

	loop_timer_in(later, 100000);
	loop_run(s.loop);
	CHECK_INT(s.answers, 1);
	CHECK(s.is_cancelled);
	CHECK(time_mono_us() - begun_us < THINKS_US * 3 / 4);
	loop_timer_free(&later);
	end(&s);
}

TESTS(TEST(the_loop_goes_on), TEST(cancels_at_once))
