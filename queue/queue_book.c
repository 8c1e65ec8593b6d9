/* queue_book - the messages that Outpost holds */
#include "queue/queue_book.h"

#include <stdlib.h>

void
queue_book_init(struct queue_book *b)
{
	map_init(&b->by_id);
	b->is_changed = false;
}

void
queue_book_done(struct queue_book *b)
{
	size_t i = 0;

	for (void *e; (e = map_next(&b->by_id, &i)) != NULL;)
		free(e);
	map_done(&b->by_id);
}

static struct str
copy(char **at, struct str s)
{
	struct str out = str_make(*at, s.n);

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return out;
}

/* Instance and id stand side by side: together they are the key. */
static struct queue_entry *
new_entry(const struct queue_message *m, struct str *key)
{
	size_t n = m->instance.n + 1 + m->id.n + m->account.n + m->sender.n;
	struct queue_entry *e = xalloc(1, sizeof(*e) + n);
	char *at = e->texts;

	e->m = *m;
	e->m.instance = copy(&at, m->instance);
	*at++ = ' ';
	e->m.id = copy(&at, m->id);
	*key = str_make(e->texts, m->instance.n + 1 + m->id.n);
	e->m.account = copy(&at, m->account);
	e->m.sender = copy(&at, m->sender);
	return e;
}

struct queue_entry *
queue_book_put(struct queue_book *b, const struct queue_message *m)
{
	struct str key;

	if (b->by_id.n >= QUEUE_BOOK_MAX &&
	    !queue_book_find(b, m->instance, m->id))
		return NULL;
	struct queue_entry *e = new_entry(m, &key);

	free(map_put(&b->by_id, key, e));
	b->is_changed = true;
	return e;
}

struct queue_entry *
queue_book_find(const struct queue_book *b, struct str instance, struct str id)
{
	char key[QUEUE_INSTANCE_MAX + 1 + QUEUE_ID_MAX + 1];
	struct text t;

	if (instance.n > QUEUE_INSTANCE_MAX || id.n > QUEUE_ID_MAX)
		return NULL;
	text_init(&t, key, sizeof(key));
	text_str(&t, instance);
	text_char(&t, ' ');
	text_str(&t, id);
	return map_find(&b->by_id, text_view(&t));
}

void
queue_book_remove(struct queue_book *b, struct queue_entry *e)
{
	map_remove(
	    &b->by_id, str_make(e->texts, e->m.instance.n + 1 + e->m.id.n));
	free(e);
	b->is_changed = true;
}

struct queue_entry *
queue_book_next(const struct queue_book *b, size_t *i)
{
	return map_next(&b->by_id, i);
}

static int
by_arrival(const void *a, const void *b)
{
	const struct queue_entry *const *x = a, *const *y = b;

	if ((*x)->m.to != (*y)->m.to)
		return (*x)->m.to < (*y)->m.to ? -1 : 1;
	return str_compare((*x)->m.id, (*y)->m.id);
}

struct queue_entry **
queue_book_sorted(const struct queue_book *b, size_t *n)
{
	struct queue_entry **v = xalloc(
			       b->by_id.n + 1, sizeof(struct queue_entry *)),
			   *e;
	size_t i = 0;

	*n = 0;
	while ((e = queue_book_next(b, &i)) != NULL) {
		if (e->is_wanted)
			v[(*n)++] = e;
	}
	qsort(v, *n, sizeof(*v), by_arrival);
	return v;
}
