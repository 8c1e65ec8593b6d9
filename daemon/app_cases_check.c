/* app_cases_check - `case N --verify`: the chain is checked in a thread */
#include <stdlib.h>
#include <unistd.h>

#include "base/worker.h"
#include "daemon/app_cases.h"
#include "daemon/app_state.h"

struct app_check {
	struct app *app;
	struct worker *worker; /* NULL: none is under way */
	struct cases_check *check;
	loop_fn *done;
	void *done_ctx;
};

struct app_check *
app_check_new(struct app *a)
{
	struct app_check *c = xalloc(1, sizeof(*c));

	c->app = a;
	return c;
}

/* The store goes next: the thread must have left it. */
void
app_check_free(struct app_check **cp)
{
	struct app_check *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	if (c->worker) {
		c->check->is_stopped = true;
		while (!c->check->is_over)
			usleep(1000);
		worker_abandon(&c->worker, free);
	} else {
		free(c->check);
	}
	free(c);
}

static void
check(void *job)
{
	cases_verify(job);
}

static void
on_checked(void *job)
{
	struct app_check *c = ((struct cases_check *)job)->ctx;

	c->worker = NULL;
	if (!c->check->is_over && !*c->check->what.text)
		error_set(&c->check->what, "no thread to check it");
	c->done(c->done_ctx);
}

bool
app_check_prepare(struct app_check *c, const struct control_request *q,
    loop_fn *done, void *done_ctx)
{
	struct cases *store = app_cases_store(c->app->cases);
	const struct case_head *head;
	struct text t;

	if (q->command != COMMAND_ID_case || !control_has(q, "verify") ||
	    q->n_args == 0 || c->worker)
		return false;
	head = cases_find(store, q->args[0]);
	if (!head)
		return false;
	free(c->check);
	c->check = xalloc(1, sizeof(*c->check));
	cases_verify_begin(store, head->cause, c->check);
	text_init(&t, c->check->known, sizeof(c->check->known));
	text_str(&t, control_option(q, "head"));
	c->check->ctx = c;
	c->done = done;
	c->done_ctx = done_ctx;
	c->worker = worker_start(c->app->loop, check, on_checked, c->check);
	return true;
}

const struct cases_check *
app_check_get(const struct app_check *c)
{
	return c->worker ? NULL : c->check;
}
