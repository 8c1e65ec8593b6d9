/* app_policy - the policy sockets and their stand-in */
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sock.h"
#include "base/time.h"
#include "daemon/app_complaints.h"
#include "daemon/app_expect.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"

/* Longer than any honest request: an attacker's long HELO and addresses must
 * not close a connection, since then Postfix goes on without an answer. */
enum { MAX_REQUEST = 16 * 1024 };

static void
on_answer(void *ctx, const struct policy_request *q, struct text *action)
{
	struct app *a = ctx;

	if (!app_complaints_refuses(app_fbl_complaints(a->fbl), q, action))
		pipeline_answer(a->pipeline, q, action);
}

static void
on_expect(void *ctx, const struct policy_request *q)
{
	struct app *a = ctx;

	pipeline_expect(a->pipeline, q);
}

static bool
on_wait(
    void *ctx, const struct policy_request *q, loop_fn *done, void *done_ctx)
{
	return app_expect_wait(ctx, q, done, done_ctx) ||
	       app_admission_wait(ctx, q, done, done_ctx);
}

static void
on_refused(void *ctx, uid_t uid)
{
	struct app *a = ctx;

	if (a->is_refusal_told)
		return;
	a->is_refusal_told = true;
	log_warning("a policy request of uid %u was not heard, policy_users "
		    "doesn't name it; if it is Postfix, all its mail passes "
		    "unasked",
	    (unsigned)uid);
}

static void
find_askers(struct app *a)
{
	const struct setting_list *users = &a->settings->daemon.policy_users;

	a->askers[0] = geteuid();
	a->n_askers = 1;
	a->is_heard_all = false;
	for (size_t i = 0; i < users->n; i++) {
		const struct passwd *pw = getpwnam(users->v[i]);

		if (strcmp(users->v[i], "*") == 0)
			a->is_heard_all = true;
		else if (!pw)
			log_warning("policy_users: there is no user %s here",
			    users->v[i]);
		else if (a->n_askers < APP_ASKERS)
			a->askers[a->n_askers++] = pw->pw_uid;
	}
}

static void
configure(struct app *a, struct policy_config *out)
{
	const struct daemon_settings *s = &a->settings->daemon;

	find_askers(a);
	a->is_refusal_told = false;
	*out = (struct policy_config){
	    .max_connections = (size_t)s->policy_max_connections,
	    .max_request_bytes = MAX_REQUEST,
	    .idle_us = s->policy_idle * TIME_US,
	    .slow_us = s->policy_timeout * TIME_US,
	    .answer = on_answer,
	    .ctx = a,
	    .wait = on_wait,
	    .expect = on_expect,
	    .duty = policy_standin_alive,
	    .duty_ctx = a->standin,
	    .askers = a->is_heard_all ? NULL : a->askers,
	    .n_askers = a->n_askers,
	    .refused = on_refused,
	    .metrics =
		{
		    .requests = metrics_get(METRICS_POLICY_REQUESTS),
		    .connections = metrics_get(METRICS_POLICY_CONNECTIONS),
		    .open = metrics_get(METRICS_POLICY_OPEN),
		    .malformed = metrics_get(METRICS_POLICY_MALFORMED),
		    .slow = metrics_get(METRICS_POLICY_SLOW),
		    .evicted = metrics_get(METRICS_POLICY_EVICTED),
		    .refused = metrics_get(METRICS_POLICY_REFUSED),
		},
	};
}

/* Those that systemd holds. */
static void
inherit(struct app *a)
{
	int fd;

	while (a->n_listeners < APP_LISTENERS &&
	       (fd = sock_inherited("policy", (int)a->n_listeners)) >= 0)
		a->listeners[a->n_listeners++] = fd;
}

/* An outpostd that was killed a moment ago may not have ended its stand-in
 * yet: who listens there is given a second to go. */
static int
listen_patiently(const char *address, mode_t mode, struct error *err)
{
	enum { TRIES = 20, PAUSE_MS = 50 };
	int fd = sock_listen(address, mode, err);

	for (int i = 0; i < TRIES && fd < 0 && errno == EADDRINUSE; i++) {
		poll(NULL, 0, PAUSE_MS);
		fd = sock_listen(address, mode, err);
	}
	return fd;
}

/* Our own. One of several that can't be had (there is no Postfix queue
 * directory here) is said; the others serve. */
static void
listen_on_all(struct app *a, struct error *err)
{
	const struct daemon_settings *s = &a->settings->daemon;
	mode_t mode = (mode_t)strtoul(s->policy_mode, NULL, 8);

	for (size_t i = 0; i < s->listen.n && a->n_listeners < APP_LISTENERS;
	     i++) {
		int fd = listen_patiently(s->listen.v[i], mode, err);

		if (fd >= 0)
			a->listeners[a->n_listeners++] = fd;
		else if (s->listen.n > 1)
			log_warning("%s; a Postfix that asks there goes on "
				    "without an answer",
			    err->text);
	}
}

int
app_policy_open(struct app *a, struct error *err)
{
	inherit(a);
	if (a->n_listeners == 0)
		listen_on_all(a, err);
	if (a->n_listeners == 0)
		return -1;
	a->standin = policy_standin_start(a->listeners, a->n_listeners, err);
	return a->standin ? 0 : -1;
}

void
app_policy_start(struct app *a)
{
	struct policy_config config;

	configure(a, &config);
	a->policy = policy_server_new(a->loop, &config);
	for (size_t i = 0; i < a->n_listeners; i++)
		policy_server_adopt(a->policy, a->listeners[i]);
	a->n_listeners = 0;
}

void
app_policy_reload(struct app *a)
{
	struct policy_config config;

	configure(a, &config);
	policy_server_configure(a->policy, &config);
}

void
app_policy_tick(struct app *a)
{
	if (a->is_standin_gone || policy_standin_is_there(a->standin))
		return;
	a->is_standin_gone = true;
	log_error("the policy stand-in has ended; mail flows, but should "
		  "outpostd freeze, Postfix waits 3 seconds for each request: "
		  "restart outpostd");
}

void
app_policy_stop(struct app *a)
{
	policy_standin_stop(&a->standin);
	policy_server_free(&a->policy);
	for (size_t i = 0; i < a->n_listeners; i++)
		close(a->listeners[i]);
	a->n_listeners = 0;
}
