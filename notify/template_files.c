/* template_files - reads the files of templates, at the start and at a reload
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "notify/template_parts.h"
#include "notify/template_set.h"

static int
read_path(struct template_bytes *f, struct error *err)
{
	FILE *in = fopen(f->path, "re");
	char buf[4096];
	size_t n;

	if (!in) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return error_set(err, "%s: %s", f->path, strerror(errno));
	}
	text_grow(&f->text, TEMPLATE_FILE + 2);
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		text_bytes(&f->text, buf, n);
	bool is_bad = ferror(in);

	fclose(in);
	if (!is_bad)
		return 1;
	text_done(&f->text);
	return error_set(err, "%s: can't be read", f->path);
}

static int
read_builtin(const char *language, struct str name, struct template_bytes *out)
{
	const struct template_builtin *b = template_builtin;
	struct text t;

	while (b->name && (strcmp(b->language, language) != 0 ||
			      !str_is(name, str_from(b->name))))
		b++;
	if (!b->name)
		return 0;
	text_init(&t, out->path, sizeof(out->path));
	text_printf(&t, "built-in %s/%s", b->language, b->name);
	text_grow(&out->text, TEMPLATE_FILE + 2);
	text_bytes(&out->text, b->p, b->n);
	return 1;
}

static int
builtin_names(template_name_fn *each, void *ctx)
{
	int rc = 0;

	for (const struct template_builtin *b = template_builtin;
	     b->name && rc == 0; b++)
		rc = each(ctx, str_from(b->language));
	return rc;
}

int
template_files_read_in(const char *dir, const char *language, struct str name,
    struct template_bytes *out, struct error *err)
{
	struct text t;

	if (!dir)
		return read_builtin(language, name, out);
	if (!*dir)
		return 0;
	text_init(&t, out->path, sizeof(out->path));
	text_printf(&t, "%s/%s/%.*s", dir, language, STR_ARG(name));
	if (t.is_cut)
		return error_set(err, "%s: too long a path", dir);
	return read_path(out, err);
}

int
template_files_read(const struct template_places *p, const char *language,
    struct str name, struct template_bytes *out, struct error *err)
{
	int got = template_files_read_in(p->own, language, name, out, err);

	if (got != 0)
		return got;
	return template_files_read_in(p->installed, language, name, out, err);
}

int
template_files_names(const char *dir, const char *language,
    template_name_fn *each, void *ctx, struct error *err)
{
	char path[1024];
	struct text t;
	const struct dirent *entry;
	int rc = 0;

	if (!dir)
		return builtin_names(each, ctx);
	text_init(&t, path, sizeof(path));
	text_printf(&t, "%s/%s", dir, language);
	DIR *d = opendir(path);

	if (!d)
		return *language
			   ? 0
			   : error_set(err, "%s: %s", dir, strerror(errno));
	while (rc == 0 && (entry = readdir(d)) != NULL)
		rc = each(ctx, str_from(entry->d_name));
	closedir(d);
	return rc;
}
