/* providers_file - etc/providers.conf, read into providers and replies */
#include "config/providers_file.h"

#include <string.h>
#include <unistd.h>

#include "config/config_file.h"

struct reading {
	struct arena arena;
	struct config_file file;
	struct providers *providers;
	struct replies *replies;
	bool has_replies;
};

/* A list of the file, and what an element becomes. */
struct list {
	const char *name, *keys;
	const struct setting_table *fields;
	int (*add)(struct reading *r, const void *spec, struct error *err);
};

union spec {
	struct provider_spec provider;
	struct reply_spec reply;
};

static int
add_provider(struct reading *r, const void *spec, struct error *err)
{
	return providers_add(r->providers, spec, err);
}

static int
add_reply(struct reading *r, const void *spec, struct error *err)
{
	return replies_add(r->replies, spec, err);
}

static const struct list lists[] = {
    {"providers", "name, mx, domains, contact", &providers_fields,
	add_provider},
    {"replies",
	"name, provider, text, class, scope, temporary, retry_after, advice, "
	"contact, example",
	&replies_fields, add_reply},
};

static int
blame(const struct config_entry *e, struct error *err)
{
	return error_prefix(err, "%s:%d", e->file, e->line);
}

static int
put_entry(const struct config_entry *e, const struct list *list,
    struct arena *a, union spec *spec, struct error *err)
{
	const struct setting *row =
	    setting_find(list->fields, str_from(list->name), e->name);

	if (!row)
		error_set(err, "unknown key \"%.*s\" (%s)", STR_ARG(e->name),
		    list->keys);
	if (!row || setting_put(row, e->value, a, spec, err) < 0)
		return blame(e, err);
	return 0;
}

static const struct list *
find_list(struct str name)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		if (str_is(name, str_from(lists[i].name)))
			return &lists[i];
	}
	return NULL;
}

/* The entries from i on that are one element; returns the next one's first, 0
 * on error. */
static size_t
put_element(struct reading *r, size_t i, struct error *err)
{
	const struct config_file *f = &r->file;
	const struct config_entry *first = &f->v[i];
	const struct list *list = find_list(first->section);
	union spec spec;

	if (!list || first->item == CONFIG_NO_ITEM) {
		error_set(err, "only lists of providers and of replies stand "
			       "here");
		blame(first, err);
		return 0;
	}
	setting_put_defaults(list->fields, &r->arena, &spec);
	for (; i < f->n && f->v[i].item == first->item &&
	       str_is(f->v[i].section, first->section);
	     i++) {
		if (put_entry(&f->v[i], list, &r->arena, &spec, err) < 0)
			return 0;
	}
	r->has_replies |= list->add == add_reply;
	if (list->add(r, &spec, err) == 0)
		return i;
	blame(first, err);
	return 0;
}

static bool
is_empty_list(const struct config_entry *e)
{
	return e->item == CONFIG_NO_ITEM && e->section.n == 0 &&
	       find_list(e->name) && e->form == CONFIG_TEXTS && e->value.n == 0;
}

static int
put_file(struct reading *r, struct error *err)
{
	for (size_t i = 0; i < r->file.n;) {
		const struct config_entry *e = &r->file.v[i];

		if (is_empty_list(e)) {
			r->has_replies |= str_is(e->name, STR("replies"));
			i++;
		} else if ((i = put_element(r, i, err)) == 0) {
			return -1;
		}
	}
	return 0;
}

/* Only its replies: who is known is the file's matter. */
static void
put_shipped(struct reading *r)
{
	struct providers *theirs = r->providers;
	struct error err;

	r->providers = providers_new();
	if (config_text_read("providers.conf (shipped)",
		(const char *)providers_shipped, &r->arena, &r->file,
		&err) < 0 ||
	    put_file(r, &err) < 0)
		fatal("%s", err.text);
	providers_free(&r->providers);
	r->providers = theirs;
}

static bool
is_missing(const char *path)
{
	return strcmp(path, PROVIDERS_FILE) == 0 && access(path, F_OK) < 0;
}

int
providers_file_read(const char *path, struct providers **providers,
    struct replies **replies, struct error *err)
{
	struct reading r = {.providers = providers_new()};
	int status = 0;

	r.replies = replies_new();
	arena_init(&r.arena);
	if (!is_missing(path) &&
	    (config_file_read(path, &r.arena, &r.file, err) < 0 ||
		put_file(&r, err) < 0))
		status = -1;
	if (status == 0 && !r.has_replies)
		put_shipped(&r);
	arena_done(&r.arena);
	if (status < 0) {
		providers_free(&r.providers);
		replies_free(&r.replies);
		return -1;
	}
	*providers = r.providers;
	*replies = r.replies;
	return 0;
}
