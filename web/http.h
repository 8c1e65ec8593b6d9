/* http - what an HTTP/1.1 client sends, read strictly (RFC 9112, RFC 9110)
 *
 * A head is the request line and the fields up to the empty line. Lines end in
 * CRLF; folded lines, a body in chunks and a length that stands twice are
 * errors: two programs that read one request differently is how one is smuggled
 * past the other. Pure; views into the caller's bytes.
 */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include "base/ip.h"
#include "base/text.h"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_DELETE,
	HTTP_METHODS
};

enum { HTTP_FIELDS = 64, HTTP_HEAD_MAX = 8 * 1024 };

struct http_field {
	struct str name, value;
};

struct http_head {
	enum http_method method;
	struct str path, query; /* as sent, not decoded */
	struct http_field v[HTTP_FIELDS];
	size_t n;
	uint64_t length;   /* of the body */
	bool is_expecting; /* 100-continue */
};

/* How long the head at the beginning of these bytes is, its empty line
 * included; 0: it isn't complete. */
size_t http_head_length(struct str bytes);
/* 0, or the status to refuse it with. */
int http_head_parse(struct str head, struct http_head *out);
/* Empty when there is none; the first, when there are several. */
struct str http_field(const struct http_head *h, struct str name);
/* The value of the cookie with this name; empty when there is none. */
struct str http_cookie(const struct http_head *h, struct str name);

/* Who asked, behind proxies: each adds to X-Forwarded-For whom it heard. The
 * last one that no proxy of ours is. */
struct ip http_client(const struct http_head *h, const struct ip *peer,
    const struct ip_nets *proxies);

/* %XX (and, in forms, + for a blank) as bytes; what is no such thing stays. */
void http_decode(struct str s, bool is_form, struct text *out);
/* The first value of this name in a=b&c=d, decoded; false: there is none. */
bool http_form(struct str form, struct str name, struct text *out);

const char *http_reason(int status);

#endif
