/* providers_file - etc/providers.conf, read into providers */
#include "config/providers_file.h"

#include <string.h>
#include <unistd.h>

#include "config/config_file.h"

static int
blame(const struct config_entry *e, struct error *err)
{
	return error_prefix(err, "%s:%d", e->file, e->line);
}

static int
put_entry(const struct config_entry *e, struct arena *a,
    struct provider_spec *spec, struct error *err)
{
	const struct setting *row =
	    setting_find(&providers_fields, STR("providers"), e->name);

	if (!row)
		error_set(err, "unknown key \"%.*s\" (name, mx, domains)",
		    STR_ARG(e->name));
	if (!row || setting_put(row, e->value, a, spec, err) < 0)
		return blame(e, err);
	return 0;
}

/* The entries from i on that are one element; returns the next one's first, 0
 * on error. */
static size_t
put_element(struct providers *p, const struct config_file *f, size_t i,
    struct arena *a, struct error *err)
{
	const struct config_entry *first = &f->v[i];
	struct provider_spec spec;

	setting_put_defaults(&providers_fields, a, &spec);
	for (; i < f->n && f->v[i].item == first->item; i++) {
		if (!str_is(f->v[i].section, STR("providers")) ||
		    f->v[i].item == CONFIG_NO_ITEM) {
			error_set(err, "only a list of providers stands here");
			blame(&f->v[i], err);
			return 0;
		}
		if (put_entry(&f->v[i], a, &spec, err) < 0)
			return 0;
	}
	if (providers_add(p, &spec, err) == 0)
		return i;
	blame(first, err);
	return 0;
}

static bool
is_empty_list(const struct config_entry *e)
{
	return e->item == CONFIG_NO_ITEM && e->section.n == 0 &&
	       str_is(e->name, STR("providers")) && e->form == CONFIG_TEXTS &&
	       e->value.n == 0;
}

struct providers *
providers_file_read(const char *path, struct error *err)
{
	struct providers *p = providers_new();
	struct config_file f = {0};
	struct arena a;

	if (strcmp(path, PROVIDERS_FILE) == 0 && access(path, F_OK) < 0)
		return p;
	arena_init(&a);
	if (config_file_read(path, &a, &f, err) < 0)
		providers_free(&p);
	for (size_t i = 0; p && i < f.n && !is_empty_list(&f.v[i]);) {
		i = put_element(p, &f, i, &a, err);
		if (i == 0)
			providers_free(&p);
	}
	arena_done(&a);
	return p;
}
