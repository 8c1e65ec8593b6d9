/* queue_work - what outpost-queue does with the queues, as root */
#include "queue/queue_work.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/child.h"
#include "queue/queue_parts.h"

enum { HEADERS_S = 10, HEADERS_BYTES = 32 * 1024, IDS_LOGGED = 20 };

/* What is asked for, and is ours. */
static void
seek(const struct queue_place *p, const struct queue_book *b,
    const struct queue_request *q, struct queue_sought *v)
{
	for (size_t i = 0; i < q->n; i++) {
		v[i] = (struct queue_sought){.m = q->messages[i]};
		struct queue_message *m = &v[i].m;

		m->result = QUEUE_ASK;
		if (queue_place_find(p, m->instance) < 0) {
			m->result = QUEUE_UNKNOWN;
			continue;
		}
		if (q->verb == QUEUE_VERB_HOLD ||
		    q->verb == QUEUE_VERB_EXPECT || q->verb == QUEUE_VERB_TRY)
			continue;
		v[i].entry = queue_book_find(b, m->instance, m->id);
		if (!v[i].entry) {
			m->result = QUEUE_FOREIGN;
		} else if (v[i].entry->m.to < m->from ||
			   v[i].entry->m.to > m->to ||
			   !queue_sender_is(v[i].entry->m.sender, m->sender) ||
			   v[i].entry->is_wanted) {
			m->result = QUEUE_CHANGED;
		} else {
			/* Once, should a question name it twice. */
			v[i].entry->is_wanted = true;
			m->from = v[i].entry->m.from;
			m->to = v[i].entry->m.to;
			m->size_bytes = v[i].entry->m.size_bytes;
		}
	}
}

static int
by_arrival(const void *a, const void *b)
{
	const struct queue_sought *x = a, *y = b;

	if (x->m.to != y->m.to)
		return x->m.to < y->m.to ? -1 : 1;
	return str_compare(x->m.id, y->m.id);
}

static bool
is_done(enum queue_result r)
{
	return r == QUEUE_HELD || r == QUEUE_RELEASED || r == QUEUE_REQUEUED ||
	       r == QUEUE_RETURNED || r == QUEUE_DELETED || r == QUEUE_TRIED;
}

/* Every change, by whom, why, which. */
static void
tell(const struct queue_request *q, const char *by,
    const struct queue_sought *v, size_t done)
{
	char words[1024], reason[QUEUE_REASON_MAX + 1];
	struct text ids, why;
	size_t n = 0;

	if (done == 0)
		return;
	text_init(&ids, words, sizeof(words));
	text_init(&why, reason, sizeof(reason));
	text_printable(&why, q->reason);
	for (size_t i = 0; i < q->n && n < IDS_LOGGED; i++) {
		if (!is_done(v[i].m.result))
			continue;
		text_printf(&ids, " %.*s", STR_ARG(v[i].m.id));
		n++;
	}
	log_notice("%s by %s%s%s: %zu of %zu messages:%s%s",
	    queue_verb_text(q->verb), by, why.n ? ", " : "", reason, done, q->n,
	    words, n < done ? " ..." : "");
}

static void
answer_all(const struct queue_request *q, const struct queue_sought *v,
    const char *by, struct text *answer)
{
	size_t done = 0;

	for (size_t i = 0; i < q->n; i++) {
		queue_answer_message(answer, &v[i].m);
		done += is_done(v[i].m.result);
	}
	tell(q, by, v, done);
	queue_answer_done(answer, done);
}

static void
change(const struct queue_place *p, struct queue_book *b,
    const struct queue_request *q, const char *by, int64_t now,
    struct text *answer)
{
	struct queue_sought *v = xalloc(q->n + 1, sizeof(*v));

	seek(p, b, q, v);
	qsort(v, q->n, sizeof(*v), by_arrival);
	if (q->verb == QUEUE_VERB_HOLD)
		queue_hold(p, b, v, q->n);
	else if (q->verb == QUEUE_VERB_EXPECT)
		queue_expect(p, b, v, q->n);
	else if (q->verb == QUEUE_VERB_TRY)
		queue_try(p, v, q->n);
	else
		queue_release(p, b, q->verb, now, v, q->n);
	answer_all(q, v, by, answer);
	free(v);
}

static void
list(const struct queue_book *b, struct text *answer)
{
	struct queue_entry *e;
	size_t i = 0;

	while ((e = queue_book_next(b, &i)) != NULL)
		queue_answer_message(answer, &e->m);
	queue_answer_done(answer, b->by_id.n);
}

struct headers {
	struct text *answer;
	size_t n;
};

static void
on_header(void *ctx, struct str line)
{
	struct headers *h = ctx;

	line = str_head(line, QUEUE_TEXT_MAX);
	if (h->n + line.n > HEADERS_BYTES)
		return;
	h->n += line.n + 1;
	queue_answer_text(h->answer, line);
}

static void
headers(const struct queue_place *p, const struct queue_book *b,
    const struct queue_request *q, struct text *answer)
{
	char path[512], id[QUEUE_ID_MAX + 1];
	struct headers h = {answer, 0};
	struct queue_sought s;
	struct queue_look l;
	struct error err;
	struct text t;

	if (q->n == 1)
		seek(p, b, q, &s);
	if (q->n != 1 || s.m.result != QUEUE_ASK) {
		queue_answer_failed(
		    answer, STR("headers are of one message that is held"));
		return;
	}
	queue_look_init(
	    &l, p, (size_t)queue_place_find(p, s.m.instance), &s, 1);
	int rc = queue_look(&l, &err);

	queue_look_done(&l);
	if (rc < 0 || s.where != WHERE_HOLD || !s.is_same) {
		queue_answer_failed(answer,
		    rc < 0 ? str_from(err.text) : STR("it isn't held now"));
		return;
	}
	text_init(&t, path, sizeof(path));
	text_printf(&t, "%s/postcat", p->commands);
	text_init(&t, id, sizeof(id));
	text_str(&t, s.m.id);
	const struct child c = {path,
	    {"-c", p->instances[l.instance].config_dir, "-hq", id},
	    STR_INIT(""), HEADERS_S, on_header, &h};

	if (child_run(&c, &err) < 0)
		queue_answer_failed(answer, str_from(err.text));
	else
		queue_answer_done(answer, 1);
}

/* Nothing of it stands in the book: others may work with it meanwhile. */
static void
hurry(const struct queue_place *p, const struct queue_request *q,
    const char *by, int64_t now, struct text *answer)
{
	struct queue_book none;

	queue_book_init(&none);
	change(p, &none, q, by, now, answer);
	queue_book_done(&none);
}

void
queue_work(const struct queue_place *p, const struct queue_request *q,
    const char *by, int64_t now, struct text *answer)
{
	if (q->verb == QUEUE_VERB_TRY) {
		hurry(p, q, by, now, answer);
		return;
	}
	struct queue_book b;
	struct error err;
	int lock = queue_file_lock(p->state_dir, &err);

	queue_book_init(&b);
	if (lock < 0 || queue_file_load(p->state_dir, &b, &err) < 0) {
		log_error("%s; nothing can be held or released", err.text);
		queue_answer_failed(answer, str_from(err.text));
	} else if (q->verb == QUEUE_VERB_LIST) {
		list(&b, answer);
	} else if (q->verb == QUEUE_VERB_HEADERS) {
		headers(p, &b, q, answer);
	} else {
		change(p, &b, q, by, now, answer);
	}
	queue_book_done(&b);
	if (lock >= 0)
		close(lock);
}

static int
release_due(const struct queue_place *p, struct queue_book *b, int64_t now,
    bool is_all, size_t *found, size_t *released)
{
	struct queue_entry *e;
	size_t i = 0, n;

	while ((e = queue_book_next(b, &i)) != NULL)
		e->is_wanted = is_all || e->m.due <= now;
	struct queue_entry **entries = queue_book_sorted(b, &n);
	struct queue_sought *v = xalloc(n + 1, sizeof(*v));
	struct queue_book copies; /* the entries go as they are released */

	queue_book_init(&copies);
	for (i = 0; i < n; i++) {
		v[i].m = queue_book_put(&copies, &entries[i]->m)->m;
		v[i].entry = entries[i];
		v[i].m.result = QUEUE_ASK;
	}
	free(entries);
	queue_release(p, b, QUEUE_VERB_RELEASE, now, v, n);
	size_t failed = 0;

	for (i = 0; i < n; i++) {
		/* Of an instance that isn't configured any more, too. */
		failed +=
		    v[i].m.result == QUEUE_FAILED || v[i].m.result == QUEUE_ASK;
		*released += is_done(v[i].m.result);
	}
	*found = n;
	queue_book_done(&copies);
	free(v);
	return failed ? -1 : 0;
}

int
queue_work_overdue(const struct queue_place *p, int64_t now, bool is_all,
    size_t *found, size_t *released, struct error *err)
{
	struct queue_book b;
	int lock;

	*found = *released = 0;
	if (access(p->state_dir, F_OK) < 0)
		return 0; /* nothing was ever held */
	lock = queue_file_lock(p->state_dir, err);
	if (lock < 0)
		return -1;
	queue_book_init(&b);
	int rc = queue_file_load(p->state_dir, &b, err);

	if (rc == 0 && release_due(p, &b, now, is_all, found, released) < 0)
		rc = error_set(err,
		    "not everything that is overdue could be released: %zu "
		    "of %zu",
		    *released, *found);
	queue_book_done(&b);
	close(lock);
	return rc;
}
