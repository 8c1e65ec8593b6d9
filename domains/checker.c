/* checker - asks the DNS for all that a domain's health needs, on the loop */
#include "domains/checker.h"

#include <stdlib.h>

#include "base/dns.h"
#include "base/error.h"
#include "base/loop.h"

struct question {
	struct question *next, **at;
	struct checker *checker;
	struct dns_ask *ask;
	const char *name; /* of the answers */
	enum dns_type type;
};

struct checker {
	struct dns *dns;
	struct answers *answers;
	struct question *open;
	struct loop_timer *step, *late;
	const struct health_site *site;
	checker_fn *on_done;
	void *ctx;
	char domain[DNS_NAME];
};

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
	answers_free(&c->answers);
	free(c);
}

static void
on_answer(void *ctx, const struct dns_answer *a)
{
	struct question *q = ctx;
	struct checker *c = q->checker;

	q->ask = NULL;
	answers_put(c->answers, q->name, q->type, a);
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
on_step(void *ctx)
{
	struct checker *c = ctx;
	struct health *h = health_check(c->answers, c->domain, c->site);
	const char *name;
	enum dns_type type;

	if (!h) {
		while (answers_wanted(c->answers, &name, &type))
			ask(c, name, type);
		return;
	}
	checker_fn *on_done = c->on_done;
	void *done_ctx = c->ctx;
	size_t questions = answers_count(c->answers);

	checker_cancel(&c);
	on_done(done_ctx, h, questions);
}

static void
on_late(void *ctx)
{
	struct checker *c = ctx;

	while (c->open)
		free_question(c->open);
	answers_give_up(c->answers, "the check took too long");
	loop_timer_work(c->step);
}

struct checker *
checker_start(struct loop *l, struct dns *d, const char *domain,
    const struct health_site *site, int64_t timeout_ms, checker_fn *on_done,
    void *ctx)
{
	struct checker *c = xalloc(1, sizeof(*c));

	c->dns = d;
	c->answers = answers_new();
	c->site = site;
	c->on_done = on_done;
	c->ctx = ctx;
	memcpy(c->domain, domain, strlen(domain) + 1);
	c->step = loop_timer_new(l, on_step, c);
	c->late = loop_timer_new(l, on_late, c);
	loop_timer_in(c->late, timeout_ms * 1000);
	loop_timer_work(c->step);
	return c;
}
