/* answers - what the DNS has said so far, and what is still to be asked */
#include "domains/answers.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"

struct entry {
	struct entry *next_wanted;
	struct dns_answer *answer; /* NULL: none yet */
	enum dns_type type;
	char name[DNS_NAME];
	struct str key;
};

struct answers {
	struct arena arena;
	struct map map;
	struct entry *wanted, **last_wanted; /* not told yet */
	size_t open, bytes;
	struct dns_answer none, full, given_up;
	bool is_given_up;
};

struct answers *
answers_new(void)
{
	struct answers *a = xalloc(1, sizeof(*a));

	arena_init(&a->arena);
	map_init(&a->map);
	a->last_wanted = &a->wanted;
	a->none.status = DNS_NO_NAME;
	a->full = dns_answer_failed("too many DNS questions");
	return a;
}

void
answers_free(struct answers **ap)
{
	struct answers *a = *ap;
	struct entry *e;
	size_t i = 0;

	if (!a)
		return;
	*ap = NULL;
	while ((e = map_next(&a->map, &i)))
		free(e->answer);
	map_done(&a->map);
	arena_done(&a->arena);
	free(a);
}

static struct str
make_key(char buf[DNS_NAME + 2], const char *name, enum dns_type type)
{
	size_t n = strlen(name);

	buf[0] = (char)((unsigned)type >> 8);
	buf[1] = (char)((unsigned)type & 0xff);
	memcpy(buf + 2, name, n);
	return str_make(buf, n + 2);
}

static struct entry *
add(struct answers *a, const char *name, enum dns_type type)
{
	struct entry *e = arena_alloc(&a->arena, sizeof(*e));
	char buf[DNS_NAME + 2];

	memcpy(e->name, name, strlen(name) + 1);
	e->type = type;
	e->key = arena_str(&a->arena, make_key(buf, name, type));
	map_put(&a->map, e->key, e);
	return e;
}

const struct dns_answer *
answers_get(struct answers *a, struct str name, enum dns_type type)
{
	char folded[DNS_NAME], buf[DNS_NAME + 2];
	struct entry *e;

	if (!dns_name(name, folded))
		return &a->none;
	e = map_find(&a->map, make_key(buf, folded, type));
	if (e && (e->answer || !a->is_given_up))
		return e->answer;
	if (a->is_given_up)
		return &a->given_up;
	if (a->map.n >= ANSWERS_MAX || a->bytes >= ANSWERS_BYTES)
		return &a->full;
	e = add(a, folded, type);
	*a->last_wanted = e;
	a->last_wanted = &e->next_wanted;
	a->open++;
	return NULL;
}

void
answers_put(struct answers *a, const char *name, enum dns_type type,
    const struct dns_answer *answer)
{
	char buf[DNS_NAME + 2];
	struct entry *e = map_find(&a->map, make_key(buf, name, type));
	size_t size;

	if (e && e->answer)
		return;
	if (e)
		a->open--;
	else
		e = add(a, name, type);
	e->answer = dns_answer_copy(answer, &size);
	a->bytes += size;
}

bool
answers_wanted(struct answers *a, const char **name, enum dns_type *type)
{
	struct entry *e = a->wanted;

	if (!e)
		return false;
	a->wanted = e->next_wanted;
	if (!a->wanted)
		a->last_wanted = &a->wanted;
	*name = e->name;
	*type = e->type;
	return true;
}

void
answers_give_up(struct answers *a, const char *why)
{
	a->is_given_up = true;
	a->given_up = dns_answer_failed(why);
}

size_t
answers_open(const struct answers *a)
{
	return a->open;
}

size_t
answers_count(const struct answers *a)
{
	return a->map.n;
}
