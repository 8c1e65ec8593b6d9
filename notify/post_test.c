/* post_test - handed over, refused, or to be tried again; never more than due
 */
#include "notify/post.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/sock.h"
#include "base/test.h"
#include "base/time.h"

/* A server in a child: it answers each line of its kind, and writes what it was
 * told to a file. */
static struct {
	char heard[32], url[64];
	pid_t child;
	struct arena arena;
	struct notify_settings letters;
	struct webhook_settings webhook;
	struct loop *loop;
	struct loop_timer *stop;
	struct fetcher *fetcher;
	int answers;
	enum courier_outcome outcome;
	char why[256];
} t;

static void
say(int fd, const char *words)
{
	if (send(fd, words, strlen(words), MSG_NOSIGNAL) < 0)
		_exit(1);
}

static void
serve_http(int fd, const char *status)
{
	char buf[65536];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	if (n > 0 && write(STDOUT_FILENO, buf, (size_t)n) < 0)
		_exit(1);
	say(fd, "HTTP/1.1 ");
	say(fd, status);
	say(fd, "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

/* rcpt: the reply to RCPT TO. */
static void
serve_smtp(int fd, const char *rcpt)
{
	FILE *in = fdopen(dup(fd), "r");
	char line[4096];
	bool is_data = false;

	say(fd, "220 sink ESMTP\r\n");
	while (in && fgets(line, sizeof(line), in)) {
		fputs(line, stdout);
		fflush(stdout);
		if (is_data) {
			is_data = strcmp(line, ".\r\n") != 0;
			if (!is_data)
				say(fd, "250 2.0.0 Ok\r\n");
		} else if (strncmp(line, "RCPT", 4) == 0) {
			say(fd, rcpt);
		} else if (strncmp(line, "DATA", 4) == 0) {
			is_data = true;
			say(fd, "354 go on\r\n");
		} else {
			say(fd, "250 Ok\r\n");
		}
		if (strncmp(line, "QUIT", 4) == 0)
			break;
	}
	if (in)
		fclose(in);
}

static void
start_server(
    void (*serve)(int, const char *), const char *scheme, const char *reply)
{
	struct error err;
	int listener = sock_listen("inet:127.0.0.1:0", 0, &err);

	strcpy(t.heard, "/tmp/post-XXXXXX");
	int out = mkstemp(t.heard);

	if (listener < 0 || out < 0)
		fatal("no server");
	snprintf(t.url, sizeof(t.url), "%s://127.0.0.1:%d", scheme,
	    sock_port(listener));
	t.child = fork();
	if (t.child == 0) {
		dup2(out, STDOUT_FILENO);
		fcntl(listener, F_SETFL, 0);
		for (;;) {
			int fd = accept(listener, NULL, NULL);

			if (fd < 0)
				_exit(1);
			serve(fd, reply);
			close(fd);
		}
	}
	close(out);
	close(listener);
}

static void
on_stop(void *ctx)
{
	loop_stop(ctx);
}

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	arena_init(&t.arena);
	setting_put_defaults(&notify_settings_table, &t.arena, &t.letters);
	setting_put_defaults(&webhook_settings_table, &t.arena, &t.webhook);
	t.webhook.secret = "s";
	t.letters.letter_timeout = t.webhook.timeout = 5;
	t.loop = loop_new();
	t.stop = loop_timer_new(t.loop, on_stop, t.loop);
	t.fetcher = fetcher_new(t.loop);
}

static void
end(void)
{
	fetcher_free(&t.fetcher);
	loop_timer_free(&t.stop);
	loop_free(&t.loop);
	arena_done(&t.arena);
	if (t.child > 0) {
		kill(t.child, SIGKILL);
		waitpid(t.child, NULL, 0);
		unlink(t.heard);
	}
}

static void
on_done(void *ctx, enum courier_outcome outcome, const char *why)
{
	(void)ctx;
	t.answers++;
	t.outcome = outcome;
	snprintf(t.why, sizeof(t.why), "%s", why ? why : "");
	loop_stop(t.loop);
}

static void
wait_for_answer(void)
{
	CHECK_INT(t.answers, 0); /* never before the call returned */
	loop_timer_in(t.stop, 10 * TIME_US);
	loop_run(t.loop);
	CHECK_INT(t.answers, 1);
}

static struct event
suspension(const char *account)
{
	struct event e = {
	    .type = EVENT_SANCTION,
	    .at_us = 1763764800000000,
	    .node = "0123456789abcdef",
	    .seq = 7,
	    .kind = "account",
	    .rung = "suspended",
	    .until = TIME_NEVER,
	    .reason = ".hidden\n.\nDATA",
	};

	snprintf(e.subject, sizeof(e.subject), "%s", account);
	return e;
}

static bool
heard(const char *words)
{
	static char buf[65536];
	FILE *f = fopen(t.heard, "r");
	size_t n = f ? fread(buf, 1, sizeof(buf) - 1, f) : 0;

	buf[n] = '\0';
	if (f)
		fclose(f);
	return strstr(buf, words) != NULL;
}

static const struct str letter =
    STR_INIT("To: alice@example.com\r\nSubject: x\r\n\r\n.\r\nbody\r\n");

static void
send_letter(const char *reply)
{
	begin();
	start_server(serve_smtp, "smtp", reply);
	t.letters.letter_smtp = t.url;
	CHECK(post_letter(
	    t.fetcher, &t.letters, "alice@example.com", letter, on_done, NULL));
	wait_for_answer();
}

static void
a_letter_is_handed_in(void)
{
	send_letter("250 2.1.5 Ok\r\n");
	CHECK_INT(t.outcome, COURIER_TAKEN);
	CHECK_STR(str_from(t.why), STR(""));
	CHECK(heard("MAIL FROM:<>"));
	CHECK(heard("RCPT TO:<alice@example.com>\r\n"));
	CHECK(heard("\r\nTo: alice@example.com\r\n"));
	CHECK(heard("\r\n\r\n..\r\nbody\r\n.\r\n"));
	end();
}

static void
a_letter_that_is_not_taken(void)
{
	send_letter("550 5.1.1 no such user\r\n");
	CHECK_INT(t.outcome, COURIER_REFUSED);
	CHECK(t.why[0]);
	CHECK(!heard("Subject:"));
	end();
	send_letter("451 4.7.1 later\r\n");
	CHECK_INT(t.outcome, COURIER_FAILED);
	end();
	send_letter("rubbish\r\n");
	CHECK(t.outcome != COURIER_TAKEN);
	end();
}

static void
send_webhook(const char *reply)
{
	const struct event e = suspension("alice@example.com");

	begin();
	start_server(serve_http, "http", reply);
	t.webhook.url = t.url;
	CHECK(post_webhook(t.fetcher, &t.webhook, &e, 5, on_done, NULL));
	wait_for_answer();
}

static void
a_webhook_is_posted(void)
{
	send_webhook("204 No Content");
	CHECK_INT(t.outcome, COURIER_TAKEN);
	CHECK(heard("POST / HTTP/1.1\r\n"));
	CHECK(heard("Outpost-Id: 1763764800000000-"));
	CHECK(heard("Outpost-Signature: t=5,v1="));
	CHECK(heard("\r\n\r\n{\"version\":1,\"id\":\"1763764800000000-"));
	end();
}

static void
a_webhook_that_is_not_taken(void)
{
	static const char *const replies[] = {"500 x", "404 x", "301 x", "x"};

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		send_webhook(replies[i]);
		CHECK_INT(t.outcome, COURIER_FAILED);
		CHECK(t.why[0]);
		end();
	}
}

static void
nobody_listens(void)
{
	begin();
	t.letters.letter_smtp = "smtp://127.0.0.1:1";
	CHECK(post_letter(
	    t.fetcher, &t.letters, "alice@example.com", letter, on_done, NULL));
	wait_for_answer();
	CHECK_INT(t.outcome, COURIER_FAILED);
	CHECK(t.why[0]);
	end();
}

static void
what_is_not_due_is_not_sent(void)
{
	struct event e;

	begin();
	t.webhook.url = "http://127.0.0.1:1";
	e = suspension("alice@example.com");
	e.type = EVENT_WARNING;
	CHECK(!post_webhook(t.fetcher, &t.webhook, &e, 5, on_done, NULL));
	loop_timer_in(t.stop, 20000);
	loop_run(t.loop);
	CHECK_INT(t.answers, 0);
	end();
}

TESTS(TEST(a_letter_is_handed_in), TEST(a_letter_that_is_not_taken),
    TEST(a_webhook_is_posted), TEST(a_webhook_that_is_not_taken),
    TEST(nobody_listens), TEST(what_is_not_due_is_not_sent))
