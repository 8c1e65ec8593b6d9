/* config_file - a configuration file as a flat list of entries (libconfig) */
#include "daemon/config_file.h"

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
print_scalar(const config_setting_t *s, struct text *t)
{
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		text_i64(t, config_setting_get_int64(s));
		return true;
	case CONFIG_TYPE_BOOL:
		text_add(t, config_setting_get_bool(s) ? "true" : "false");
		return true;
	case CONFIG_TYPE_STRING:
		text_add(t, config_setting_get_string(s));
		return true;
	case CONFIG_TYPE_FLOAT:
		text_printf(t, "%g", config_setting_get_float(s));
		return true;
	default:
		return false;
	}
}

static bool
print_value(const config_setting_t *s, struct text *t)
{
	if (!config_setting_is_list(s) && !config_setting_is_array(s))
		return print_scalar(s, t);
	for (int i = 0; i < config_setting_length(s); i++) {
		if (i > 0)
			text_char(t, ',');
		if (!print_scalar(config_setting_get_elem(s, (unsigned)i), t))
			return false;
	}
	return true;
}

static int
add_entry(
    struct reader *r, const char *section, int item, const config_setting_t *s)
{
	struct text t;

	text_grow(&t, MAX_VALUE);
	if (!print_value(s, &t) || t.is_cut) {
		text_done(&t);
		return complain(r, s, "a group where a value was expected");
	}
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 64;
		r->v = xrealloc(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->n++] = (struct config_entry){
	    .section = arena_str(r->arena, str_from(section)),
	    .item = item,
	    .name = arena_str(r->arena, str_from(config_setting_name(s))),
	    .value = arena_str(r->arena, text_view(&t)),
	    .file = file_of(r, s),
	    .line = (int)config_setting_source_line(s),
	};
	text_done(&t);
	return 0;
}

static int
add_group(struct reader *r, const char *section, int item,
    const config_setting_t *group)
{
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
	return config_setting_is_list(s) && config_setting_length(s) > 0 &&
	       config_setting_is_group(config_setting_get_elem(s, 0));
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

int
config_file_read(const char *path, struct arena *a, struct config_file *out,
    struct error *err)
{
	struct reader r = {.arena = a, .path = path, .err = err};
	config_t c;
	int status;

	if (check_readable(path, err) < 0)
		return -1;
	config_init(&c);
	if (!config_read_file(&c, path))
		status = error_set(err, "%s:%d: %s",
		    config_error_file(&c) ? config_error_file(&c) : path,
		    config_error_line(&c), config_error_text(&c));
	else
		status = read_tree(&r, &c);
	config_destroy(&c);
	if (status == 0) {
		out->n = r.n;
		out->v = arena_alloc(a, (r.n + 1) * sizeof(*r.v));
		if (r.n > 0)
			memcpy(out->v, r.v, r.n * sizeof(*r.v));
	}
	free(r.v);
	return status;
}
