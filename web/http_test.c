/* http_test - requests are read in one way or not at all */
#include "web/http.h"

#include "base/test.h"

static struct http_head head;

static int
parse(const char *text)
{
	return http_head_parse(str_from(text), &head);
}

static void
reads_a_request(void)
{
	CHECK_INT(parse("POST /case/AB?lang=de HTTP/1.1\r\nHost: x\r\n"
			"content-LENGTH:  12 \r\nExpect: 100-Continue\r\n\r\n"),
	    0);
	CHECK_INT(head.method, HTTP_POST);
	CHECK_STR(head.path, STR("/case/AB"));
	CHECK_STR(head.query, STR("lang=de"));
	CHECK_INT(head.length, 12);
	CHECK(head.is_expecting);
	CHECK_STR(http_field(&head, STR("HOST")), STR("x"));
	CHECK_STR(http_field(&head, STR("none")), STR(""));
	CHECK_INT(parse("GET / HTTP/1.0\r\n\r\n"), 0);
	CHECK_INT(head.length, 0);
	CHECK_STR(head.query, STR(""));
}

static void
refuses_what_can_be_read_twice(void)
{
	static const struct {
		int status;
		const char *text;
	} all[] = {
	    {400, "\r\n\r\n"},
	    {400, "GET /\r\n\r\n"},
	    {400, "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"},
	    {400, "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n"},
	    {400, "GET /\x80 HTTP/1.1\r\nHost: x\r\n\r\n"},
	    {400, "GET / HTTP/1.1 \r\nHost: x\r\n\r\n"},
	    {505, "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
	    {501, "BREW / HTTP/1.1\r\nHost: x\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost : x\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: x\ny: z\r\n\r\n"},
	    {400, "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n"},
	    {501, "POST / HTTP/1.1\r\nHost: x\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
		  "Content-Length: 5\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\n"},
	    {400, "POST / HTTP/1.1\r\nHost: x\r\n"
		  "Content-Length: 99999999999999999999\r\n\r\n"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int status = parse(all[i].text);

		if (status != all[i].status)
			test_fail(__FILE__, __LINE__, "%d, not %d: %s", status,
			    all[i].status, all[i].text);
	}
}

static void
counts_fields(void)
{
	struct text t;

	text_grow(&t, 100000);
	text_add(&t, "GET / HTTP/1.1\r\nHost: x\r\n");
	for (int i = 0; i < HTTP_FIELDS - 1; i++)
		text_add(&t, "a: b\r\n");
	text_add(&t, "\r\n");
	CHECK_INT(http_head_parse(text_view(&t), &head), 0);
	t.n -= 2;
	text_add(&t, "a: b\r\n\r\n");
	CHECK_INT(http_head_parse(text_view(&t), &head), 431);
	text_done(&t);
}

static void
finds_the_end(void)
{
	CHECK_INT(http_head_length(STR("GET / HTTP/1.1\r\nHost: x\r\n\r")), 0);
	CHECK_INT(http_head_length(STR("a\r\n\r\nbody\r\n\r\n")), 5);
}

static void
reads_cookies(void)
{
	CHECK_INT(
	    parse("GET / HTTP/1.1\r\nHost: x\r\nCookie: a=1; case=K7; b\r\n"
		  "cookie: c=3\r\n\r\n"),
	    0);
	CHECK_STR(http_cookie(&head, STR("case")), STR("K7"));
	CHECK_STR(http_cookie(&head, STR("c")), STR("3"));
	CHECK_STR(http_cookie(&head, STR("b")), STR(""));
	CHECK_STR(http_cookie(&head, STR("x")), STR(""));
}

static void
check_client(const char *peer, const char *fields, const char *want)
{
	struct ip_net nets[2];
	const struct ip_nets proxies = {nets, 2};
	struct ip ip = {{0}}, client;
	char request[512], buf[64];
	struct text t, shown;

	CHECK(ip_net_parse(STR("127.0.0.1"), &nets[0]));
	CHECK(ip_net_parse(STR("10.0.0.0/8"), &nets[1]));
	CHECK(!*peer || ip_parse(str_from(peer), &ip));
	text_init(&t, request, sizeof(request));
	text_printf(&t, "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", fields);
	CHECK_INT(parse(request), 0);
	client = http_client(&head, &ip, &proxies);
	text_init(&shown, buf, sizeof(buf));
	if (!ip_is_none(&client))
		ip_format(&shown, &client);
	if (!str_is(text_view(&shown), str_from(want)))
		test_fail(
		    __FILE__, __LINE__, "%s, not %s: %s", buf, want, fields);
}

#define XFF "X-Forwarded-For: "

static void
believes_its_proxies_alone(void)
{
	check_client("198.51.100.1", XFF "203.0.113.9\r\n", "198.51.100.1");
	check_client("127.0.0.1", "", "127.0.0.1");
	check_client("127.0.0.1", XFF "203.0.113.9\r\n", "203.0.113.9");
	check_client(
	    "127.0.0.1", XFF "1.2.3.4, 203.0.113.9\r\n", "203.0.113.9");
	check_client("127.0.0.1", XFF "1.2.3.4,203.0.113.9 , 10.1.1.1\r\n",
	    "203.0.113.9");
	check_client("127.0.0.1",
	    XFF "1.2.3.4, 203.0.113.9\r\nx: y\r\n" XFF "10.1.1.1\r\n",
	    "203.0.113.9");
	check_client("127.0.0.1", XFF "203.0.113.9:4711\r\n", "203.0.113.9");
	check_client("127.0.0.1", XFF "[2001:db8::1]:4711\r\n", "2001:db8::1");
	check_client("127.0.0.1", XFF "2001:db8::1\r\n", "2001:db8::1");
	/* What isn't an address is nobody; what stands before it is hearsay. */
	check_client("127.0.0.1", XFF "1.2.3.4, unknown\r\n", "127.0.0.1");
	check_client("127.0.0.1", XFF ",\r\n", "127.0.0.1");
	check_client("", XFF "203.0.113.9\r\n", "203.0.113.9");
	check_client("", "", "");
}

static void
decodes_forms(void)
{
	char buf[64];
	struct text t;
	struct str form = STR("a=1&what=%3Cb%3E+x%zz%4&empty=&last");

	text_init(&t, buf, sizeof(buf));
	CHECK(http_form(form, STR("what"), &t));
	CHECK_STR(text_view(&t), STR("<b> x%zz%4"));
	text_clear(&t);
	CHECK(http_form(form, STR("empty"), &t));
	CHECK(http_form(form, STR("last"), &t));
	CHECK(!http_form(form, STR("b"), &t));
	CHECK(!http_form(STR(""), STR("b"), &t));
	CHECK_INT(t.n, 0);
	http_decode(STR("a%2Fb+c"), false, &t);
	CHECK_STR(text_view(&t), STR("a/b+c"));
}

TESTS(TEST(reads_a_request), TEST(refuses_what_can_be_read_twice),
    TEST(counts_fields), TEST(finds_the_end), TEST(reads_cookies),
    TEST(believes_its_proxies_alone), TEST(decodes_forms))
