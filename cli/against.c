/* against - whom two configurations judge differently, in one replay */
#include "cli/against.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/table.h"
#include "base/time.h"

struct judged {
	struct {
		struct against_verdict v;
		char rule[64];
	} side[AGAINST_SIDES];
	size_t name_n;
	char name[];
};

void
against_init(struct against *a)
{
	map_init(&a->by_name);
}

void
against_done(struct against *a)
{
	struct judged *j;

	for (size_t i = 0; (j = map_next(&a->by_name, &i));)
		free(j);
	map_done(&a->by_name);
}

static struct judged *
get(struct against *a, struct str name)
{
	struct judged *j = map_find(&a->by_name, name);

	if (j)
		return j;
	j = xalloc(1, sizeof(*j) + name.n + 1);
	memcpy(j->name, name.p, name.n);
	j->name_n = name.n;
	map_put(&a->by_name, str_make(j->name, name.n), j);
	return j;
}

void
against_add(struct against *a, enum against_side side, struct str name,
    const struct against_verdict *v)
{
	struct judged *j = get(a, name);
	struct text rule;

	if (v->rung <= j->side[side].v.rung)
		return;
	j->side[side].v = *v;
	text_init(&rule, j->side[side].rule, sizeof(j->side[side].rule));
	text_add(&rule, v->rule);
}

static bool
is_same(const struct judged *j)
{
	const struct against_verdict *a = &j->side[AGAINST_THIS].v;
	const struct against_verdict *b = &j->side[AGAINST_OTHER].v;

	return a->rung == b->rung && a->at / 60 == b->at / 60;
}

static int
by_name(const void *a, const void *b)
{
	const struct judged *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void
print_json_side(
    struct json_out *j, const char *key, const struct judged *one, int side)
{
	const struct against_verdict *v = &one->side[side].v;

	if (v->rung == STANDING_GOOD) {
		json_nil(j, key);
		return;
	}
	json_open(j, key);
	json_str(j, "action", str_from(standing_action(v->rung)));
	json_time(j, "time", v->at);
	json_str(j, "rule", str_from(one->side[side].rule));
	json_i64(j, "recipients", (int64_t)v->recipients);
	json_close(j);
}

static void
print_json(const struct judged *one, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "account", str_make(one->name, one->name_n));
	print_json_side(&j, "this", one, AGAINST_THIS);
	print_json_side(&j, "other", one, AGAINST_OTHER);
	json_close(&j);
	text_char(out, '\n');
}

/* "suspended 2026-01-05 08:11, burst, after 281" */
static void
put_cell(struct table *t, const struct judged *one, int side)
{
	const struct against_verdict *v = &one->side[side].v;
	char buf[256];
	struct text cell;

	text_init(&cell, buf, sizeof(buf));
	if (v->rung == STANDING_GOOD) {
		text_add(&cell, "-");
	} else {
		text_printf(&cell, "%s ", standing_text(v->rung));
		time_local_text(&cell, v->at);
		text_printf(&cell, ", %s, after %llu", one->side[side].rule,
		    (unsigned long long)v->recipients);
	}
	table_cell(t, text_view(&cell));
}

size_t
against_print(const struct against *a, bool is_json, struct text *out)
{
	const struct judged **v = xalloc(a->by_name.n + 1, sizeof(*v));
	struct table *t = table_new();
	const struct judged *j;
	size_t n = 0;

	for (size_t i = 0; (j = map_next(&a->by_name, &i));)
		if (!is_same(j))
			v[n++] = j;
	qsort(v, n, sizeof(*v), by_name);
	table_column(t, "account", TABLE_LEFT);
	table_column(t, "this configuration", TABLE_LEFT);
	table_column(t, "the other", TABLE_LEFT);
	for (size_t i = 0; i < n; i++) {
		if (is_json) {
			print_json(v[i], out);
			continue;
		}
		table_cell(t, str_make(v[i]->name, v[i]->name_n));
		put_cell(t, v[i], AGAINST_THIS);
		put_cell(t, v[i], AGAINST_OTHER);
	}
	if (!is_json && n > 0)
		table_print(t, out, 0);
	table_free(&t);
	free(v);
	return n;
}
