/* case_store - all cases of this node: what is known of them */
#include "notify/case_store.h"

#include <assert.h>
#include <stdlib.h>

#include "base/time.h"
#include "notify/case_store_parts.h"

enum { JSON_MAX = 64 * 1024 };

struct cases *
cases_new(size_t max)
{
	struct cases *c = xalloc(1, sizeof(*c));

	map_init(&c->by_cause);
	map_init(&c->by_id);
	map_init(&c->by_account);
	c->max = max;
	c->end = &c->first;
	return c;
}

static void
free_entry(struct cases_entry *e)
{
	free(e->json);
	free(e);
}

void
cases_free(struct cases **cp)
{
	struct cases *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	cases_seal(c);
	cases_commit(c, NULL, NULL);
	disk_close(&c->disk);
	while (c->first) {
		struct cases_entry *e = c->first;

		c->first = e->next;
		free_entry(e);
	}
	for (size_t i = 0; i < c->n; i++)
		free(c->all[i]);
	free(c->all);
	map_done(&c->by_cause);
	map_done(&c->by_id);
	map_done(&c->by_account);
	free(c);
}

static void
put_big_endian(char *at, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		at[i] = (char)(v & 0xff);
}

void
cases_key(const char *cause, const struct event *e, char key[CASES_KEY])
{
	enum { CAUSE = 32, AT = 8, NODE = 16 };

	memset(key, 0, CASES_KEY);
	memcpy(key, cause, strnlen(cause, CAUSE));
	put_big_endian(key + CAUSE, (uint64_t)e->at_us);
	memcpy(key + CAUSE + AT, e->node, strnlen(e->node, NODE));
	put_big_endian(key + CAUSE + AT + NODE, e->seq);
}

static struct known_case *
find(struct cases *c, const char *cause)
{
	return map_find(&c->by_cause, str_from(cause));
}

/* Two may share a name, once in a great while: the newer has it. */
static void
name_it(struct cases *c, struct known_case *k)
{
	struct str id = str_from(k->head.id);
	struct known_case *other = map_find(&c->by_id, id);

	if (!other || other->head.opened.at_us <= k->head.opened.at_us)
		map_put(&c->by_id, id, k);
}

struct known_case *
cases_know(struct cases *c, const struct case_head *head)
{
	struct known_case *k = xalloc(1, sizeof(*k));
	struct str account;

	k->head = *head;
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 64;
		c->all = xrealloc(c->all, c->cap, sizeof(*c->all));
	}
	k->index = c->n;
	c->all[c->n++] = k;
	map_put(&c->by_cause, str_from(k->head.cause), k);
	name_it(c, k);
	account = str_from(k->head.account);
	k->older = map_find(&c->by_account, account);
	map_put(&c->by_account, account, k);
	return k;
}

static void
leave_account(struct cases *c, struct known_case *k)
{
	struct str account = str_from(k->head.account);
	struct known_case *at = map_find(&c->by_account, account);

	if (at == k) {
		map_remove(&c->by_account, account);
		if (k->older)
			map_put(&c->by_account,
			    str_from(k->older->head.account), k->older);
		return;
	}
	while (at && at->older != k)
		at = at->older;
	if (at)
		at->older = k->older;
}

void
cases_drop(struct cases *c, struct known_case *k)
{
	for (struct cases_entry *e = k->waiting; e; e = e->next_of)
		e->of = NULL;
	leave_account(c, k);
	map_remove(&c->by_cause, str_from(k->head.cause));
	if (map_find(&c->by_id, str_from(k->head.id)) == k)
		map_remove(&c->by_id, str_from(k->head.id));
	c->all[k->index] = c->all[--c->n];
	c->all[k->index]->index = k->index;
	free(k);
}

void
cases_append(struct cases *c, struct known_case *k, enum cases_table table,
    const char *key, struct str json)
{
	struct cases_entry *e = xalloc(1, sizeof(*e)), **last;
	struct cases_mark mark;

	e->of = k;
	e->table = table;
	e->json = str_dup(json);
	memcpy(e->key, key, CASES_KEY);
	e->link.table = (uint8_t)table;
	memcpy(e->link.key, key, CASES_KEY);
	cases_content(table, key, json, e->link.content);
	cases_hash(&c->head, &e->link, &mark);
	memcpy(e->link.hash, mark.hash, sizeof(mark.hash));
	e->number = mark.number;
	c->head = mark;
	*c->end = e;
	c->end = &e->next;
	c->waiting++;
	if (!k)
		return;
	for (last = &k->waiting; *last; last = &(*last)->next_of)
		continue;
	*last = e;
}

void
cases_written(struct cases *c, size_t n)
{
	for (; n > 0; n--) {
		struct cases_entry *e = c->first;

		c->first = e->next;
		if (!c->first)
			c->end = &c->first;
		c->written.number = e->number;
		memcpy(c->written.hash, e->link.hash, CRYPTO_SHA256);
		if (e->of)
			e->of->waiting = e->next_of;
		c->waiting--;
		c->sealed--;
		free_entry(e);
	}
}

static bool
has_entry(struct cases *c, const struct known_case *k, enum cases_table table,
    const char *key)
{
	for (const struct cases_entry *e = k->waiting; e; e = e->next_of) {
		if (e->table == table && memcmp(e->key, key, CASES_KEY) == 0)
			return true;
	}
	return cases_is_stored(c, table, key);
}

/* What the heads are made of stands apart from the bulk. */
static enum cases_table
table_of(const struct event *e)
{
	return e->type == EVENT_CASE_FILED && strcmp(e->rule, "counts") != 0
		   ? CASES_FILED
		   : CASES_EVENTS;
}

static bool
has_room(struct known_case *k, enum cases_table table)
{
	uint32_t *n = table == CASES_FILED ? &k->filed : &k->events;
	uint32_t max =
	    table == CASES_FILED ? CASES_FILED_MAX : CASES_EVENTS_MAX;

	if (*n >= max)
		return false;
	++*n;
	return true;
}

/* Every node looks at the clock: one of them was first. */
static bool
is_said(const struct case_head *c, const struct event *e)
{
	if (e->type == EVENT_CASE_REMINDER)
		return c->reminded > 0 && c->reminded >= case_waits_since(c);
	return e->type == EVENT_CASE_CLOSED &&
	       (c->is_complaints ? c->end != CASE_GOES_ON
				 : c->state == CASE_CLOSED);
}

static bool
add_to(struct cases *c, struct known_case *k, const struct event *e)
{
	enum cases_table table = table_of(e);
	struct case_head head = k->head;
	char key[CASES_KEY];
	struct text t;

	if (is_said(&head, e) || !case_fold(&head, e))
		return false;
	cases_key(k->head.cause, e, key);
	if (has_entry(c, k, table, key) || !has_room(k, table))
		return false;
	bool is_opened = !k->head.is_opened && head.is_opened;

	k->head = head;
	if (is_opened)
		name_it(c, k);
	text_grow(&t, JSON_MAX);
	event_print(e, &t);
	cases_append(c, k, table, key, text_view(&t));
	text_done(&t);
	return true;
}

static bool
add_to_its_own(struct cases *c, const struct event *e, const char *cause,
    const struct case_head **opened)
{
	struct known_case *k = find(c, cause);
	struct case_head head = {0};

	if (!k && c->n >= 2 * c->max)
		return false;
	if (!k) {
		if (!case_fold(&head, e))
			return false;
		head = (struct case_head){0};
		memcpy(head.cause, cause, sizeof(head.cause));
		memcpy(head.account, e->subject, sizeof(head.account));
		case_id(head.cause, head.id);
		k = cases_know(c, &head);
	}
	bool was_opened = k->head.is_opened;
	bool is_new = add_to(c, k, e);

	if (opened && !was_opened && k->head.is_opened)
		*opened = &k->head;
	return is_new;
}

enum { OF_ACCOUNT = 50 };

/* To the others of the account. */
static bool
add_to_others(struct cases *c, const struct event *e, const char *own)
{
	struct known_case *k = map_find(&c->by_account, str_from(e->subject));
	bool is_news = false;

	for (int i = 0; k && i < OF_ACCOUNT; i++, k = k->older) {
		if (strcmp(k->head.cause, own) != 0)
			is_news |= add_to(c, k, e);
	}
	return is_news;
}

bool
cases_add(
    struct cases *c, const struct event *e, const struct case_head **opened)
{
	bool is_news = false;
	char own[33] = "";

	if (opened)
		*opened = NULL;
	if (case_is_event(e->type))
		return strlen(e->file) == 32 &&
		       add_to_its_own(c, e, e->file, opened);
	if (strcmp(e->kind, "account") != 0)
		return false;
	if (case_is_opened_by(e, own) && strlen(own) == 32)
		is_news = add_to_its_own(c, e, own, opened);
	else if (e->type != EVENT_SANCTION && e->type != EVENT_LIFT &&
		 e->type != EVENT_EXPIRE && e->type != EVENT_UNDONE)
		return false;
	return add_to_others(c, e, own) || is_news;
}

bool
cases_has(struct cases *c, const struct event *e)
{
	const char *cause = case_is_event(e->type) ? e->file : e->cause;
	struct known_case *k = find(c, cause);
	char key[CASES_KEY];

	if (!k)
		return false;
	cases_key(cause, e, key);
	return has_entry(c, k, table_of(e), key);
}

/* Looking. */

static bool
is_stop(const struct case_head *c)
{
	return case_is_in_force(c) && !c->is_complaints;
}

/* What it is stopped for goes before what is complained about. */
static bool
is_rather(const struct case_head *a, const struct case_head *b)
{
	return is_stop(a) != is_stop(b) ? is_stop(a)
					: a->opened.at_us > b->opened.at_us;
}

static const struct known_case *
newest(const struct known_case *k)
{
	const struct known_case *best = NULL;

	for (; k; k = k->older) {
		if (k->head.is_opened &&
		    (!best || is_rather(&k->head, &best->head)))
			best = k;
	}
	return best;
}

const struct case_head *
cases_find(struct cases *c, struct str name)
{
	const struct known_case *k = NULL;
	char id[CASE_ID];

	if (case_id_parse(name, id))
		k = map_find(&c->by_id, str_from(id));
	if (!k || !k->head.is_opened)
		k = newest(map_find(&c->by_account, name));
	return k ? &k->head : NULL;
}

const struct case_head *
cases_get(struct cases *c, const char *cause)
{
	const struct known_case *k = find(c, cause);

	return k ? &k->head : NULL;
}

const struct case_head *
cases_kept_of(struct cases *c, struct str account)
{
	const struct known_case *k = map_find(&c->by_account, account);

	while (k && !k->head.is_kept)
		k = k->older;
	return k ? &k->head : NULL;
}

size_t
cases_of(struct cases *c, struct str account, const struct case_head **out,
    size_t max)
{
	size_t n = 0;

	for (const struct known_case *k = map_find(&c->by_account, account);
	     k && n < max; k = k->older) {
		size_t at = n++;

		for (;
		     at > 0 && out[at - 1]->opened.at_us < k->head.opened.at_us;
		     at--)
			out[at] = out[at - 1];
		out[at] = &k->head;
	}
	return n;
}

bool
cases_walk(struct cases *c, size_t *at, size_t max, cases_fn *each, void *ctx)
{
	for (; max > 0 && *at < c->n; max--, ++*at) {
		if (c->all[*at]->head.is_opened)
			each(ctx, &c->all[*at]->head);
	}
	return *at < c->n;
}

size_t
cases_count(const struct cases *c)
{
	return c->n;
}

void
cases_chain(const struct cases *c, struct cases_chain *out)
{
	cases_mark_print(&c->head, out);
}

void
cases_size(const struct cases *c, struct cases_size *out)
{
	struct disk_size size = {0};

	if (c->disk)
		disk_size(c->disk, &size);
	*out = (struct cases_size){
	    .cases = c->n,
	    .waiting = c->waiting,
	    .used_bytes = size.used_bytes,
	    .map_bytes = size.map_bytes,
	    .is_in_memory = !c->disk,
	};
}
