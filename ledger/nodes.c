/* nodes - who else posts on this board */
#include "ledger/nodes.h"

#include <stdlib.h>

#include "base/json.h"

enum {
	NEAR = 60,  /* seconds that clocks differ at most, for the first look */
	YOUNG = 60, /* a log is found and begun by then */
};

/* Pages are looked for so long after its last heartbeat, to be removed: a hash
 * that nobody posted to for NODES_COUNTS_DAYS has gone by itself. */
#define KEEP ((int64_t)2 * NODES_COUNTS_DAYS * 86400)

void
nodes_print(const struct nodes_one *one, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "label", str_from(one->label));
	json_str(&j, "version", str_from(one->version));
	json_i64(&j, "starts", (int64_t)one->starts);
	json_i64(&j, "beats", one->beats);
	json_i64(&j, "at", one->at);
	json_i64(&j, "since", one->since);
	json_i64(&j, "behind", one->behind);
	json_i64(&j, "born", one->born);
	json_i64(&j, "began", one->began);
	json_i64(&j, "layout", one->layout);
	json_bool(&j, "enforcing", one->is_enforcing);
	json_close(&j);
}

static void
set(char *out, size_t cap, struct str v)
{
	struct text t;

	text_init(&t, out, cap);
	text_printable(&t, v);
}

/* "ID", or "ID:copy". */
static bool
take_id(struct str field, struct nodes_one *out)
{
	struct str id;

	out->is_copy = str_cut(&field, ':', &id);
	if (!out->is_copy)
		id = field;
	else if (!str_is(field, STR("copy")))
		return false;
	if (id.n != NODES_ID - 1)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		bool is_digit = id.p[i] >= '0' && id.p[i] <= '9';

		if (!is_digit && (id.p[i] < 'a' || id.p[i] > 'f'))
			return false;
	}
	set(out->id, sizeof(out->id), id);
	return true;
}

bool
nodes_parse(struct str field, struct str text, struct nodes_one *out)
{
	struct json *doc = json_parse(text, NULL);
	struct nodes_one one = {0};
	bool is_good = json_is_object(doc) && take_id(field, &one);

	if (is_good) {
		set(one.label, sizeof(one.label),
		    json_text(json_get(doc, "label")));
		set(one.version, sizeof(one.version),
		    json_text(json_get(doc, "version")));
		one.starts = (uint64_t)json_number(json_get(doc, "starts"), 0);
		one.beats = json_number(json_get(doc, "beats"), 0);
		one.at = json_number(json_get(doc, "at"), 0);
		one.since = json_number(json_get(doc, "since"), 0);
		one.behind = json_number(json_get(doc, "behind"), 0);
		one.born = json_number(json_get(doc, "born"), 0);
		one.began = json_number(json_get(doc, "began"), 0);
		one.layout = json_number(json_get(doc, "layout"), 0);
		one.is_enforcing = json_is_true(json_get(doc, "enforcing"));
		*out = one;
	}
	json_free(&doc);
	return is_good;
}

static const struct nodes_one *
find(const struct nodes *n, const char *id)
{
	for (size_t i = 0; i < n->n; i++) {
		if (strcmp(n->v[i].id, id) == 0)
			return &n->v[i];
	}
	return NULL;
}

void
nodes_begin(struct nodes_reading *r, struct nodes *nodes, const char *self,
    int64_t now, int64_t now_us)
{
	r->nodes = nodes;
	r->n = 0;
	r->now = now;
	r->now_us = now_us;
	r->self = self;
	nodes->n_copies = 0;
}

static void
take_copy(struct nodes *n, const struct nodes_one *one)
{
	if (n->n_copies < sizeof(n->copies) / sizeof(n->copies[0]))
		n->copies[n->n_copies++] = *one;
}

/* Was it heard of now? */
static void
note_beat(const struct nodes_reading *r, struct nodes_one *one)
{
	const struct nodes_one *known = find(r->nodes, one->id);

	if (!known) {
		int64_t off = one->at - r->now;

		one->heard_us = off < NEAR && off > -NEAR ? r->now_us : 0;
		one->ahead = -off;
	} else if (known->beats == one->beats && known->since == one->since) {
		one->heard_us = known->heard_us;
		one->ahead = known->ahead;
	} else {
		one->heard_us = r->now_us;
		one->ahead = r->now - one->at;
	}
}

/* In the place of the one that is silent for longest, if there are too many. */
static void
keep(struct nodes_reading *r, const struct nodes_one *one)
{
	size_t i = r->n;

	if (r->n < NODES_MAX) {
		r->n++;
	} else {
		i = 0;
		for (size_t k = 1; k < r->n; k++) {
			if (r->v[k].at < r->v[i].at)
				i = k;
		}
		if (r->v[i].at >= one->at)
			return;
	}
	r->v[i] = *one;
}

bool
nodes_take(struct nodes_reading *r, struct str field, struct str json)
{
	struct nodes_one one;

	if (!nodes_parse(field, json, &one))
		return true; /* perhaps a newer version's */
	if (one.is_copy) {
		bool is_over = one.at + NEAR < r->now;

		if (!is_over)
			take_copy(r->nodes, &one);
		return !is_over;
	}
	if (strcmp(one.id, r->self) == 0)
		return true;
	note_beat(r, &one);
	if (one.at + KEEP < r->now)
		return false;
	keep(r, &one);
	return true;
}

static int
by_id(const void *a, const void *b)
{
	const struct nodes_one *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static bool
are_same(const struct nodes_reading *r)
{
	if (r->n != r->nodes->n)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->v[i].id, r->nodes->v[i].id) != 0)
			return false;
	}
	return true;
}

/* Before the first fact of the next there is nothing yet that counts twice; but
 * it comes within moments of its start, and is heard of later. Times are in
 * seconds: one that lives on beats after the second in which the next was
 * born. */
static void
note_next(struct nodes_one *one, const struct nodes_one *next, int64_t now)
{
	int64_t at = next->began;

	if (!*one->label || strcmp(one->label, next->label) != 0 ||
	    next->born < one->at)
		return;
	if (at == 0)
		at = now < next->born + YOUNG ? 1 : next->born;
	if (one->ends_at == 0 || at < one->ends_at)
		one->ends_at = at;
}

void
nodes_end(
    struct nodes_reading *r, const struct nodes_one *self, int64_t life_us)
{
	struct nodes *n = r->nodes;

	qsort(r->v, r->n, sizeof(r->v[0]), by_id);
	n->generation += !are_same(r);
	n->n = r->n;
	n->n_alive = 0;
	for (size_t i = 0; i < r->n; i++) {
		n->v[i] = r->v[i];
		n->v[i].is_alive = r->v[i].heard_us > 0 &&
				   r->now_us - r->v[i].heard_us < life_us;
		n->n_alive += n->v[i].is_alive;
		note_next(&n->v[i], self, r->now);
		for (size_t k = 0; k < r->n; k++) {
			if (k != i)
				note_next(&n->v[i], &r->v[k], r->now);
		}
	}
}

int64_t
nodes_ahead(const struct nodes *n)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < n->n; i++) {
		if (n->v[i].is_alive && n->v[i].ahead < least)
			least = n->v[i].ahead;
	}
	return least != INT64_MAX && least > 0 ? least : 0;
}
