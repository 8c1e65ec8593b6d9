/* app_auth_policy - Dovecot's auth policy protocol, at api_listen */
#include "daemon/app_auth_policy.h"

#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "config/token.h"

enum { BODY_MAX = 32 * 1024, ANSWER_MAX = 2048 };

static void
reply(struct web_request *r, int status, bool is_refused, struct str msg)
{
	char buf[ANSWER_MAX];
	struct web_answer a = {.status = status, .type = "application/json"};
	struct text t;

	text_init(&t, buf, sizeof(buf));
	auth_policy_print(&t, is_refused, msg);
	a.body = text_view(&t);
	web_reply(r, &a);
}

static void
count(const char *result)
{
	metric_add(metrics_by(METRICS_AUTH_POLICY, str_from(result)), 1);
}

static void
answer_allow(struct app *a, const struct auth_policy *q, struct web_request *r)
{
	char why[ANSWER_MAX / 4];
	struct text t;

	text_init(&t, why, sizeof(why));
	bool is_refused = pipeline_login_refused(a->pipeline, q, &t);

	count(is_refused ? "refused" : "allowed");
	reply(r, 200, is_refused, text_view(&t));
}

static void
answer_report(struct app *a, const struct auth_policy *q, struct web_request *r)
{
	pipeline_login_report(a->pipeline, q);
	count("reported");
	reply(r, 200, false, STR(""));
}

static void
answer(struct app *a, struct web_request *r)
{
	struct auth_policy q;
	struct json *doc;
	struct error err;
	bool is_allow = str_find(r->head->query, STR("command=allow")) >= 0;

	if (!is_allow && str_find(r->head->query, STR("command=report")) < 0) {
		count("unreadable");
		reply(r, 200, false, STR("command=allow or command=report"));
		return;
	}
	if (!auth_policy_parse(r->body, &q, &doc, &err)) {
		count("unreadable");
		reply(r, 200, false, str_from(err.text));
		return;
	}
	(is_allow ? answer_allow : answer_report)(a, &q, r);
	json_free(&doc);
}

/* Dovecot lets pass what isn't answered with 200, and logs it. */
static void
on_post(void *ctx, struct web_request *r)
{
	static bool is_told;
	struct app *a = ctx;
	struct token t;

	if (token_find("api_tokens", &a->settings->daemon.api_tokens, r->head,
		&is_told, &t) &&
	    (t.scopes & TOKEN_LOGIN)) {
		answer(a, r);
		return;
	}
	count("unauthorized");
	reply(r, 401, false, STR("a token with the scope login is needed"));
}

void
app_auth_policy_start(struct app *a)
{
	struct web *w = app_web_api(a->web);

	if (w)
		web_route(w, HTTP_POST, "/auth-policy", BODY_MAX, on_post, a);
}
