/* config_lists - a configuration file that has nothing but lists */
#include "config/config_lists.h"

#include <string.h>

struct reading {
	const struct config_file *file;
	const struct config_list *lists;
	size_t n;
	struct arena *arena;
	void *ctx;
	bool given[CONFIG_LISTS_MAX];
};

union spec {
	char bytes[CONFIG_LISTS_SPEC];
	max_align_t align;
};

static int
blame(const struct config_entry *e, struct error *err)
{
	return error_prefix(err, "%s:%d", e->file, e->line);
}

static int
say_keys(const struct config_entry *e, const struct config_list *l,
    struct error *err)
{
	char keys[512];
	struct text t;

	text_init(&t, keys, sizeof(keys));
	for (size_t i = 0; i < l->fields->n; i++)
		text_printf(
		    &t, "%s%s", i > 0 ? ", " : "", l->fields->v[i].name);
	return error_set(
	    err, "unknown key \"%.*s\" (%s)", STR_ARG(e->name), keys);
}

static int
put_entry(struct reading *r, const struct config_entry *e,
    const struct config_list *l, void *spec, struct error *err)
{
	const struct setting *row =
	    setting_find(l->fields, str_from(l->name), e->name);

	if (!row)
		say_keys(e, l, err);
	if (!row || setting_put(row, e->value, r->arena, spec, err) < 0)
		return blame(e, err);
	return 0;
}

static const struct config_list *
find(struct reading *r, struct str name)
{
	for (size_t i = 0; i < r->n; i++) {
		if (str_is(name, str_from(r->lists[i].name))) {
			r->given[i] = true;
			return &r->lists[i];
		}
	}
	return NULL;
}

static int
say_lists(struct reading *r, const struct config_entry *e, struct error *err)
{
	char names[256];
	struct text t;

	text_init(&t, names, sizeof(names));
	for (size_t i = 0; i < r->n; i++)
		text_printf(
		    &t, "%s%s", i > 0 ? " and of " : "", r->lists[i].name);
	error_set(err, "only lists of %s stand here", names);
	return blame(e, err);
}

/* The entries from i on that are one element; returns the next one's first, 0
 * on error. */
static size_t
put_element(struct reading *r, size_t i, struct error *err)
{
	const struct config_file *f = r->file;
	const struct config_entry *first = &f->v[i];
	const struct config_list *l =
	    first->item == CONFIG_NO_ITEM ? NULL : find(r, first->section);
	union spec spec;

	if (!l) {
		say_lists(r, first, err);
		return 0;
	}
	setting_put_defaults(l->fields, r->arena, &spec);
	for (; i < f->n && f->v[i].item == first->item &&
	       str_is(f->v[i].section, first->section);
	     i++) {
		if (put_entry(r, &f->v[i], l, &spec, err) < 0)
			return 0;
	}
	if (l->add(r->ctx, &spec, err) == 0)
		return i;
	blame(first, err);
	return 0;
}

static bool
is_empty_list(struct reading *r, const struct config_entry *e)
{
	return e->item == CONFIG_NO_ITEM && e->section.n == 0 &&
	       e->form == CONFIG_TEXTS && e->value.n == 0 && find(r, e->name);
}

int
config_lists_put(const struct config_file *f, const struct config_list *lists,
    size_t n, struct arena *a, void *ctx, bool *given, struct error *err)
{
	struct reading r = {f, lists, n, a, ctx, {false}};

	for (size_t i = 0; i < f->n;) {
		if (is_empty_list(&r, &f->v[i]))
			i++;
		else if ((i = put_element(&r, i, err)) == 0)
			return -1;
	}
	for (size_t i = 0; given && i < n; i++)
		given[i] |= r.given[i];
	return 0;
}
