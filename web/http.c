/* http - what an HTTP/1.1 client sends, read strictly */
#include "web/http.h"

#include <ctype.h>

static const struct str methods[HTTP_METHODS] = {
    [HTTP_GET] = STR_INIT("GET"),
    [HTTP_HEAD] = STR_INIT("HEAD"),
    [HTTP_POST] = STR_INIT("POST"),
    [HTTP_PUT] = STR_INIT("PUT"),
    [HTTP_DELETE] = STR_INIT("DELETE"),
};

enum { BAD = 400, TOO_MANY = 431, UNKNOWN = 501, VERSION = 505 };

size_t
http_head_length(struct str bytes)
{
	ptrdiff_t at = str_find(bytes, STR("\r\n\r\n"));

	return at < 0 ? 0 : (size_t)at + 4;
}

static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 127 || strchr("\"(),/:;<=>?@[\\]{}", c))
			return false;
	}
	return s.n > 0;
}

static bool
is_target(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	}
	return s.n > 0 && *s.p == '/';
}

/* Bytes above ASCII are allowed (obs-text), controls beside tab are not. */
static bool
is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < ' ' && c != '\t') || c == 127)
			return false;
	}
	return true;
}

static int
parse_request(struct str line, struct http_head *out)
{
	struct str method, target;

	if (!str_cut(&line, ' ', &method) || !str_cut(&line, ' ', &target) ||
	    !is_token(method) || !is_target(target))
		return BAD;
	if (!str_starts(line, STR("HTTP/")) || line.n != 8)
		return BAD;
	if (!str_is(line, STR("HTTP/1.1")) && !str_is(line, STR("HTTP/1.0")))
		return VERSION;
	out->path = out->query = target;
	if (!str_cut(&out->query, '?', &out->path))
		out->query = STR("");
	for (size_t i = 0; i < HTTP_METHODS; i++) {
		if (str_is(method, methods[i])) {
			out->method = (enum http_method)i;
			return 0;
		}
	}
	return UNKNOWN;
}

static int
parse_field(struct str line, struct http_head *out)
{
	struct http_field f;

	if (!str_cut(&line, ':', &f.name) || !is_token(f.name))
		return BAD;
	f.value = str_trim(line);
	if (!is_value(f.value))
		return BAD;
	if (out->n == HTTP_FIELDS)
		return TOO_MANY;
	out->v[out->n++] = f;
	return 0;
}

static size_t
count(const struct http_head *h, struct str name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += str_is_nocase(h->v[i].name, name);
	return n;
}

/* What decides where the request ends stands once or is refused. */
static int
parse_framing(bool is_11, struct http_head *out)
{
	size_t lengths = count(out, STR("content-length"));

	if (count(out, STR("host")) > 1 || lengths > 1 ||
	    (is_11 && count(out, STR("host")) == 0))
		return BAD;
	if (count(out, STR("transfer-encoding")) > 0)
		return UNKNOWN;
	out->is_expecting =
	    str_is_nocase(http_field(out, STR("expect")), STR("100-continue"));
	if (lengths == 0)
		return 0;
	struct str length = http_field(out, STR("content-length"));

	if (length.n > 0 && !isdigit((unsigned char)*length.p))
		return BAD;
	return str_to_u64(length, &out->length) ? 0 : BAD;
}

static bool
cut_line(struct str *rest, struct str *line)
{
	ptrdiff_t at = str_find(*rest, STR("\r\n"));

	if (at < 0)
		return false;
	*line = str_head(*rest, (size_t)at);
	*rest = str_skip(*rest, (size_t)at + 2);
	return true;
}

int
http_head_parse(struct str head, struct http_head *out)
{
	struct str line;
	int status;

	out->n = 0;
	out->length = 0;
	out->is_expecting = false;
	if (!cut_line(&head, &line))
		return BAD;
	bool is_11 = str_ends(line, STR("HTTP/1.1"));

	status = parse_request(line, out);
	while (status == 0 && cut_line(&head, &line) && line.n > 0)
		status = parse_field(line, out);
	return status ? status : parse_framing(is_11, out);
}

struct str
http_field(const struct http_head *h, struct str name)
{
	for (size_t i = 0; i < h->n; i++) {
		if (str_is_nocase(h->v[i].name, name))
			return h->v[i].value;
	}
	return STR("");
}

static bool
take_pair(struct str *rest, char sep, struct str *name, struct str *value)
{
	struct str pair;

	if (rest->n == 0)
		return false;
	if (!str_cut(rest, sep, &pair)) {
		pair = *rest;
		*rest = str_skip(*rest, rest->n);
	}
	*value = pair;
	if (!str_cut(value, '=', name)) {
		*name = pair;
		*value = str_skip(pair, pair.n);
	}
	return true;
}

struct str
http_cookie(const struct http_head *h, struct str name)
{
	for (size_t i = 0; i < h->n; i++) {
		struct str rest = h->v[i].value, key, value;

		if (!str_is_nocase(h->v[i].name, STR("cookie")))
			continue;
		while (take_pair(&rest, ';', &key, &value)) {
			if (str_is(str_trim(key), name))
				return str_trim(value);
		}
	}
	return STR("");
}

/* "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711" */
static bool
parse_hop(struct str s, struct ip *out)
{
	ptrdiff_t end;

	s = str_trim(s);
	if (s.n > 0 && *s.p == '[' && (end = str_find_char(s, ']')) > 0)
		s = str_make(s.p + 1, (size_t)end - 1);
	else if (str_find_char(s, '.') >= 0 && str_find_char(s, ':') > 0 &&
		 str_find(s, STR("::")) < 0)
		s = str_head(s, (size_t)str_find_char(s, ':'));
	return ip_parse(s, out);
}

/* true: client is nobody we trust, further hops are hearsay. */
static bool
walk_hops(struct str list, const struct ip_nets *proxies, struct ip *client)
{
	while (list.n > 0) {
		ptrdiff_t comma = str_find_last(list, STR(","));
		struct ip hop;

		if (!parse_hop(str_skip(list, (size_t)(comma + 1)), &hop))
			return true;
		*client = hop;
		if (!ip_nets_has(proxies, &hop))
			return true;
		list = str_head(list, comma < 0 ? 0 : (size_t)comma);
	}
	return false;
}

struct ip
http_client(const struct http_head *h, const struct ip *peer,
    const struct ip_nets *proxies)
{
	struct ip client = *peer;

	/* No address: a unix socket, whose file says who may. */
	if (!ip_is_none(peer) && !ip_nets_has(proxies, peer))
		return client;
	for (size_t i = h->n; i-- > 0;) {
		if (str_is_nocase(h->v[i].name, STR("x-forwarded-for")) &&
		    walk_hops(h->v[i].value, proxies, &client))
			break;
	}
	return client;
}

static int
hex_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
http_decode(struct str s, bool is_form, struct text *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n ? hex_of(s.p[i + 1]) : -1;
		int low = i + 2 < s.n ? hex_of(s.p[i + 2]) : -1;

		if (s.p[i] == '%' && high >= 0 && low >= 0) {
			text_char(out, (char)(high << 4 | low));
			i += 2;
		} else {
			bool is_blank = is_form && s.p[i] == '+';

			text_char(out, is_blank ? ' ' : s.p[i]);
		}
	}
}

bool
http_form(struct str form, struct str name, struct text *out)
{
	struct str key, value;

	while (take_pair(&form, '&', &key, &value)) {
		if (str_is(key, name)) {
			http_decode(value, true, out);
			return true;
		}
	}
	return false;
}

const char *
http_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} all[] = {
	    {200, "OK"},
	    {201, "Created"},
	    {202, "Accepted"},
	    {204, "No Content"},
	    {303, "See Other"},
	    {304, "Not Modified"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {408, "Request Timeout"},
	    {409, "Conflict"},
	    {410, "Gone"},
	    {413, "Content Too Large"},
	    {415, "Unsupported Media Type"},
	    {422, "Unprocessable Content"},
	    {429, "Too Many Requests"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {503, "Service Unavailable"},
	    {504, "Gateway Timeout"},
	    {505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].status == status)
			return all[i].reason;
	}
	return "Other";
}
