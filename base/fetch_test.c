/* fetch_test - against small servers of its own */
#include "base/fetch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/sock.h"
#include "base/test.h"
#include "base/time.h"

enum { REQUEST_MAX = 8192 };

/* Servers: a process each, one child per connection. */

static pid_t server;
static int port;

static void
put(int fd, const char *z)
{
	size_t n = strlen(z);

	while (n > 0) {
		ssize_t did = write(fd, z, n);

		if (did <= 0)
			_exit(0);
		z += did;
		n -= (size_t)did;
	}
}

/* Reads until `end` stands at the end; 0 when the peer has gone. */
static size_t
get(int fd, char *buf, const char *end)
{
	size_t n = 0;
	ssize_t did;

	while (n + 1 < REQUEST_MAX &&
	       (did = read(fd, buf + n, REQUEST_MAX - 1 - n)) > 0) {
		n += (size_t)did;
		buf[n] = '\0';
		if (str_ends(str_make(buf, n), str_from(end)))
			return n;
	}
	return 0;
}

typedef void serve_fn(int fd, char *request);

static void
serve_echo(int fd, char *request)
{
	char head[128];
	size_t n;

	while ((n = get(fd, request, "\r\n\r\n")) > 0) {
		snprintf(head, sizeof(head),
		    "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);
		put(fd, head);
		put(fd, request);
	}
}

/* Bodies in these tests end in a full stop. */
static void
serve_echo_post(int fd, char *request)
{
	if (get(fd, request, ".") > 0) {
		put(fd, "HTTP/1.0 503 Busy\r\n\r\n");
		put(fd, request);
	}
}

static void
serve_redirect(int fd, char *request)
{
	if (get(fd, request, "\r\n\r\n") > 0)
		put(fd, "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
			"Content-Length: 4\r\n\r\nhere");
}

static void
serve_big(int fd, char *request)
{
	if (get(fd, request, "\r\n\r\n") == 0)
		return;
	put(fd, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 200000; i++)
		put(fd, "0123456789");
}

static void
serve_never(int fd, char *request)
{
	while (read(fd, request, REQUEST_MAX) > 0)
		;
}

static void
serve_slowly(int fd, char *request)
{
	if (get(fd, request, "\r\n\r\n") == 0)
		return;
	usleep(20000);
	put(fd, "HTTP/1.0 204 Fine\r\n\r\n");
}

static int transcript[2];

static void
serve_smtp(int fd, char *line)
{
	put(fd, "220 test ESMTP\r\n");
	while (get(fd, line, "\r\n") > 0) {
		struct str s = str_from(line);

		put(transcript[1], line);
		if (str_starts(s, STR("DATA"))) {
			put(fd, "354 go\r\n");
			if (get(fd, line, "\r\n.\r\n") == 0)
				return;
			put(transcript[1], line);
			put(fd, "250 2.0.0 Ok: queued as ABC\r\n");
		} else if (str_starts(s, STR("EHLO"))) {
			put(fd, "250-test\r\n250 8BITMIME\r\n");
		} else if (str_starts(s, STR("RCPT TO:<no@"))) {
			put(fd, "550 5.1.1 no such user\r\n");
		} else if (str_starts(s, STR("QUIT"))) {
			serve_never(fd, line); /* rude */
		} else {
			put(fd, "250 2.1.0 Ok\r\n");
		}
	}
}

static void
serve_all(int listener, serve_fn *serve)
{
	static char request[REQUEST_MAX];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve(fd, request);
			_exit(0);
		}
		close(fd);
	}
}

struct caller {
	struct loop *l;
	struct fetcher *f;
	int answers, stop_at, status, errors;
	bool is_cut, must_free;
	char body[REQUEST_MAX], error[800], url[128];
	size_t body_n;
};

static void
on_done(void *ctx, const struct fetch_result *r)
{
	struct caller *c = ctx;

	c->answers++;
	c->status = r->status;
	c->is_cut = r->is_cut;
	c->body_n = r->body.n;
	snprintf(c->body, sizeof(c->body), "%.*s", STR_ARG(r->body));
	snprintf(c->error, sizeof(c->error), "%s", r->error ? r->error : "");
	c->errors += r->error != NULL;
	if (c->must_free)
		fetcher_free(&c->f);
	if (c->answers == c->stop_at)
		loop_stop(c->l);
}

static void
begin(struct caller *c, serve_fn *serve)
{
	struct error err = {""};
	int listener = sock_listen("inet:127.0.0.1:0", 0, &err);

	unsetenv("http_proxy");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	port = sock_port(listener);
	/* The children wait in accept. */
	server = serve ? fork() : 0;
	if (serve && server == 0) {
		fcntl(listener, F_SETFL, 0);
		serve_all(listener, serve);
	}
	close(listener);
	memset(c, 0, sizeof(*c));
	c->l = loop_new();
	c->f = fetcher_new(c->l);
}

static void
end(struct caller *c)
{
	fetcher_free(&c->f);
	loop_free(&c->l);
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	server = 0;
}

static void
start(struct caller *c, const char *scheme, struct fetch_request q)
{
	struct error err = {""};

	snprintf(
	    c->url, sizeof(c->url), "%s://127.0.0.1:%d/path?q", scheme, port);
	q.url = c->url;
	int before = c->answers;

	if (!fetch_start(c->f, &q, on_done, c, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK_INT(c->answers, before);
}

static void
run(struct caller *c, const char *scheme, struct fetch_request q)
{
	c->stop_at = c->answers + 1;
	start(c, scheme, q);
	loop_run(c->l);
}

static bool
has(const char *in, const char *part)
{
	if (strstr(in, part))
		return true;
	printf("in: %s\n", in);
	return false;
}

static void
gets(void)
{
	const char *headers[] = {"X-One: 1", "Accept: text/plain", NULL};
	struct caller c;

	begin(&c, serve_echo);
	run(&c, "http", (struct fetch_request){.headers = headers});
	CHECK_STR(str_from(c.error), STR(""));
	CHECK_INT(c.status, 200);
	CHECK(has(c.body, "GET /path?q HTTP/1.1\r\n"));
	CHECK(has(c.body, "X-One: 1\r\n"));
	CHECK(has(c.body, "User-Agent: outpost/"));
	run(&c, "http", (struct fetch_request){.method = "DELETE"});
	CHECK(has(c.body, "DELETE /path?q HTTP/1.1\r\n"));
	run(&c, "http", (struct fetch_request){.method = "HEAD"});
	CHECK_INT(c.status, 200);
	CHECK_INT(c.body_n, 0);
	end(&c);
}

static void
posts(void)
{
	const char *headers[] = {"Content-Type: application/json", NULL};
	struct caller c;

	begin(&c, serve_echo_post);
	run(&c, "http",
	    (struct fetch_request){
		.body = STR("{\"a\":1}."), .headers = headers});
	CHECK_INT(c.status, 503);
	CHECK_INT(c.errors, 0);
	CHECK(has(c.body, "POST /path?q"));
	CHECK(has(c.body, "Content-Length: 8\r\n"));
	CHECK(has(c.body, "Content-Type: application/json\r\n"));
	CHECK(has(c.body, "\r\n\r\n{\"a\":1}."));
	run(&c, "http",
	    (struct fetch_request){.body = STR("x."), .method = "PUT"});
	CHECK(has(c.body, "PUT /path?q"));
	end(&c);
}

static void
follows_no_redirect(void)
{
	struct caller c;

	begin(&c, serve_redirect);
	run(&c, "http", (struct fetch_request){0});
	CHECK_INT(c.status, 302);
	CHECK_STR(str_from(c.body), STR("here"));
	CHECK_STR(str_from(c.error), STR(""));
	end(&c);
}

static void
cuts_a_big_answer(void)
{
	struct caller c;

	begin(&c, serve_big);
	run(&c, "http", (struct fetch_request){.max_bytes = 1234});
	CHECK_INT(c.status, 200);
	CHECK_INT(c.body_n, 1234);
	CHECK(c.is_cut);
	CHECK_STR(str_from(c.error), STR(""));
	run(&c, "http", (struct fetch_request){.max_bytes = 2000000});
	CHECK_INT(c.body_n, 2000000);
	CHECK(!c.is_cut);
	end(&c);
}

static void
says_what_went_wrong(void)
{
	struct caller c;
	int64_t begun;

	begin(&c, NULL); /* nobody listens there now */
	run(&c, "http", (struct fetch_request){0});
	CHECK_INT(c.status, 0);
	CHECK(has(c.error, "connect"));
	end(&c);

	begin(&c, serve_never);
	begun = time_mono_us();
	run(&c, "http", (struct fetch_request){.timeout_ms = 200});
	CHECK(time_mono_us() - begun < 3000000);
	CHECK_INT(c.status, 0);
	CHECK(has(c.error, "timed out"));
	end(&c);

	begin(&c, serve_echo);
	run(&c, "https", (struct fetch_request){.timeout_ms = 2000});
	CHECK_INT(c.status, 0);
	CHECK(*c.error);
	end(&c);
}

static void
check_refused(struct caller *c, struct fetch_request q, const char *part)
{
	struct error err = {""};

	CHECK(!fetch_start(c->f, &q, on_done, c, &err));
	CHECK(has(err.text, part));
}

static void
refuses_bad_requests(void)
{
	const char *split[] = {"X: a\r\nY: b", NULL};
	const char *rcpt[] = {"a@example.com", NULL};
	const char *bad_rcpt[] = {"a@example.com>\r\nRCPT TO:<b", NULL};
	struct caller c;

	begin(&c, NULL);
	check_refused(&c, (struct fetch_request){.url = ""}, "bad URL");
	check_refused(&c, (struct fetch_request){.url = "h/x"}, "bad URL");
	check_refused(
	    &c, (struct fetch_request){.url = "file:///etc/passwd"}, "only");
	check_refused(
	    &c, (struct fetch_request){.url = "ftp://h/"}, "only http");
	check_refused(
	    &c, (struct fetch_request){.url = "http://h/\nx"}, "bad URL");
	check_refused(&c,
	    (struct fetch_request){.url = "http://h/", .headers = split},
	    "control character");
	check_refused(&c,
	    (struct fetch_request){.url = "http://h/", .method = "GET /"},
	    "method");
	check_refused(&c,
	    (struct fetch_request){.url = "smtp://h/", .mail_rcpt = rcpt},
	    "sender");
	check_refused(&c,
	    (struct fetch_request){.url = "smtp://h/", .mail_from = ""},
	    "needs a recipient");
	check_refused(&c,
	    (struct fetch_request){
		.url = "smtp://h/", .mail_from = "", .mail_rcpt = bad_rcpt},
	    "control character");
	CHECK_INT(c.answers, 0);
	end(&c);
}

static void
runs_many_and_cancels(void)
{
	enum { MANY = 50 };
	struct caller c;

	begin(&c, serve_slowly);
	c.stop_at = MANY;
	for (int i = 0; i < MANY; i++)
		start(&c, "http", (struct fetch_request){0});
	loop_run(c.l);
	CHECK_INT(c.errors, 0);
	CHECK_INT(c.status, 204);
	end(&c);

	begin(&c, serve_never);
	for (int i = 0; i < MANY; i++)
		start(&c, "http", (struct fetch_request){0});
	fetcher_free(&c.f);
	CHECK_INT(c.answers, MANY);
	CHECK_STR(str_from(c.error), STR("cancelled"));
	end(&c);

	begin(&c, serve_slowly);
	c.must_free = true;
	c.stop_at = MANY;
	for (int i = 0; i < MANY; i++)
		start(&c, "http", (struct fetch_request){0});
	loop_run(c.l);
	CHECK(!c.f);
	CHECK_INT(c.answers, MANY);
	end(&c);
}

static void
check_transcript(const char *want)
{
	char got[REQUEST_MAX];
	size_t n = 0;

	while (n < strlen(want)) {
		ssize_t did = read(transcript[0], got + n, strlen(want) - n);

		if (did <= 0)
			break;
		n += (size_t)did;
	}
	CHECK_STR(str_make(got, n), str_from(want));
}

/* The server never answers QUIT: nobody waits for it. */
static void
send_letter(struct caller *c, const char *from, const char *const *rcpt,
    const char *transcript_wanted)
{
	int64_t begun = time_mono_us();

	CHECK_INT(pipe(transcript), 0);
	begin(c, serve_smtp);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	run(c, "smtp",
	    (struct fetch_request){.mail_from = from,
		.mail_rcpt = rcpt,
		.body = STR("Subject: x\n\n.dot\nlast"),
		.timeout_ms = 10000});
	check_transcript(transcript_wanted);
	end(c);
	CHECK(time_mono_us() - begun < 5000000);
	close(transcript[0]);
	close(transcript[1]);
}

static void
sends_letters(void)
{
	const char *rcpt[] = {"a@example.com", "b@example.com", NULL};
	const char *no[] = {"a@example.com", "no@example.com", NULL};
	struct caller c;

	send_letter(&c, "", rcpt,
	    "EHLO path\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.com>\r\n"
	    "RCPT TO:<b@example.com>\r\nDATA\r\n"
	    "Subject: x\r\n\r\n..dot\r\nlast\r\n.\r\nQUIT\r\n");
	CHECK_STR(str_from(c.error), STR(""));
	CHECK_INT(c.status, 250);
	CHECK_STR(str_from(c.body), STR("250 2.0.0 Ok: queued as ABC"));

	send_letter(&c, "me@example.com", no,
	    "EHLO path\r\nMAIL FROM:<me@example.com>\r\n"
	    "RCPT TO:<a@example.com>\r\nRCPT TO:<no@example.com>\r\n");
	CHECK_INT(c.status, 550);
	CHECK(has(c.error, "550 5.1.1 no such user"));
}

TESTS(TEST(gets), TEST(posts), TEST(follows_no_redirect),
    TEST(cuts_a_big_answer), TEST(says_what_went_wrong),
    TEST(refuses_bad_requests), TEST(runs_many_and_cancels),
    TEST(sends_letters))
