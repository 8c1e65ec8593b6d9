/* api_route - the paths of the HTTP API, and which question each asks */
#include "daemon/api_route.h"

enum { VALUE_MAX = 4096 };

static const struct api_route routes[] = {
#define API(method, path, scope, command, verb, options)                 \
	{HTTP_##method, path, TOKEN_##scope, COMMAND_ID_##command, verb, \
	    options},
#include "daemon/api_routes.def"
#undef API
};

static struct str
segment(struct str *path)
{
	struct str s;

	if (str_cut(path, '/', &s))
		return s;
	s = *path;
	*path = STR("");
	return s;
}

static bool
fits(const char *pattern, struct str path, struct str *name)
{
	struct str want = str_from(pattern);

	while (want.n > 0) {
		struct str w = segment(&want), is = segment(&path);

		if (str_starts(w, STR("{")) && is.n > 0)
			*name = is;
		else if (!str_is(w, is))
			return false;
	}
	return path.n == 0;
}

const struct api_route *
api_route_find(
    enum http_method method, struct str path, struct text *name, bool *is_other)
{
	struct str raw = {"", 0};

	*is_other = false;
	if (str_ends(path, STR("/")))
		return NULL;
	if (method == HTTP_HEAD)
		method = HTTP_GET;
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (!fits(routes[i].path, path, &raw))
			continue;
		if (routes[i].method == method) {
			http_decode(raw, false, name);
			return name->is_cut ? NULL : &routes[i];
		}
		*is_other = true;
	}
	return NULL;
}

/* One of the words of options; *is_arg: it stands there with =. */
static bool
find_option(const char *options, struct str name, bool *is_arg)
{
	struct str words = str_from(options);

	while (words.n > 0) {
		struct str w;

		if (!str_cut(&words, ' ', &w)) {
			w = words;
			words = STR("");
		}
		*is_arg = str_starts(w, STR("="));
		if (*is_arg)
			w = str_skip(w, 1);
		if (str_is(w, name))
			return true;
	}
	return false;
}

/* What is given, as options or (is_arg) arguments. */
struct given {
	const struct api_route *route;
	struct json_out *j;
	bool is_arg;
	struct error *err;
	bool is_bad;
};

static void
put(struct given *g, struct str name, struct str value)
{
	char key[64];
	struct text t;

	if (g->is_arg) {
		json_str(g->j, NULL, value);
		return;
	}
	text_init(&t, key, sizeof(key));
	text_str(&t, name);
	json_str(g->j, key, value);
}

static void
take(struct given *g, struct str name, struct str value)
{
	bool is_arg;

	if (g->is_bad)
		return;
	if (!find_option(g->route->options, name, &is_arg)) {
		error_set(g->err, "there is no \"%.*s\" here",
		    (int)(name.n < 64 ? name.n : 64), name.p);
		g->is_bad = true;
	} else if (is_arg == g->is_arg) {
		put(g, name, value);
	}
}

/* A flag is true, or left out. */
static void
take_member(void *ctx, struct str name, struct json *value)
{
	struct given *g = ctx;

	if (json_is_string(value))
		take(g, name, json_text(value));
	else if (json_is_true(value))
		take(g, name, STR(""));
	else if (!g->is_bad)
		g->is_bad =
		    error_set(g->err, "\"%.*s\" is neither a text nor true",
			(int)(name.n < 64 ? name.n : 64), name.p) < 0;
}

static void
take_query(struct given *g, struct str query)
{
	while (query.n > 0) {
		char name[64], value[VALUE_MAX];
		struct str pair, key;
		struct text n, v;

		if (!str_cut(&query, '&', &pair)) {
			pair = query;
			query = STR("");
		}
		if (!str_cut(&pair, '=', &key)) {
			key = pair;
			pair = STR("");
		}
		text_init(&n, name, sizeof(name));
		text_init(&v, value, sizeof(value));
		http_decode(key, true, &n);
		http_decode(pair, true, &v);
		take(g, text_view(&n), text_view(&v));
	}
}

static bool
put_given(const struct api_route *r, bool is_arg, struct str query,
    const struct json *body, struct json_out *j, struct error *err)
{
	struct given g = {r, j, is_arg, err, false};

	if (r->method == HTTP_GET)
		take_query(&g, query);
	else
		json_each(body, take_member, &g);
	return !g.is_bad;
}

bool
api_route_print(const struct api_route *r, struct str name, struct str query,
    const struct json *body, struct text *line, struct error *err)
{
	struct json_out j;
	bool is_good;

	json_out_init(&j, line);
	json_open(&j, NULL);
	json_str(&j, "command", str_from(commands[r->command].name));
	json_bool(&j, "json", true);
	json_open_array(&j, "args");
	if (name.n > 0)
		json_str(&j, NULL, name);
	if (*r->verb)
		json_str(&j, NULL, str_from(r->verb));
	is_good = put_given(r, true, query, body, &j, err);
	json_close_array(&j);
	json_open(&j, "options");
	is_good = is_good && put_given(r, false, query, body, &j, err);
	if (r->command == COMMAND_ID_list && str_find(query, STR("page=")) < 0)
		json_str(&j, "page", STR(""));
	json_close(&j);
	json_close(&j);
	return is_good;
}

int
api_status(enum exit_status exit)
{
	switch (exit) {
	case EXIT_OK:
		return 200;
	case EXIT_USAGE:
		return 400;
	case EXIT_DENIED:
		return 403;
	case EXIT_UNKNOWN:
		return 404;
	case EXIT_FAILED:
		return 409;
	default:
		return 503;
	}
}
