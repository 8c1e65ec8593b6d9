/* app_api - the HTTP API at api_listen, for programs */
#include "daemon/app_api.h"

#include <stdlib.h>

#include "daemon/api_route.h"
#include "daemon/app_state.h"

enum {
	BODY_MAX = 16 * 1024,
	ASKS = 32,
	KEYS = 256,
	KEY_MAX = 200,
	ERROR_MAX = 2048,
};

/* A write that has an Idempotency-Key. */
struct done {
	uint8_t key[32];
	int status; /* 0: free, or under way */
	bool is_under_way;
	char *body;
};

struct ask {
	struct ask *next, **at;
	struct app_api *api;
	struct web_request *request;
	const struct api_route *route;
	char by[128];
	struct text line, body;
	int status;
	bool is_prepared;
	struct done *done; /* NULL: it has no key */
};

struct app_api {
	struct app *app;
	struct ask *asks;
	size_t n;
	bool is_told;
	struct crypto_key key;
	struct done done[KEYS];
	size_t next_done;
};

static void
reply(struct web_request *r, int status, struct str body)
{
	struct str headers = STR("Cache-Control: no-store\r\n");

	if (status == 401)
		headers = STR("Cache-Control: no-store\r\n"
			      "WWW-Authenticate: Bearer\r\n");
	else if (status == 503)
		headers = STR("Cache-Control: no-store\r\n"
			      "Retry-After: 5\r\n");
	const struct web_answer a = {.status = status,
	    .type = "application/json",
	    .headers = headers,
	    .body = body};

	web_reply(r, &a);
}

static void
print_error(struct text *out, struct str sentence)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "error", str_trim(sentence));
	json_close(&j);
	text_char(out, '\n');
}

static void
reply_error(struct web_request *r, int status, const char *sentence)
{
	char buf[ERROR_MAX];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	print_error(&t, str_from(sentence));
	reply(r, status, text_view(&t));
}

static void
free_ask(struct ask *k)
{
	*k->at = k->next;
	if (k->next)
		k->next->at = k->at;
	k->api->n--;
	text_done(&k->line);
	text_done(&k->body);
	free(k);
}

/* What failed may be tried again under its key. */
static void
keep(struct ask *k)
{
	struct done *d = k->done;

	if (!d)
		return;
	d->is_under_way = false;
	if (k->status != 200) {
		memset(d->key, 0, sizeof(d->key));
		return;
	}
	d->status = k->status;
	d->body = str_dup(text_view(&k->body));
}

static void
on_settled(void *ctx)
{
	struct ask *k = ctx;

	keep(k);
	reply(k->request, k->status, text_view(&k->body));
	free_ask(k);
}

/* Who changed something is told how it stands, not all that is known. */
static void
print_change(struct text *out, struct str answer)
{
	static const char *const members[] = {"case", "account", "state"};
	struct json *doc = json_parse(answer, NULL);
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_str(&j, members[i], json_text(json_get(doc, members[i])));
	json_close(&j);
	json_free(&doc);
}

static void
print_answer(struct ask *k, const struct control_reply *r)
{
	struct str out = str_trim(text_view(&r->out));
	struct json_out j;

	text_grow(&k->body, (size_t)2 * CONTROL_REPLY);
	if (r->exit != EXIT_OK) {
		print_error(&k->body, text_view(&r->err));
		return;
	}
	if (k->route->method == HTTP_POST) {
		print_change(&k->body, out);
	} else if (str_starts(out, STR("[")) ||
		   k->route->command == COMMAND_ID_list) {
		json_out_init(&j, &k->body);
		json_open(&j, NULL);
		json_raw(&j,
		    k->route->command == COMMAND_ID_list ? "page" : "items",
		    out);
		json_str(&j, "next", str_from(r->last));
		json_close(&j);
	} else {
		text_str(&k->body, out);
	}
	text_char(&k->body, '\n');
}

static void on_prepared(void *ctx);

/* true: it is answered later. */
static bool
prepare(struct ask *k, const struct control_request *q)
{
	if (k->is_prepared)
		return false;
	k->is_prepared = true;
	return app_ask_prepare(k->api->app, q, on_prepared, k);
}

static void
answer(struct ask *k, const struct control_request *q)
{
	struct app *a = k->api->app;
	struct control_reply r;

	control_reply_init(&r);
	desk_answer(&a->desk, q, &r);
	if (app_gather(a, on_prepared, k)) {
		control_reply_done(&r);
		return;
	}
	k->status = api_status(r.exit);
	print_answer(k, &r);
	bool is_order = r.is_order;

	control_reply_done(&r);
	if (is_order)
		app_books_settle(a, on_settled, k);
	else
		on_settled(k);
}

static void
on_prepared(void *ctx)
{
	struct ask *k = ctx;
	struct control_request q;
	struct json *doc = NULL;
	struct error err;

	if (!control_parse(text_view(&k->line), &q, &doc, &err)) {
		k->status = 400;
		text_grow(&k->body, ERROR_MAX);
		print_error(&k->body, str_from(err.text));
		on_settled(k);
		return;
	}
	q.user = k->by;
	/* The route's scope says what may be changed. */
	q.may_change = k->route->method == HTTP_POST;
	if (!prepare(k, &q))
		answer(k, &q);
	json_free(&doc);
}

/* Was this asked before? true: it is answered. */
static bool
is_again(struct ask *k, struct web_request *r)
{
	struct app_api *api = k->api;
	struct str id = http_field(r->head, STR("Idempotency-Key"));
	uint8_t key[32];
	struct text t;

	if (id.n == 0 || k->route->method != HTTP_POST)
		return false;
	text_grow(&t, (size_t)64 * 1024);
	text_printf(
	    &t, "%s\n%.*s\n%.*s\n", k->by, STR_ARG(id), STR_ARG(r->head->path));
	text_str(&t, r->body);
	crypto_hmac(&api->key, text_view(&t), key);
	text_done(&t);
	for (size_t i = 0; i < KEYS; i++) {
		struct done *d = &api->done[i];

		if (memcmp(d->key, key, sizeof(key)) != 0)
			continue;
		if (d->is_under_way)
			reply_error(r, 409, "the same is under way");
		else
			reply(r, d->status, str_from(d->body));
		return true;
	}
	k->done = &api->done[api->next_done];
	if (k->done->is_under_way) {
		k->done = NULL;
		return false;
	}
	api->next_done = (api->next_done + 1) % KEYS;
	free(k->done->body);
	*k->done = (struct done){.is_under_way = true};
	memcpy(k->done->key, key, sizeof(key));
	return false;
}

static bool
read_question(
    struct ask *k, struct web_request *r, struct str name, struct error *err)
{
	struct json *body = NULL;

	if (r->body.n > 0 && k->route->method == HTTP_POST) {
		body = json_parse(r->body, err);
		if (!body)
			return false;
		if (!json_is_object(body)) {
			json_free(&body);
			error_set(err, "the body is no object");
			return false;
		}
	}
	text_grow(&k->line, CONTROL_REQUEST);
	bool is_good = api_route_print(
	    k->route, name, r->head->query, body, &k->line, err);

	json_free(&body);
	return is_good;
}

static void
begin(struct app_api *api, struct web_request *r, const struct api_route *route,
    const struct token *token, struct str name)
{
	struct ask *k = xalloc(1, sizeof(*k));
	struct error err;
	struct text by;

	*k = (struct ask){.next = api->asks,
	    .at = &api->asks,
	    .api = api,
	    .request = r,
	    .route = route};
	if (k->next)
		k->next->at = &k->next;
	api->asks = k;
	api->n++;
	text_init(&by, k->by, sizeof(k->by));
	text_printf(&by, "api:%.*s", STR_ARG(token->name));
	if (!read_question(k, r, name, &err)) {
		reply_error(r, 400, err.text);
		free_ask(k);
	} else if (is_again(k, r)) {
		free_ask(k);
	} else {
		on_prepared(k);
	}
}

static void
on_request(void *ctx, struct web_request *r)
{
	struct app_api *api = ctx;
	char buf[API_NAME];
	struct token token;
	struct text name;
	bool is_other;

	text_init(&name, buf, sizeof(buf));
	const struct api_route *route =
	    api_route_find(r->head->method, r->head->path, &name, &is_other);

	if (!token_find("api_tokens", &api->app->settings->daemon.api_tokens,
		r->head, &api->is_told, &token))
		reply_error(r, 401, "a token of api_tokens is needed");
	else if (!route)
		reply_error(r, is_other ? 405 : 404,
		    is_other ? "not by this method" : "there is no such path");
	else if (!(token.scopes & route->scope))
		reply_error(r, 403, "this token has not the scope for that");
	else if (http_field(r->head, STR("Idempotency-Key")).n > KEY_MAX)
		reply_error(r, 400, "the Idempotency-Key is too long");
	else if (api->n >= ASKS)
		reply_error(r, 503, "too many at once");
	else
		begin(api, r, route, &token, text_view(&name));
}

struct app_api *
app_api_new(struct app *a)
{
	struct web *w = app_web_api(a->web);

	if (!w)
		return NULL;
	struct app_api *api = xalloc(1, sizeof(*api));

	api->app = a;
	crypto_random(&api->key, sizeof(api->key));
	web_route(w, HTTP_GET, "/v1/", 0, on_request, api);
	web_route(w, HTTP_POST, "/v1/", BODY_MAX, on_request, api);
	return api;
}

void
app_api_free(struct app_api **ap)
{
	struct app_api *api = *ap;

	if (!api)
		return;
	*ap = NULL;
	while (api->asks)
		free_ask(api->asks);
	for (size_t i = 0; i < KEYS; i++)
		free(api->done[i].body);
	free(api);
}
