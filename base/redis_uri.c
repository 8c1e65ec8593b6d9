/* redis_uri - where a Redis is and how to log in */
#include "base/redis_uri.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { PATH_BYTES = 107, TEXT_BYTES = 512 };

static int
hex_value(char c)
{
	const char *digits = "0123456789abcdef", *at;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* NULL when an escape is bad or hides a NUL. */
static char *
decode(struct str s)
{
	char *out = xalloc(s.n + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			int high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1;
			int low = high >= 0 ? hex_value(s.p[i + 2]) : -1;

			c = (char)(low >= 0 ? high * 16 + low : 0);
			i += 2;
		}
		if (c == '\0') {
			free(out);
			return NULL;
		}
		out[n++] = c;
	}
	return out;
}

static int
parse_login(struct str login, struct redis_uri *out, struct error *err)
{
	struct str user;

	if (!str_cut(&login, ':', &user))
		return error_set(
		    err, "redis URI: a login is user:password or :password");
	if (user.n > 0)
		out->user = decode(user);
	out->password = decode(login);
	if ((user.n > 0 && !out->user) || !out->password)
		return error_set(err, "redis URI: bad %% escape in the login");
	return 0;
}

static int
parse_host(struct str s, struct redis_uri *out, struct error *err)
{
	struct str host = s;
	uint64_t port = 6379;
	ptrdiff_t end;

	if (s.n > 0 && *s.p == '[') {
		end = str_find_char(s, ']');
		if (end < 0)
			return error_set(err, "redis URI: [ without ]");
		host = str_make(s.p + 1, (size_t)end - 1);
		s = str_skip(s, (size_t)end + 1);
	} else {
		end = str_find_char(s, ':');
		host = end < 0 ? s : str_head(s, (size_t)end);
		s = str_skip(s, host.n);
	}
	if (host.n == 0 || host.n > 255)
		return error_set(err, "redis URI: no host in it");
	if (s.n > 0 && (*s.p != ':' || !str_to_u64(str_skip(s, 1), &port) ||
			   port == 0 || port > 65535))
		return error_set(err, "redis URI: bad port");
	out->host = decode(host);
	out->port = (int)port;
	return out->host ? 0 : error_set(err, "redis URI: bad host");
}

static int
parse_tcp(struct str s, struct redis_uri *out, struct error *err)
{
	struct str rest = s, login;
	ptrdiff_t at = str_find_last(s, STR("@")), slash;
	uint64_t db = 0;

	if (at >= 0) {
		login = str_head(s, (size_t)at);
		rest = str_skip(s, (size_t)at + 1);
		if (parse_login(login, out, err) < 0)
			return -1;
	}
	slash = str_find_char(rest, '/');
	if (slash >= 0) {
		struct str number = str_skip(rest, (size_t)slash + 1);

		if (number.n > 0 && (!str_to_u64(number, &db) || db > 65535))
			return error_set(err, "redis URI: bad database number");
		rest = str_head(rest, (size_t)slash);
	}
	out->db = (int)db;
	return parse_host(rest, out, err);
}

static char *
name_it(const struct redis_uri *u)
{
	char buf[TEXT_BYTES];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (u->path) {
		text_printf(&t, "unix:%s", u->path);
	} else {
		bool is_v6 = strchr(u->host, ':') != NULL;

		text_printf(&t, is_v6 ? "redis://[%s]:%d" : "redis://%s:%d",
		    u->host, u->port);
		if (u->db)
			text_printf(&t, "/%d", u->db);
	}
	return str_dup(text_view(&t));
}

int
redis_uri_parse(const char *uri, struct redis_uri *out, struct error *err)
{
	struct str s = str_from(uri);
	struct redis_uri u = {0};
	int rc = 0;

	if (str_take(&s, STR("unix:"))) {
		if (s.n == 0 || *s.p != '/' || s.n > PATH_BYTES)
			rc = error_set(err,
			    "\"%s\": the path begins with / and has at most "
			    "%d characters",
			    uri, PATH_BYTES);
		else
			u.path = str_dup(s);
	} else if (str_take(&s, STR("redis://"))) {
		rc = parse_tcp(s, &u, err);
	} else if (str_starts(s, STR("rediss://"))) {
		rc = error_set(err, "redis URI: rediss (TLS) is not supported");
	} else {
		rc = error_set(err, "redis URI must begin with unix:/ or "
				    "redis://");
	}
	if (rc < 0) {
		redis_uri_done(&u);
		return -1;
	}
	u.name = name_it(&u);
	*out = u;
	return 0;
}

static void
wipe(char **p)
{
	if (*p)
		explicit_bzero(*p, strlen(*p));
	free(*p);
	*p = NULL;
}

void
redis_uri_done(struct redis_uri *u)
{
	wipe(&u->password);
	wipe(&u->user);
	free(u->path);
	free(u->host);
	free(u->name);
	memset(u, 0, sizeof(*u));
}
