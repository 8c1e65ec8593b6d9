/* dns - questions to the DNS, without stopping the loop */
#include "base/dns.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "base/dns_cache.h"
#include "base/dns_wire.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/time.h"

enum {
	WAITING_MAX = 50000, /* questions that aren't sent yet */
	SLICE = 8,	     /* answers handed out at once */
	SENDS = 6,	     /* and questions sent: 40 us each */
	TTL_MAX = 86400,
	NEGATIVE_TTL_MAX = 3600,
	NO_SOA_TTL = 10,
	FAILED_TTL = 5,
};

struct dns_ask {
	struct dns_ask *next, **at; /* of its question; at: what points here */
	struct question *question;
	dns_fn *on_answer;
	void *ctx;
};

/* One question, with all who ask it. It is in one list: waiting to be sent,
 * sent, or done. */
struct question {
	struct question *next, *prev;
	struct question_list *list;
	struct dns_ask *asks, **last_ask;
	struct flight *flight; /* NULL: not sent, or given up */
	struct dns_kept *kept; /* when it is done */
	int64_t end_us;	       /* monotonic */
	size_t key_n;
	char key[2 + DNS_NAME]; /* type, name */
};

struct question_list {
	struct question *first, *last;
	size_t n;
};

struct flight {
	struct dns *dns;
	struct question *q; /* NULL: nobody waits any more */
};

struct dns {
	struct loop *loop;
	struct dns_options options;
	struct dns_wire *wire;
	struct dns_cache *cache;
	struct map open; /* waiting or sent, by key */
	struct question_list waiting, sent, done;
	size_t in_flight;
	struct loop_timer *late, *deliver;
	struct dns_counts counts;
	struct dns_scratch scratch;
};

static void
add_last(struct question_list *l, struct question *q)
{
	q->list = l;
	q->next = NULL;
	q->prev = l->last;
	*(l->last ? &l->last->next : &l->first) = q;
	l->last = q;
	l->n++;
}

static void
take_out(struct question *q)
{
	struct question_list *l = q->list;

	*(q->prev ? &q->prev->next : &l->first) = q->next;
	*(q->next ? &q->next->prev : &l->last) = q->prev;
	l->n--;
	q->list = NULL;
}

static enum dns_type
type_of(const struct question *q)
{
	return (enum dns_type)((uint8_t)q->key[0] << 8 | (uint8_t)q->key[1]);
}

static struct str
key_of(const struct question *q)
{
	return str_make(q->key, q->key_n);
}

static void
free_question(struct question *q)
{
	struct dns_ask *next;

	for (struct dns_ask *a = q->asks; a; a = next) {
		next = a->next;
		free(a);
	}
	if (q->flight)
		q->flight->q = NULL;
	dns_kept_release(&q->kept);
	free(q);
}

static int64_t
ttl_of(const struct dns_answer *a)
{
	if (a->status == DNS_FAILED)
		return FAILED_TTL;
	if (a->status == DNS_OK)
		return a->ttl < TTL_MAX ? a->ttl : TTL_MAX;
	if (a->ttl == 0)
		return NO_SOA_TTL;
	return a->ttl < NEGATIVE_TTL_MAX ? a->ttl : NEGATIVE_TTL_MAX;
}

static void
finish(struct dns *d, struct question *q, const struct dns_answer *a)
{
	int64_t now_us = time_mono_us();

	if (a->status == DNS_FAILED)
		d->counts.failed++;
	map_remove(&d->open, key_of(q));
	take_out(q);
	q->kept = dns_kept_new(a, now_us, now_us + ttl_of(a) * TIME_US);
	if (ttl_of(a) > 0)
		dns_cache_put(d->cache, key_of(q), q->kept);
	add_last(&d->done, q);
	loop_timer_work(d->deliver);
}

static void
on_packet(void *ctx, struct str packet, const char *error)
{
	struct flight *f = ctx;
	struct dns *d = f->dns;
	struct question *q = f->q;

	free(f);
	d->in_flight--;
	if (q) {
		struct dns_answer a = error
					  ? dns_answer_failed(error)
					  : dns_answer_read(packet, q->key + 2,
						type_of(q), &d->scratch);

		q->flight = NULL;
		finish(d, q, &a);
	}
	/* The next goes out from `deliver`: not from within c-ares. */
	if (d->waiting.n > 0)
		loop_timer_work(d->deliver);
}

static void
arm_late(struct dns *d)
{
	if (d->sent.first)
		loop_timer_in(d->late, d->sent.first->end_us - time_mono_us());
	else
		loop_timer_stop(d->late);
}

static void
on_late(void *ctx)
{
	struct dns *d = ctx;
	struct dns_answer a = dns_answer_failed("no answer in time");
	int64_t now_us = time_mono_us();

	while (d->sent.first && d->sent.first->end_us <= now_us) {
		struct question *q = d->sent.first;

		q->flight->q = NULL;
		q->flight = NULL;
		finish(d, q, &a);
	}
	arm_late(d);
}

static bool
may_send(const struct dns *d)
{
	return d->waiting.first && d->in_flight < (size_t)d->options.in_flight;
}

static void
send_waiting(struct dns *d)
{
	uint8_t question[DNS_QUERY];
	uint16_t id;

	for (int i = 0; i < SENDS && may_send(d); i++) {
		struct question *q = d->waiting.first;
		struct flight *f = xalloc(1, sizeof(*f));

		take_out(q);
		add_last(&d->sent, q);
		*f = (struct flight){d, q};
		q->flight = f;
		q->end_us = time_mono_us() + d->options.timeout_ms * 1000;
		crypto_random(&id, sizeof(id));
		d->in_flight++;
		d->counts.sent++;
		dns_wire_send(d->wire, question,
		    dns_question(id, q->key + 2, type_of(q), question),
		    on_packet, f);
	}
	if (d->sent.n > 0)
		arm_late(d);
}

/* Hands out one answer; whoever gets it may ask and cancel. */
static void
deliver_one(struct dns *d)
{
	struct question *q = d->done.first;
	struct dns_ask *a = q->asks;

	if (!a) {
		take_out(q);
		free_question(q);
		return;
	}
	struct dns_kept *k = dns_kept_hold(q->kept);
	struct dns_answer answer = *k->answer;
	struct dns_ask one = *a;
	int64_t age = (time_mono_us() - k->since_us) / TIME_US;

	answer.ttl = answer.ttl > age ? answer.ttl - (uint32_t)age : 0;
	dns_cancel(&a);
	one.on_answer(one.ctx, &answer);
	dns_kept_release(&k);
}

static void
on_deliver(void *ctx)
{
	struct dns *d = ctx;

	send_waiting(d);
	for (int i = 0; i < SLICE && d->done.first; i++)
		deliver_one(d);
	if (d->done.first || may_send(d))
		loop_timer_work(d->deliver);
}

int
dns_check(const struct setting_list *servers, struct error *err)
{
	return dns_wire_check(servers, err);
}

struct dns *
dns_new(struct loop *l, const struct dns_options *o, struct error *err)
{
	struct dns *d = xalloc(1, sizeof(*d));
	uint16_t id;

	/* The first random number of a process takes most of a millisecond. */
	crypto_random(&id, sizeof(id));
	d->loop = l;
	d->options = *o;
	d->wire = dns_wire_new(l, &o->servers, (int)o->timeout_ms, err);
	if (!d->wire) {
		free(d);
		return NULL;
	}
	d->cache = dns_cache_new((size_t)o->cache, (size_t)o->cache_bytes);
	map_init(&d->open);
	d->late = loop_timer_new(l, on_late, d);
	d->deliver = loop_timer_new(l, on_deliver, d);
	return d;
}

static void
free_all(struct question_list *l)
{
	while (l->first) {
		struct question *q = l->first;

		take_out(q);
		free_question(q);
	}
}

void
dns_free(struct dns **dp)
{
	struct dns *d = *dp;

	if (!d)
		return;
	*dp = NULL;
	free_all(&d->waiting);
	free_all(&d->sent);
	free_all(&d->done);
	dns_wire_free(&d->wire); /* the flights end */
	dns_cache_free(&d->cache);
	map_done(&d->open);
	loop_timer_free(&d->late);
	loop_timer_free(&d->deliver);
	free(d);
}

static struct question *
new_question(struct str key)
{
	struct question *q = xalloc(1, sizeof(*q));

	q->last_ask = &q->asks;
	q->key_n = key.n;
	memcpy(q->key, key.p, key.n);
	return q;
}

/* One that needs no server. */
static struct question *
add_done(struct dns *d, struct str key, struct dns_kept *k)
{
	struct question *q = new_question(key);

	q->kept = k;
	add_last(&d->done, q);
	loop_timer_work(d->deliver);
	return q;
}

static struct question *
add_known(struct dns *d, struct str key, const struct dns_answer *a)
{
	return add_done(d, key, dns_kept_new(a, time_mono_us(), 0));
}

static struct question *
find_or_add(struct dns *d, struct str key)
{
	struct dns_answer full =
	    dns_answer_failed("too many questions wait for the DNS servers");
	struct dns_kept *k = dns_cache_find(d->cache, key, time_mono_us());
	struct question *q;

	if (k) {
		d->counts.cached++;
		return add_done(d, key, dns_kept_hold(k));
	}
	q = map_find(&d->open, key);
	if (q)
		return q;
	if (d->waiting.n >= WAITING_MAX)
		return add_known(d, key, &full);
	q = new_question(key);
	map_put(&d->open, key_of(q), q);
	add_last(&d->waiting, q);
	loop_timer_work(d->deliver);
	return q;
}

struct dns_ask *
dns_ask(struct dns *d, struct str name, enum dns_type type, dns_fn *on_answer,
    void *ctx)
{
	struct dns_answer none = {.status = DNS_NO_NAME};
	char key[2 + DNS_NAME] = {
	    (char)((unsigned)type >> 8), (char)((unsigned)type & 0xff)};
	bool is_name = dns_name(name, key + 2);
	struct str k = str_make(key, 2 + (is_name ? strlen(key + 2) : 0));
	struct question *q =
	    is_name ? find_or_add(d, k) : add_known(d, k, &none);
	struct dns_ask *a = xalloc(1, sizeof(*a));

	d->counts.asked++;
	a->on_answer = on_answer;
	a->ctx = ctx;
	a->question = q;
	a->at = q->last_ask;
	*q->last_ask = a;
	q->last_ask = &a->next;
	return a;
}

void
dns_cancel(struct dns_ask **ap)
{
	struct dns_ask *a = *ap;

	if (!a)
		return;
	*ap = NULL;
	*a->at = a->next;
	if (a->next)
		a->next->at = a->at;
	else
		a->question->last_ask = a->at;
	free(a);
}

struct dns_counts
dns_counts(const struct dns *d)
{
	struct dns_counts c = d->counts;

	c.waiting = d->waiting.n;
	c.in_flight = d->in_flight;
	c.kept = dns_cache_count(d->cache, &c.kept_bytes);
	return c;
}
