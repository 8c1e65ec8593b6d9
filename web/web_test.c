/* web_test - what a client of any kind gets, and what it costs */
#include "web/web.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/test.h"
#include "base/test_loop.h"

static struct {
	char dir[32], listen[80];
	struct loop *loop;
	struct web *web;
	struct web_request *waiting;
	size_t asked, body_n;
} t;

static void
on_now(void *ctx, struct web_request *r)
{
	(void)ctx;
	t.asked++;
	t.body_n = r->body.n;
	const struct web_answer a = {.status = 200,
	    .type = "text/plain",
	    .headers = STR("X-Own: yes\r\n"),
	    .body = r->body.n ? r->body : r->head->path};

	web_reply(r, &a);
}

static void
on_later(void *ctx, struct web_request *r)
{
	(void)ctx;
	t.asked++;
	t.waiting = r;
}

static void
on_otherwise(void *ctx, struct web_request *r)
{
	(void)ctx;
	web_reply_text(r, 404, "our own page");
}

static void
begin(const struct web_options *options)
{
	struct web_options o = *options;
	struct error err = {""};

	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/outpost-web.XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	if (!o.listen) {
		snprintf(t.listen, sizeof(t.listen), "unix:%s/s", t.dir);
		o.listen = t.listen;
		o.mode = 0600;
	}
	t.loop = loop_new();
	t.web = web_new(t.loop, &o, &err);
	if (!t.web)
		fatal("%s", err.text);
	if (web_port(t.web) > 0)
		snprintf(t.listen, sizeof(t.listen), "inet:127.0.0.1:%d",
		    web_port(t.web));
	web_route(t.web, HTTP_GET, "/now", 0, on_now, NULL);
	web_route(t.web, HTTP_GET, "/dir/", 0, on_now, NULL);
	web_route(t.web, HTTP_GET, "/dir/later", 0, on_later, NULL);
	web_route(t.web, HTTP_POST, "/now", 1000000, on_now, NULL);
}

static void
end(void)
{
	web_free(&t.web);
	loop_free(&t.loop);
	rmdir(t.dir);
}

static int
dial(void)
{
	struct error err = {""};
	int fd = sock_connect(t.listen, &err);

	if (fd < 0)
		fatal("%s", err.text);
	return fd;
}

static void
say(int fd, const char *text)
{
	CHECK_INT(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* What came, after the loop ran for a while. true: it was closed, too. */
static bool
hear(int fd, int ms, struct text *out)
{
	char buf[4096];

	for (int at = 0; at <= ms; at += 10) {
		ssize_t n;

		while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
			text_bytes(out, buf, (size_t)n);
		if (n == 0)
			return true;
		test_loop_run(t.loop, 10);
	}
	return false;
}

static void
check_dialog(const char *request, const char *first, const char *part)
{
	struct text out;
	int fd = dial();

	text_grow(&out, 100000);
	say(fd, request);
	if (!hear(fd, 3000, &out))
		test_fail(__FILE__, __LINE__, "not closed: %s", request);
	if (!str_starts(text_view(&out), str_from(first)) ||
	    str_find(text_view(&out), str_from(part)) < 0)
		test_fail(__FILE__, __LINE__, "%.60s: %.*s", request,
		    STR_ARG(text_view(&out)));
	text_done(&out);
	close(fd);
}

static void
answers(void)
{
	begin(&(struct web_options){0});
	check_dialog("GET /now HTTP/1.1\r\nHost: x\r\n\r\n",
	    "HTTP/1.1 200 OK\r\n", "\r\nX-Own: yes\r\n\r\n/now");
	check_dialog("HEAD /now HTTP/1.1\r\nHost: x\r\n\r\n",
	    "HTTP/1.1 200 OK\r\n", "\r\nContent-Length: 4\r\n");
	check_dialog("GET /dir/any?x=y HTTP/1.1\r\nHost: x\r\n\r\n",
	    "HTTP/1.1 200 OK\r\n", "\r\n\r\n/dir/any");
	check_dialog("POST /now HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
		     "\r\nabc trailing",
	    "HTTP/1.1 200 OK\r\n", "\r\n\r\nabc");
	check_dialog("GET /else HTTP/1.1\r\nHost: x\r\n\r\n",
	    "HTTP/1.1 404 Not Found\r\n", "\r\n\r\nNot Found\n");
	check_dialog("POST /dir/x HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 ",
	    "\r\n\r\nMethod Not Allowed\n");
	check_dialog("GET /now HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
		     "\r\n1",
	    "HTTP/1.1 413 ", "Too Large");
	check_dialog("GET\r\n\r\n", "HTTP/1.1 400 ", "Bad Request");
	web_otherwise(t.web, on_otherwise, NULL);
	check_dialog("GET /else HTTP/1.1\r\nHost: x\r\n\r\n",
	    "HTTP/1.1 404 Not Found\r\n", "\r\n\r\nour own page\n");
	CHECK_INT(t.asked, 4);
	CHECK_INT(web_count(t.web, WEB_ANSWERED), 4);
	CHECK_INT(web_connections(t.web), 0);
	end();
}

static void
answers_later(void)
{
	struct text out;

	begin(&(struct web_options){0});
	int fd = dial(), other = dial();

	say(fd, "GET /dir/later HTTP/1.1\r\nHost: x\r\n\r\n");
	text_grow(&out, 1000);
	CHECK(!hear(fd, 100, &out));
	CHECK(t.waiting && out.n == 0);
	web_reply_text(t.waiting, 202, "at last");
	CHECK(hear(fd, 3000, &out));
	CHECK(str_starts(text_view(&out), STR("HTTP/1.1 202 Accepted\r\n")));
	/* Who hung up gets nothing, and costs nothing. */
	t.waiting = NULL;
	say(other, "GET /dir/later HTTP/1.1\r\nHost: x\r\n\r\n");
	hear(other, 100, &out);
	close(other);
	test_loop_run(t.loop, 50);
	CHECK(t.waiting != NULL);
	web_reply_text(t.waiting, 200, "too late");
	test_loop_run(t.loop, 50);
	CHECK_INT(web_connections(t.web), 0);
	text_done(&out);
	close(fd);
	end();
}

/* An answer that doesn't come is told in time, and may still come. */
static void
gives_up_waiting(void)
{
	struct text out;

	begin(&(struct web_options){.answer_us = 100 * 1000});
	int fd = dial();

	say(fd, "GET /dir/later HTTP/1.1\r\nHost: x\r\n\r\n");
	text_grow(&out, 1000);
	CHECK(hear(fd, 3000, &out));
	CHECK(str_starts(text_view(&out), STR("HTTP/1.1 504 ")));
	CHECK_INT(web_connections(t.web), 1);
	web_reply_text(t.waiting, 200, "too late");
	CHECK_INT(web_connections(t.web), 0);
	text_done(&out);
	close(fd);
	end();
}

/* A byte now and then doesn't help: it is the whole request that has a time. */
static void
slow_headers_are_cut(void)
{
	struct text out;
	bool is_closed = false;
	int i;

	begin(&(struct web_options){.receive_us = 400 * 1000});
	int fd = dial();

	text_grow(&out, 1000);
	say(fd, "GET /now HTTP/1.1\r\nHost: x\r\nX: ");
	for (i = 0; i < 100 && !is_closed; i++) {
		is_closed = hear(fd, 30, &out);
		if (!is_closed)
			send(fd, "a", 1, MSG_NOSIGNAL);
	}
	CHECK(is_closed && i > 3);
	CHECK_INT(web_count(t.web, WEB_CUT), 1);
	CHECK_INT(web_connections(t.web), 0);
	text_done(&out);
	close(fd);
	end();
}

static void
large_ones_are_refused(void)
{
	struct text big;

	begin(&(struct web_options){.bodies_max = 2000});
	text_grow(&big, 100000);
	text_add(&big, "GET /now HTTP/1.1\r\nHost: x\r\nX: ");
	text_pad(&big, 'a', HTTP_HEAD_MAX);
	check_dialog(big.p, "HTTP/1.1 431 ", "Too Large");
	text_done(&big);
	check_dialog("POST /now HTTP/1.1\r\nHost: x\r\n"
		     "Content-Length: 1000001\r\n\r\n",
	    "HTTP/1.1 413 ", "Too Large");
	check_dialog("POST /now HTTP/1.1\r\nHost: x\r\n"
		     "Content-Length: 2001\r\n\r\n",
	    "HTTP/1.1 503 ", "Unavailable");
	end();
}

static void
a_body_comes_in_pieces(void)
{
	struct text body, out;
	size_t sent = 0;

	begin(&(struct web_options){0});
	text_grow(&body, 400000);
	text_grow(&out, 400000);
	text_pad(&body, 'b', 300000);
	int fd = dial();

	say(fd, "POST /now HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
		"Content-Length: 300000\r\n\r\n");
	CHECK(!hear(fd, 100, &out));
	CHECK_STR(text_view(&out), STR("HTTP/1.1 100 Continue\r\n\r\n"));
	while (sent < body.n) {
		ssize_t n =
		    send(fd, body.p + sent, body.n - sent, MSG_DONTWAIT);

		sent += n > 0 ? (size_t)n : 0;
		test_loop_run(t.loop, 5);
	}
	CHECK(hear(fd, 3000, &out));
	CHECK_INT(t.body_n, 300000);
	CHECK(str_ends(text_view(&out), text_view(&body)));
	text_done(&body);
	text_done(&out);
	close(fd);
	end();
}

/* When all places are taken the slowest makes room for who has a request. */
static void
idlers_make_room(void)
{
	int idle[8];

	begin(&(struct web_options){.connections_max = 4});
	for (size_t i = 0; i < 8; i++) {
		idle[i] = dial();
		say(idle[i], "GET ");
		test_loop_run(t.loop, 10);
	}
	CHECK_INT(web_connections(t.web), 4);
	check_dialog("GET /now HTTP/1.1\r\nHost: x\r\n\r\n",
	    "HTTP/1.1 200 OK\r\n", "/now");
	for (size_t i = 0; i < 8; i++)
		close(idle[i]);
	end();
}

/* From an address of this machine that counts as another network. */
static int
dial_from_afar(void)
{
	struct sockaddr_in from = {.sin_family = AF_INET},
			   to = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	from.sin_addr.s_addr = htonl(0x7f000101);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)web_port(t.web));
	CHECK_INT(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	CHECK_INT(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Who may not enter takes nobody's place. */
static void
a_share_is_no_others(void)
{
	struct text out;

	begin(&(struct web_options){.listen = "127.0.0.1:0",
	    .connections_max = 2,
	    .network_connections = 1});
	text_grow(&out, 1000);
	int other = dial_from_afar();

	test_loop_run(t.loop, 50);
	int one = dial();

	test_loop_run(t.loop, 50);
	CHECK_INT(web_connections(t.web), 2);
	int more = dial();

	CHECK(hear(more, 3000, &out) && out.n == 0);
	CHECK(!hear(other, 100, &out));
	CHECK_INT(web_count(t.web, WEB_CUT), 0);
	close(other);
	close(one);
	close(more);
	text_done(&out);
	end();
}

static void
a_network_has_its_share(void)
{
	struct ip_net proxy;
	const struct ip_nets proxies = {&proxy, 1};
	const char *ask = "GET /now HTTP/1.1\r\nHost: x\r\n"
			  "X-Forwarded-For: 198.51.100.7\r\n\r\n";

	begin(&(struct web_options){.listen = "127.0.0.1:0",
	    .network_connections = 1,
	    .network_per_minute = 2});
	int idle = dial();
	struct text out;

	test_loop_run(t.loop, 50);
	int second = dial();

	text_grow(&out, 1000);
	CHECK(hear(second, 3000, &out) && out.n == 0);
	close(second);
	close(idle);
	test_loop_run(t.loop, 50);
	check_dialog(ask, "HTTP/1.1 200 OK\r\n", "/now");
	check_dialog(ask, "HTTP/1.1 200 OK\r\n", "/now");
	check_dialog(ask, "HTTP/1.1 429 ", "Retry-After: 60\r\n");
	/* A proxy is not counted, whom it asks for is. */
	CHECK(ip_net_parse(STR("127.0.0.1"), &proxy));
	web_trust(t.web, &proxies);
	check_dialog(ask, "HTTP/1.1 200 OK\r\n", "/now");
	check_dialog(ask, "HTTP/1.1 200 OK\r\n", "/now");
	check_dialog(ask, "HTTP/1.1 429 ", "Retry-After: 60\r\n");
	text_done(&out);
	end();
}

TESTS(TEST(answers), TEST(answers_later), TEST(gives_up_waiting),
    TEST(slow_headers_are_cut), TEST(large_ones_are_refused),
    TEST(a_body_comes_in_pieces), TEST(idlers_make_room),
    TEST(a_share_is_no_others), TEST(a_network_has_its_share))
