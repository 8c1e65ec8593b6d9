/* runner - runs programs in threads, and brings their output to the loop */
#include "daemon/runner.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/worker.h"
#include "base/child.h"

/* Half of it is the thread's until it ends. */
struct running {
	struct runner *owner;
	char *argv[CHILD_ARGS + 2];
	int timeout_s;
	bool may_cut;
	struct text output;
	int status;
	struct error err;
	struct worker *worker;
	directory_ran_fn *done;
	void *ctx;
	struct running *next;
};

struct runner {
	struct loop *loop;
	bool may_cut;
	struct running *first;
};

static void
free_running(void *job)
{
	struct running *r = job;

	for (size_t i = 0; r->argv[i]; i++)
		free(r->argv[i]);
	text_done(&r->output);
	free(r);
}

static void
on_line(void *ctx, struct str line)
{
	struct running *r = ctx;

	text_str(&r->output, line);
	text_char(&r->output, '\n');
}

static void
work(void *job)
{
	struct running *r = job;
	struct child c = {.path = r->argv[0],
	    .timeout_s = r->timeout_s,
	    .on_line = on_line,
	    .ctx = r};

	for (size_t i = 0; i < CHILD_ARGS && r->argv[i + 1]; i++)
		c.args[i] = r->argv[i + 1];
	r->status = child_run(&c, &r->err);
	if (r->status == 0 && r->output.is_cut && !r->may_cut)
		r->status = error_set(
		    &r->err, "%s: its output is too long", r->argv[0]);
}

static void
on_end(void *job)
{
	struct running *r = job, **at = &r->owner->first;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	r->done(
	    r->ctx, text_view(&r->output), r->status == 0 ? NULL : r->err.text);
	free_running(r);
}

void
runner_run(void *ctx, const char *const *argv, int timeout_s,
    directory_ran_fn *done, void *done_ctx)
{
	struct runner *owner = ctx;
	struct running *r = xalloc(1, sizeof(*r));

	r->owner = owner;
	for (size_t i = 0; i <= CHILD_ARGS && argv[i]; i++)
		r->argv[i] = str_dup(str_from(argv[i]));
	r->timeout_s = timeout_s;
	r->may_cut = owner->may_cut;
	text_grow(&r->output, DIRECTORY_ANSWER);
	r->status = error_set(&r->err, "there is no thread to be had");
	r->done = done;
	r->ctx = done_ctx;
	r->next = owner->first;
	owner->first = r;
	r->worker = worker_start(owner->loop, work, on_end, r);
}

struct runner *
runner_new(struct loop *l)
{
	struct runner *r = xalloc(1, sizeof(*r));

	r->loop = l;
	return r;
}

void
runner_cut(struct runner *r)
{
	r->may_cut = true;
}

void
runner_free(struct runner **rp)
{
	struct runner *owner = *rp;

	if (!owner)
		return;
	*rp = NULL;
	while (owner->first) {
		struct running *r = owner->first;

		owner->first = r->next;
		r->done(r->ctx, STR(""), "ended");
		worker_abandon(&r->worker, free_running);
	}
	free(owner);
}
