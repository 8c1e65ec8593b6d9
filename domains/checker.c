/* checker - asks the DNS for all that a domain's health needs, on the loop */
#include "domains/checker.h"

#include <stdlib.h>

#include "base/dns.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/worker.h"

enum { ASK_AT_ONCE = 32 };

struct question {
	struct question *next, **at;
	struct checker *checker;
	struct dns_ask *ask;
	const char *name; /* of the answers */
	enum dns_type type;
};

/* What the thread has for itself while it judges. */
struct work {
	struct checker *checker;
	struct answers *answers;
	struct domain_site *site;
	struct health *health;
	char domain[DNS_NAME];
};

struct checker {
	struct loop *loop;
	struct dns *dns;
	struct work *work;
	struct worker *worker; /* NULL: it is the loop's turn */
	struct question *open;
	struct loop_timer *step, *late;
	checker_fn *on_done;
	void *ctx;
	bool is_late;
};

static void
free_work(void *job)
{
	struct work *w = job;

	health_free(&w->health);
	answers_free(&w->answers);
	domain_site_free(&w->site);
	free(w);
}

static void
free_question(struct question *q)
{
	*q->at = q->next;
	if (q->next)
		q->next->at = q->at;
	dns_cancel(&q->ask);
	free(q);
}

void
checker_cancel(struct checker **cp)
{
	struct checker *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	while (c->open)
		free_question(c->open);
	loop_timer_free(&c->step);
	loop_timer_free(&c->late);
	if (c->worker)
		worker_abandon(&c->worker, free_work);
	else
		free_work(c->work);
	free(c);
}

static void
on_answer(void *ctx, const struct dns_answer *a)
{
	struct question *q = ctx;
	struct checker *c = q->checker;

	q->ask = NULL;
	answers_put(c->work->answers, q->name, q->type, a);
	free_question(q);
	if (!c->open)
		loop_timer_work(c->step);
}

static void
ask(struct checker *c, const char *name, enum dns_type type)
{
	struct question *q = xalloc(1, sizeof(*q));

	q->checker = c;
	q->name = name;
	q->type = type;
	q->next = c->open;
	q->at = &c->open;
	if (c->open)
		c->open->at = &q->next;
	c->open = q;
	q->ask = dns_ask(c->dns, str_from(name), type, on_answer, q);
}

static void
judge(void *job)
{
	struct work *w = job;

	w->health = health_check(w->answers, w->domain, &w->site->site);
}

static void
give_up(struct checker *c)
{
	while (c->open)
		free_question(c->open);
	answers_give_up(c->work->answers, "the check took too long");
}

static void
on_judged(void *job)
{
	struct work *w = job;
	struct checker *c = w->checker;

	c->worker = NULL;
	if (!w->health) {
		if (c->is_late)
			give_up(c);
		loop_timer_work(c->step);
		return;
	}
	checker_fn *on_done = c->on_done;
	void *done_ctx = c->ctx;
	size_t questions = answers_count(w->answers);
	struct health *h = w->health;

	w->health = NULL;
	checker_cancel(&c);
	on_done(done_ctx, h, questions);
}

/* Asks for what is wanted, then judges what is known. */
static void
on_step(void *ctx)
{
	struct checker *c = ctx;
	const char *name;
	enum dns_type type;

	for (int i = 0; i < ASK_AT_ONCE && !c->is_late; i++) {
		if (!answers_wanted(c->work->answers, &name, &type))
			break;
		ask(c, name, type);
		if (i + 1 == ASK_AT_ONCE) {
			loop_timer_work(c->step);
			return;
		}
	}
	if (!c->open)
		c->worker = worker_start(c->loop, judge, on_judged, c->work);
}

static void
on_late(void *ctx)
{
	struct checker *c = ctx;

	c->is_late = true;
	if (c->worker)
		return;
	give_up(c);
	loop_timer_work(c->step);
}

struct checker *
checker_start(struct loop *l, struct dns *d, const char *domain,
    struct domain_site *site, int64_t timeout_ms, checker_fn *on_done,
    void *ctx)
{
	struct checker *c = xalloc(1, sizeof(*c));

	c->loop = l;
	c->dns = d;
	c->work = xalloc(1, sizeof(*c->work));
	c->work->checker = c;
	c->work->answers = answers_new();
	c->work->site = site;
	memcpy(c->work->domain, domain, strlen(domain) + 1);
	c->on_done = on_done;
	c->ctx = ctx;
	c->step = loop_timer_new(l, on_step, c);
	c->late = loop_timer_new(l, on_late, c);
	loop_timer_in(c->late, timeout_ms * 1000);
	loop_timer_work(c->step);
	return c;
}

void
checker_know(struct checker *c, const char *name, enum dns_type type,
    const struct dns_answer *a)
{
	answers_put(c->work->answers, name, type, a);
}
