/* case_disk - all cases of this node: on disk */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/time.h"
#include "notify/case_store_parts.h"

static const char *const tables[] = {
    "events", "filed", "gone", "chain", "meta", NULL};

static const char base_name[] = "base", head_name[] = "head";

bool
cases_is_stored(struct cases *c, enum cases_table table, const char *key)
{
	char *value;
	size_t n;
	struct error err;

	if (!c->disk)
		return false;
	if (disk_get(c->disk, (int)table, str_make(key, CASES_KEY), &value, &n,
		&err) <= 0)
		return false;
	free(value);
	return true;
}

/* Start. */

struct loader {
	struct cases *cases;
	struct known_case *last;
	struct error *err;
	bool is_bad;
};

static bool
load_event(void *ctx, struct str key, struct str value)
{
	static struct event e; /* large */
	struct loader *l = ctx;
	struct case_head head = {0};
	struct text cause;
	char buf[33];

	text_init(&cause, buf, sizeof(buf));
	text_str(&cause, str_head(key, 32));
	if (key.n != CASES_KEY || !event_parse(value, &e, l->err)) {
		error_set(l->err, "an event of case %s can't be read", buf);
		l->is_bad = true;
		return false;
	}
	if (!l->last || strcmp(l->last->head.cause, buf) != 0) {
		memcpy(head.cause, buf, sizeof(head.cause));
		memcpy(head.account, e.subject, sizeof(head.account));
		case_id(buf, head.id);
		l->last = cases_know(l->cases, &head);
	}
	case_fold(&l->last->head, &e);
	l->last->events++;
	return true;
}

static int
load_head(struct cases *c, struct error *err)
{
	char number[8], *value = NULL;
	size_t n = 0;
	struct cases_link link;
	int got =
	    disk_get(c->disk, CASES_META, str_from(head_name), &value, &n, err);
	bool is_read = got > 0 && cases_mark_read(str_make(value, n), &c->head);

	free(value);
	if (got <= 0 || !is_read)
		return got < 0 || (got > 0 && !is_read)
			   ? error_set(err, "the chain's head can't be read")
			   : 0;
	c->written = c->head;
	if (c->head.number == 0)
		return 0;
	cases_number(c->head.number, number);
	got = disk_get(c->disk, CASES_CHAIN, str_make(number, sizeof(number)),
	    &value, &n, err);
	if (got <= 0)
		return 0; /* all before it was trimmed, or verify tells */
	if (n == sizeof(link))
		memcpy(&link, value, sizeof(link));
	is_read = n == sizeof(link) &&
		  memcmp(link.hash, c->head.hash, sizeof(link.hash)) == 0;
	free(value);
	return is_read ? 0
		       : error_set(err, "the chain's head is not the last link "
					"(outpost case --verify)");
}

static int
load(struct cases *c, struct error *err)
{
	struct loader l = {.cases = c, .err = err};

	if (load_head(c, err) < 0)
		return -1;
	if (disk_each(c->disk, CASES_EVENTS, load_event, &l, err) < 0)
		return -1;
	return l.is_bad ? -1 : 0;
}

int
cases_open(struct cases *c, const struct cases_options *o, struct error *err)
{
	char dir[4096];
	struct text t;

	text_init(&t, dir, sizeof(dir));
	text_printf(&t, "%s/cases", o->dir);
	if (mkdir(dir, 0750) < 0 && errno != EEXIST)
		return error_set(err, "%s: %s", dir, strerror(errno));
	c->disk = disk_open(dir, tables, CASES_FORMAT, o->map_bytes, true, err);
	if (!c->disk)
		return -1;
	if (load(c, err) == 0)
		return 0;
	disk_close(&c->disk);
	return -1;
}

void
cases_start(struct cases *c, struct loop *l)
{
	if (c->disk)
		disk_start(c->disk, l);
}

/* Writing. */

void
cases_seal(struct cases *c)
{
	c->sealed = c->waiting;
}

static void
put_mark(struct disk_batch *b, const char *name, const struct cases_mark *mark)
{
	char value[8 + CRYPTO_SHA256];

	cases_number(mark->number, value);
	memcpy(value + 8, mark->hash, CRYPTO_SHA256);
	disk_put(b, CASES_META, str_from(name), str_make(value, sizeof(value)));
}

static void
put_entry(struct disk_batch *b, const struct cases_entry *e)
{
	char number[8], link[sizeof(struct cases_link)];

	/* What was taken away meanwhile leaves its link. */
	if (e->of || e->table == CASES_GONE)
		disk_put(b, (int)e->table, str_make(e->key, CASES_KEY),
		    str_from(e->json));
	cases_number(e->number, number);
	memcpy(link, &e->link, sizeof(link));
	disk_put(b, CASES_CHAIN, str_make(number, sizeof(number)),
	    str_make(link, sizeof(link)));
}

static void
on_committed(void *ctx, const struct error *err)
{
	struct cases *c = ctx;

	c->is_failing = err != NULL;
	if (!err) {
		cases_written(c, c->under_way);
		c->under_way = 0;
	}
	if (c->on_done)
		c->on_done(c->on_done_ctx, err);
}

void
cases_commit(struct cases *c, disk_done_fn *on_done, void *ctx)
{
	struct cases_mark head = {0};
	struct disk_batch *b;

	if (c->is_failing && c->disk && disk_waiting(c->disk) == 0) {
		cases_written(c, c->under_way); /* it healed */
		c->under_way = 0;
		c->is_failing = false;
	}
	if (c->under_way > 0 || c->sealed == 0)
		return;
	if (!c->disk)
		return; /* they stay: it is the only place */
	b = disk_batch_new(c->disk);
	struct cases_entry *e = c->first;

	for (size_t i = 0; i < c->sealed; i++, e = e->next) {
		put_entry(b, e);
		head.number = e->number;
		memcpy(head.hash, e->link.hash, sizeof(head.hash));
	}
	put_mark(b, head_name, &head);
	c->under_way = c->sealed;
	c->on_done = on_done;
	c->on_done_ctx = ctx;
	disk_commit(b, on_committed, c);
}

/* Reading. */

struct stored {
	char key[CASES_KEY];
	char *json;
};

struct reader {
	const char *cause;
	struct stored *v;
	size_t n, cap;
	bool is_keys_only;
};

static void
keep(struct reader *r, const char *key, struct str json)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 32;
		r->v = xrealloc(r->v, r->cap, sizeof(*r->v));
	}
	memcpy(r->v[r->n].key, key, CASES_KEY);
	r->v[r->n++].json = r->is_keys_only ? NULL : str_dup(json);
}

static bool
read_entry(void *ctx, struct str key, struct str value)
{
	struct reader *r = ctx;

	if (key.n != CASES_KEY || memcmp(key.p, r->cause, 32) != 0)
		return false;
	keep(r, key.p, value);
	return true;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(((const struct stored *)a)->key,
	    ((const struct stored *)b)->key, CASES_KEY);
}

static void
free_reader(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].json);
	free(r->v);
}

static int
read_all(struct cases *c, const struct known_case *k, struct reader *r,
    struct error *err)
{
	static const enum cases_table from[] = {CASES_EVENTS, CASES_FILED};
	struct str cause = str_from(k->head.cause);

	for (size_t i = 0; c->disk && i < 2; i++) {
		if (disk_each_from(
			c->disk, (int)from[i], cause, read_entry, r, err) < 0)
			return -1;
	}
	for (const struct cases_entry *e = k->waiting; e; e = e->next_of)
		keep(r, e->key, str_from(e->json));
	if (r->n > 0)
		qsort(r->v, r->n, sizeof(*r->v), compare);
	return 0;
}

int
cases_each(struct cases *c, const struct case_head *head, cases_event_fn *each,
    void *ctx, struct error *err)
{
	static struct event e;
	const struct known_case *k =
	    map_find(&c->by_cause, str_from(head->cause));
	struct reader r = {.cause = head->cause};
	int status;

	assert(k);
	status = read_all(c, k, &r, err);
	for (size_t i = 0; status == 0 && i < r.n; i++) {
		/* Handed over and not yet known to be written: twice. */
		if (i > 0 && memcmp(r.v[i].key, r.v[i - 1].key, CASES_KEY) == 0)
			continue;
		if (event_parse(str_from(r.v[i].json), &e, NULL))
			each(ctx, &e);
	}
	free_reader(&r);
	return status;
}

static void
add_to_file(void *ctx, const struct event *e)
{
	case_file_add(ctx, e);
}

struct case_file *
cases_read(struct cases *c, const struct case_head *head, struct error *err)
{
	struct case_file *f = case_file_new();

	if (cases_each(c, head, add_to_file, f, err) < 0)
		case_file_free(&f);
	else
		f->head = *head;
	return f;
}

/* What goes. */

static int
delete_entries(struct cases *c, struct known_case *k, struct error *err)
{
	static const enum cases_table from[] = {CASES_EVENTS, CASES_FILED};
	struct disk_batch *b;

	if (!c->disk)
		return 0;
	b = disk_batch_new(c->disk);
	for (size_t i = 0; i < 2; i++) {
		struct reader r = {
		    .cause = k->head.cause, .is_keys_only = true};
		int status = disk_each_from(c->disk, (int)from[i],
		    str_from(k->head.cause), read_entry, &r, err);

		for (size_t n = 0; n < r.n; n++)
			disk_delete(
			    b, (int)from[i], str_make(r.v[n].key, CASES_KEY));
		/* What is on its way to the disk comes before this. */
		for (const struct cases_entry *e = k->waiting; e;
		     e = e->next_of)
			disk_delete(
			    b, (int)e->table, str_make(e->key, CASES_KEY));
		free_reader(&r);
		if (status < 0) {
			disk_batch_free(&b);
			return -1;
		}
	}
	disk_commit(b, NULL, NULL);
	return 0;
}

int
cases_remove(struct cases *c, const struct case_head *head, const char *why,
    int64_t now, struct error *err)
{
	struct known_case *k = map_find(&c->by_cause, str_from(head->cause));
	struct event about = {.at_us = now * TIME_US, .seq = c->head.number};
	char json[256], key[CASES_KEY];
	struct json_out j;
	struct text t;

	assert(k);
	if (delete_entries(c, k, err) < 0)
		return -1;
	text_init(&t, json, sizeof(json));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "gone", str_from(k->head.cause));
	json_str(&j, "why", str_from(why));
	json_time(&j, "at", now);
	json_close(&j);
	cases_key(k->head.cause, &about, key);
	cases_drop(c, k);
	cases_append(c, NULL, CASES_GONE, key, text_view(&t));
	return 0;
}

struct trimmer {
	struct cases *cases;
	struct disk_batch *batch;
	struct cases_mark base;
	size_t left, n;
};

static bool
trim_link(void *ctx, struct str key, struct str value)
{
	struct trimmer *t = ctx;
	struct cases_link link;
	char cause[33] = "";

	if (t->left == 0 || key.n != 8 || value.n != sizeof(link))
		return false;
	memcpy(&link, value.p, sizeof(link));
	memcpy(cause, link.key, 32);
	if (map_find(&t->cases->by_cause, str_from(cause)))
		return false;
	disk_delete(t->batch, CASES_CHAIN, key);
	if (link.table == CASES_GONE)
		disk_delete(
		    t->batch, CASES_GONE, str_make(link.key, CASES_KEY));
	t->base.number = 0;
	for (size_t i = 0; i < key.n; i++)
		t->base.number = t->base.number << 8 | (unsigned char)key.p[i];
	memcpy(t->base.hash, link.hash, sizeof(link.hash));
	t->left--;
	t->n++;
	return true;
}

int
cases_trim(struct cases *c, size_t max, struct error *err)
{
	struct trimmer t = {.cases = c, .left = max};

	if (!c->disk || c->waiting > 0)
		return 0;
	t.batch = disk_batch_new(c->disk);
	if (disk_each_from(c->disk, CASES_CHAIN, STR(""), trim_link, &t, err) <
		0 ||
	    t.n == 0) {
		disk_batch_free(&t.batch);
		return t.n == 0 ? 0 : -1;
	}
	put_mark(t.batch, base_name, &t.base);
	disk_commit(t.batch, NULL, NULL);
	return (int)t.n;
}
