/* config_file - a configuration file as a flat list of entries (libconfig) */
#include "config/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libconfig.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

enum { MAX_VALUE = 1024 * 1024 };

struct reader {
	struct arena *arena;
	struct config_entry *v; /* on the heap while it grows */
	size_t n, cap;
	const char *path;
	struct error *err;
};

static const char *
file_of(const struct reader *r, const config_setting_t *s)
{
	const char *file = config_setting_source_file(s);

	return arena_dup(r->arena, str_from(file ? file : r->path));
}

static int
complain(struct reader *r, const config_setting_t *s, const char *what)
{
	const char *name = config_setting_name(s);

	return error_set(r->err, "%s:%d: %s%s%s", file_of(r, s),
	    (int)config_setting_source_line(s), name ? name : "",
	    name ? ": " : "", what);
}

/* A scalar as text; false for groups and lists. */
static bool
print_scalar(const config_setting_t *s, enum config_form *form, struct text *t)
{
	*form = CONFIG_NUMBER;
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		text_i64(t, config_setting_get_int64(s));
		return true;
	case CONFIG_TYPE_FLOAT:
		text_printf(t, "%g", config_setting_get_float(s));
		return true;
	case CONFIG_TYPE_BOOL:
		*form = CONFIG_BOOL;
		text_add(t, config_setting_get_bool(s) ? "true" : "false");
		return true;
	case CONFIG_TYPE_STRING:
		*form = CONFIG_TEXT;
		text_add(t, config_setting_get_string(s));
		return true;
	default:
		return false;
	}
}

/* The elements of a list are separated by commas or blanks later on. */
static const char *
print_list(const config_setting_t *s, struct text *t)
{
	for (int i = 0; i < config_setting_length(s); i++) {
		enum config_form form;
		size_t start;

		if (i > 0)
			text_char(t, ',');
		start = t->n;
		if (!print_scalar(
			config_setting_get_elem(s, (unsigned)i), &form, t))
			return "a group or list where a text was expected";
		if (form != CONFIG_TEXT)
			return "a list must be of texts in quotes";
		if (t->n > start && strpbrk(t->p + start, ", \t\r\n"))
			return "a text in a list has no blanks and no commas";
	}
	return NULL;
}

/* NULL, or what is wrong. */
static const char *
print_value(const config_setting_t *s, enum config_form *form, struct text *t)
{
	const char *wrong = NULL;

	if (config_setting_is_list(s) || config_setting_is_array(s)) {
		*form = CONFIG_TEXTS;
		wrong = print_list(s, t);
	} else if (!print_scalar(s, form, t)) {
		wrong = "a group where a value was expected";
	}
	return !wrong && t->is_cut ? "too long" : wrong;
}

static struct config_entry *
new_entry(
    struct reader *r, const char *section, int item, const config_setting_t *s)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 64;
		r->v = xrealloc(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->n] = (struct config_entry){
	    .section = arena_str(r->arena, str_from(section)),
	    .item = item,
	    .name = STR(""),
	    .value = STR(""),
	    .file = file_of(r, s),
	    .line = (int)config_setting_source_line(s),
	};
	return &r->v[r->n++];
}

static int
add_entry(
    struct reader *r, const char *section, int item, const config_setting_t *s)
{
	struct config_entry *e;
	enum config_form form;
	struct text t;

	text_grow(&t, MAX_VALUE);
	const char *wrong = print_value(s, &form, &t);

	if (wrong) {
		text_done(&t);
		return complain(r, s, wrong);
	}
	e = new_entry(r, section, item, s);
	e->form = form;
	e->name = arena_str(r->arena, str_from(config_setting_name(s)));
	e->value = arena_str(r->arena, text_view(&t));
	text_done(&t);
	return 0;
}

static int
add_group(struct reader *r, const char *section, int item,
    const config_setting_t *group)
{
	if (item != CONFIG_NO_ITEM && config_setting_length(group) == 0)
		new_entry(r, section, item, group);
	for (int i = 0; i < config_setting_length(group); i++) {
		if (add_entry(r, section, item,
			config_setting_get_elem(group, (unsigned)i)) < 0)
			return -1;
	}
	return 0;
}

static bool
is_list_of_groups(const config_setting_t *s)
{
	for (int i = 0;
	     config_setting_is_list(s) && i < config_setting_length(s); i++) {
		if (config_setting_is_group(
			config_setting_get_elem(s, (unsigned)i)))
			return true;
	}
	return false;
}

static int
add_list(struct reader *r, const config_setting_t *list)
{
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *e =
		    config_setting_get_elem(list, (unsigned)i);

		if (!config_setting_is_group(e))
			return complain(
			    r, list, "every element must be a { group }");
		if (add_group(r, config_setting_name(list), i, e) < 0)
			return -1;
	}
	return 0;
}

static int
add_top(struct reader *r, const config_setting_t *s)
{
	if (config_setting_is_group(s))
		return add_group(r, config_setting_name(s), CONFIG_NO_ITEM, s);
	if (is_list_of_groups(s))
		return add_list(r, s);
	return add_entry(r, "", CONFIG_NO_ITEM, s);
}

static int
read_tree(struct reader *r, const config_t *c)
{
	const config_setting_t *root = config_root_setting(c);

	for (int i = 0; i < config_setting_length(root); i++) {
		if (add_top(r, config_setting_get_elem(root, (unsigned)i)) < 0)
			return -1;
	}
	return 0;
}

static void
set_include_dir(config_t *c, const char *path)
{
	char dir[4096];
	ptrdiff_t slash = str_find_last(str_from(path), STR("/"));

	if (slash < 0 || (size_t)slash >= sizeof(dir))
		return;
	memcpy(dir, path, (size_t)slash);
	dir[slash] = '\0';
	config_set_include_dir(c, slash ? dir : "/");
}

/* libconfig aborts nothing on a directory or an unreadable file, but says
 * only "file I/O error": look first. */
static int
check_readable(const char *path, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char c;

	if (fd < 0 || read(fd, &c, 1) < 0) {
		error_set(err, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

/* libconfig puts its include directory before absolute names too: those that
 * can't be opened so are tried without it. */
static bool
parse(config_t *c, const char *path)
{
	config_init(c);
	set_include_dir(c, path);
	if (config_read_file(c, path))
		return true;
	if (!strstr(config_error_text(c), "include file"))
		return false;
	config_destroy(c);
	config_init(c);
	return config_read_file(c, path);
}

/* c is done with. */
static int
take_tree(config_t *c, bool is_parsed, const char *path, struct arena *a,
    struct config_file *out, struct error *err)
{
	struct reader r = {.arena = a, .path = path, .err = err};
	int status;

	if (!is_parsed)
		status = error_set(err, "%s:%d: %s",
		    config_error_file(c) ? config_error_file(c) : path,
		    config_error_line(c), config_error_text(c));
	else
		status = read_tree(&r, c);
	config_destroy(c);
	if (status == 0) {
		out->n = r.n;
		out->v = arena_alloc(a, (r.n + 1) * sizeof(*r.v));
		if (r.n > 0)
			memcpy(out->v, r.v, r.n * sizeof(*r.v));
	}
	free(r.v);
	return status;
}

int
config_file_read(const char *path, struct arena *a, struct config_file *out,
    struct error *err)
{
	config_t c;

	if (check_readable(path, err) < 0)
		return -1;
	bool is_parsed = parse(&c, path);

	return take_tree(&c, is_parsed, path, a, out, err);
}

int
config_text_read(const char *name, const char *text, struct arena *a,
    struct config_file *out, struct error *err)
{
	config_t c;

	config_init(&c);
	bool is_parsed = config_read_string(&c, text);

	return take_tree(&c, is_parsed, name, a, out, err);
}
