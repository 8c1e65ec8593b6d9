/* settings - one generation of the configuration, all rooms together */
#include "daemon/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/gz.h"
#include "daemon/config_file.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT daemon_settings
static const struct setting rows[] = {
#include "daemon/settings.def"
};
#undef SETTING_STRUCT
#undef SETTING

const struct setting_table daemon_settings_table = {
    "daemon", rows, sizeof(rows) / sizeof(rows[0])};

enum { MAX_LIST_FILE = 64 * 1024 * 1024 };

bool
settings_room(struct settings *s, size_t i, struct settings_room *out)
{
	const struct settings_room rooms[] = {
	    {&daemon_settings_table, &s->daemon},
	    {&mta_settings_table, &s->mta},
	    {&limits_settings_table, &s->limits},
	    {&notify_settings_table, &s->notify},
	};

	if (i >= sizeof(rooms) / sizeof(rooms[0]))
		return false;
	*out = rooms[i];
	return true;
}

static int
place(const struct config_entry *e, struct error *err)
{
	return error_prefix(err, "%s:%d", e->file, e->line);
}

/* The likeliest name, for the error. */
static const char *
nearest(struct settings *s, const struct config_entry *e)
{
	const char *best = NULL;
	unsigned best_distance = 4;
	struct settings_room room;

	for (size_t i = 0; settings_room(s, i, &room); i++) {
		for (size_t k = 0; k < room.table->n; k++) {
			const struct setting *row = &room.table->v[k];
			unsigned d =
			    str_distance(str_from(row->name), e->name, 3);

			if (d < best_distance) {
				best_distance = d;
				best = row->name;
			}
		}
	}
	return best;
}

static int
unknown(struct settings *s, const struct config_entry *e, struct error *err)
{
	const char *near = nearest(s, e);

	error_set(err, "unknown key \"%.*s\"%s%.*s%s%s%s", STR_ARG(e->name),
	    e->section.n ? " in " : "", STR_ARG(e->section),
	    near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
	return place(e, err);
}

static int
put_plain(struct settings *s, const struct config_entry *e, struct error *err)
{
	struct settings_room room;

	for (size_t i = 0; settings_room(s, i, &room); i++) {
		const struct setting *row =
		    setting_find(room.table, e->section, e->name);

		if (!row)
			continue;
		if (setting_put(row, e->value, &s->arena, room.values, err) < 0)
			return place(e, err);
		return 0;
	}
	return unknown(s, e, err);
}

/* Two entries of one name in one group: libconfig refuses those itself; here
 * only plain entries are left. */
static int
put_all_plain(
    struct settings *s, const struct config_file *f, struct error *err)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].item == CONFIG_NO_ITEM &&
		    put_plain(s, &f->v[i], err) < 0)
			return -1;
	}
	return 0;
}

/* One element of a list of groups: its entries put into a struct. */
static int
put_item(struct settings *s, const struct setting_table *table,
    const struct config_entry *v, size_t n, void *out, struct error *err)
{
	setting_put_defaults(table, &s->arena, out);
	for (size_t i = 0; i < n; i++) {
		const struct setting *row = setting_find(
		    table, str_from(table->v[0].section), v[i].name);

		if (!row) {
			error_set(err, "unknown key \"%.*s\" in %.*s",
			    STR_ARG(v[i].name), STR_ARG(v[i].section));
			return place(&v[i], err);
		}
		if (setting_put(row, v[i].value, &s->arena, out, err) < 0)
			return place(&v[i], err);
	}
	return 0;
}

static int
read_list_file(const char *path, struct text *out, struct error *err)
{
	struct gz *g = gz_open(path, err);
	char buf[65536];
	ssize_t n;

	if (!g)
		return -1;
	while ((n = gz_read(g, buf, sizeof(buf), err)) > 0)
		text_bytes(out, buf, (size_t)n);
	gz_close(&g);
	if (n == 0 && out->is_cut)
		return error_set(err, "%s: too large", path);
	return n < 0 ? -1 : 0;
}

static int
add_class(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct class_spec spec;
	struct text list;

	if (put_item(s, &rules_class_fields, v, n, &spec, err) < 0)
		return -1;
	text_grow(&list, MAX_LIST_FILE);
	int status = *spec.file ? read_list_file(spec.file, &list, err) : 0;

	if (status == 0)
		status =
		    rules_add_class(s->rules, &spec, text_view(&list), err);
	text_done(&list);
	return status < 0 ? place(v, err) : 0;
}

static int
add_limit(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct limit_spec spec;

	if (put_item(s, &rules_limit_fields, v, n, &spec, err) < 0)
		return -1;
	if (rules_add_limit(s->rules, &spec, err) < 0)
		return place(v, err);
	return 0;
}

static int
add_webhook(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct webhook_settings *all =
	    arena_alloc(&s->arena, (s->n_webhooks + 1) * sizeof(*all));
	struct webhook_settings *w = &all[s->n_webhooks];

	if (s->n_webhooks > 0)
		memcpy(all, s->webhooks, s->n_webhooks * sizeof(*all));
	if (put_item(s, &webhook_settings_table, v, n, w, err) < 0)
		return -1;
	if (!*w->name || !str_starts(str_from(w->url), STR("http"))) {
		error_set(err, "a webhook needs a name and an http(s) url");
		return place(v, err);
	}
	for (size_t i = 0; i < s->n_webhooks; i++) {
		if (strcmp(all[i].name, w->name) == 0) {
			error_set(err, "two webhooks named \"%s\"", w->name);
			return place(v, err);
		}
	}
	s->webhooks = all;
	s->n_webhooks++;
	return 0;
}

typedef int add_fn(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err);

static const struct {
	struct str section;
	add_fn *add;
} lists[] = {
    {{"classes", 7}, add_class}, /* limits name them: first */
    {{"limits", 6}, add_limit},
    {{"webhooks", 8}, add_webhook},
};

/* All elements of one list, each a run of entries with the same item. */
static int
put_list(struct settings *s, const struct config_file *f, struct str section,
    add_fn *add, struct error *err)
{
	size_t i = 0;

	while (i < f->n) {
		const struct config_entry *e = &f->v[i];
		size_t end = i + 1;

		while (end < f->n && f->v[end].item == e->item &&
		       str_is(f->v[end].section, e->section))
			end++;
		if (e->item != CONFIG_NO_ITEM && str_is(e->section, section) &&
		    add(s, e, end - i, err) < 0)
			return -1;
		i = end;
	}
	return 0;
}

static int
check_lists(const struct config_file *f, struct error *err)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct config_entry *e = &f->v[i];
		bool is_known = e->item == CONFIG_NO_ITEM ||
				str_is(e->section, STR("signals"));

		for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++)
			is_known |= str_is(e->section, lists[k].section);
		if (!is_known) {
			error_set(
			    err, "unknown list \"%.*s\"", STR_ARG(e->section));
			return place(e, err);
		}
	}
	return 0;
}

static bool
has_list(const struct config_file *f, struct str section)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].item != CONFIG_NO_ITEM &&
		    str_is(f->v[i].section, section))
			return true;
	}
	return false;
}

/* signals = ( { name = "burst"; floor = 50; } ): `name` picks the signal, the
 * other keys are its fields. */
static int
put_signal(struct settings *s, const struct config_entry *v, size_t n,
    struct error *err)
{
	struct config_entry fields[64];
	struct signal_spec spec;
	struct str name = {"", 0};
	size_t n_fields = 0;

	for (size_t i = 0; i < n && n_fields < 64; i++) {
		if (str_is(v[i].name, STR("name")))
			name = v[i].value;
		else
			fields[n_fields++] = v[i];
	}
	if (put_item(s, &rules_signal_fields, fields, n_fields, &spec, err) < 0)
		return -1;
	if (rules_set_signal(s->rules, name, &spec, err) < 0)
		return place(v, err);
	return 0;
}

static int
compose(struct settings *s, const struct config_file *f, struct error *err)
{
	if (put_all_plain(s, f, err) < 0 || check_lists(f, err) < 0)
		return -1;
	if (limits_settings_check(&s->limits, err) < 0)
		return error_prefix(err, "%s", s->path);
	s->rules = rules_new(&s->limits);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (put_list(s, f, lists[i].section, lists[i].add, err) < 0)
			return -1;
	}
	if (put_list(s, f, STR("signals"), put_signal, err) < 0)
		return -1;
	if (!has_list(f, STR("limits")))
		rules_add_shipped(s->rules);
	return 0;
}

struct settings *
settings_load(const char *path, struct error *err)
{
	struct settings *s = xalloc(1, sizeof(*s));
	struct config_file f = {0};
	struct settings_room room;

	arena_init(&s->arena);
	for (size_t i = 0; settings_room(s, i, &room); i++)
		setting_put_defaults(room.table, &s->arena, room.values);
	if (!path && access(SETTINGS_PATH, F_OK) == 0)
		path = SETTINGS_PATH;
	s->path = arena_dup(&s->arena, str_from(path));
	if ((path && config_file_read(path, &s->arena, &f, err) < 0) ||
	    compose(s, &f, err) < 0)
		settings_free(&s);
	return s;
}

void
settings_free(struct settings **sp)
{
	struct settings *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	rules_free(&s->rules);
	arena_done(&s->arena);
	free(s);
}
