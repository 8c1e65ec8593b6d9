/* app_xarf - complaints by POST /xarf, at api_listen */
#include "daemon/app_xarf.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/worker.h"
#include "daemon/app_state.h"
#include "daemon/app_web.h"
#include "config/token.h"
#include "fbl/xarf_list.h"

enum { BODY_MAX = 1 << 20, REPORTER = 200, POSTS = 8 };

/* What the worker reads; its own until it ends. */
struct job {
	struct arena arena;
	struct str body;
	struct xarf_list list;
	int status;
	struct error err;
	struct post *post;
};

struct post {
	struct post *next, **at;
	struct app_xarf *xarf;
	struct web_request *request;
	char reporter[REPORTER];
	struct job *job;
	struct worker *worker;
	enum fbl_outcome outcomes[XARF_LIST];
	struct item {
		struct post *post;
		size_t i;
	} items[XARF_LIST];
	size_t n_waiting;
	struct error why; /* of what must come again */
};

struct app_xarf {
	struct app *app;
	struct post *posts;
	size_t n;
	bool is_told, is_api_told; /* see token.h */
};

static void
free_job(void *ctx)
{
	struct job *j = ctx;

	arena_done(&j->arena);
	free(j);
}

static void
end_post(struct post *p)
{
	*p->at = p->next;
	if (p->next)
		p->next->at = p->at;
	p->xarf->n--;
	if (p->worker)
		worker_abandon(&p->worker, free_job);
	else
		free_job(p->job);
	free(p);
}

static void
reply(struct web_request *r, int status, struct str headers, struct text *body)
{
	const struct web_answer a = {.status = status,
	    .type = "application/json",
	    .headers = headers,
	    .body = text_view(body)};

	text_char(body, '\n');
	web_reply(r, &a);
}

static void
reply_error(struct web_request *r, int status, const char *headers,
    const char *sentence)
{
	char buf[2048];
	struct json_out j;
	struct text t;

	text_init(&t, buf, sizeof(buf));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "error", str_from(sentence));
	json_close(&j);
	reply(r, status, str_from(headers), &t);
}

static void
reply_results(const struct post *p)
{
	bool is_known = true;
	struct json_out j;
	struct text t;

	text_grow(&t, 16384);
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_open_array(&j, "reports");
	for (size_t i = 0; i < p->job->list.n; i++) {
		bool is = p->outcomes[i] == FBL_KNOWN;

		is_known = is_known && is;
		json_open(&j, NULL);
		json_str(&j, "result", is ? STR("duplicate") : STR("taken"));
		json_close(&j);
	}
	json_close_array(&j);
	json_close(&j);
	reply(p->request, is_known ? 200 : 202, STR(""), &t);
	text_done(&t);
}

static void
answer(struct post *p)
{
	if (*p->why.text)
		reply_error(
		    p->request, 503, "Retry-After: 30\r\n", p->why.text);
	else
		reply_results(p);
	end_post(p);
}

static void
on_taken(void *ctx, enum fbl_outcome outcome, const char *why)
{
	const struct item *item = ctx;
	struct post *p = item->post;

	p->outcomes[item->i] = outcome;
	if (outcome != FBL_TAKEN && outcome != FBL_KNOWN)
		error_set(&p->why, "%s", why);
	if (--p->n_waiting == 0)
		answer(p);
}

static void
on_read(void *ctx)
{
	struct job *j = ctx;
	struct post *p = j->post;

	p->worker = NULL;
	if (j->status < 0) {
		reply_error(p->request, 400, "", j->err.text);
		end_post(p);
		return;
	}
	p->n_waiting = j->list.n;
	for (size_t i = 0; i < j->list.n; i++) {
		const struct app_fbl_mail m = {.bytes = j->list.v[i],
		    .is_vouched = true,
		    .reporter = p->reporter,
		    .stays = true};

		p->items[i] = (struct item){p, i};
		app_fbl_take(p->xarf->app->fbl, &m, on_taken, &p->items[i]);
	}
}

static void
work(void *ctx)
{
	struct job *j = ctx;

	j->status = xarf_list_read(j->body, &j->arena, &j->list, &j->err);
}

static void
begin(struct app_xarf *x, struct web_request *r, struct str reporter)
{
	struct post *p = xalloc(1, sizeof(*p));
	struct text t;

	*p = (struct post){.next = x->posts, .at = &x->posts, .xarf = x};
	if (p->next)
		p->next->at = &p->next;
	x->posts = p;
	x->n++;
	p->request = r;
	text_init(&t, p->reporter, sizeof(p->reporter));
	text_str(&t, reporter);
	p->job = xalloc(1, sizeof(*p->job));
	p->job->post = p;
	arena_init(&p->job->arena);
	p->job->body = arena_str(&p->job->arena, r->body);
	p->job->status = error_set(&p->job->err, "no thread could be made");
	p->worker = worker_start(x->app->loop, work, on_read, p->job);
}

/* Whose token it is: xarf_tokens, or one of api_tokens for reports. */
static bool
find_reporter(
    struct app_xarf *x, const struct web_request *r, struct str *reporter)
{
	const struct settings *s = x->app->settings;
	struct token t;
	bool is_found = token_find(
	    "xarf_tokens", &s->fbl.xarf_tokens, r->head, &x->is_told, &t);

	if (!is_found)
		is_found = token_find("api_tokens", &s->daemon.api_tokens,
			       r->head, &x->is_api_told, &t) &&
			   (t.scopes & TOKEN_REPORT);
	if (is_found)
		*reporter = t.name;
	return is_found;
}

static bool
is_json(struct str type)
{
	struct str head;

	if (str_cut(&type, ';', &head))
		type = head;
	return str_is_nocase(str_trim(type), STR("application/json"));
}

static void
on_post(void *ctx, struct web_request *r)
{
	struct app_xarf *x = ctx;
	struct str reporter;

	if (!find_reporter(x, r, &reporter))
		reply_error(r, 401, "WWW-Authenticate: Bearer\r\n",
		    "a token of xarf_tokens is needed");
	else if (!is_json(http_field(r->head, STR("Content-Type"))))
		reply_error(r, 415, "", "Content-Type: application/json");
	else if (x->n >= POSTS)
		reply_error(r, 503, "Retry-After: 10\r\n", "too many at once");
	else
		begin(x, r, reporter);
}

struct app_xarf *
app_xarf_new(struct app *a)
{
	struct web *w = app_web_api(a->web);

	if (!w)
		return NULL;
	struct app_xarf *x = xalloc(1, sizeof(*x));

	x->app = a;
	web_route(w, HTTP_POST, "/xarf", BODY_MAX, on_post, x);
	return x;
}

void
app_xarf_free(struct app_xarf **xp)
{
	struct app_xarf *x = *xp;

	if (!x)
		return;
	*xp = NULL;
	while (x->posts)
		end_post(x->posts);
	free(x);
}
