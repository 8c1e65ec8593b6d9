/* local_report - `explain report FILE...`: feedback reports as JSON objects
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/local.h"
#include "fbl/explain.h"

enum { OUT_MAX = 16 << 20 };

/* So much of it as is looked at, and a byte more, to know that it is cut. The
 * caller frees. NULL with an error. */
static char *
read_head(const char *path, size_t max, size_t *n, struct error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	char *bytes = f ? xalloc(max + 1, 1) : NULL;

	if (f)
		*n = fread(bytes, 1, max + 1, f);
	if (!f || ferror(f)) {
		error_set(err, "%s: %s", path, strerror(errno));
		free(bytes);
		bytes = NULL;
	}
	if (f && !is_stdin)
		fclose(f);
	return bytes;
}

static void
put_none(struct json_out *j, enum fbl_unread unread, const char *reason)
{
	json_open(j, NULL);
	json_str(j, "format", fbl_format_text(FBL_FORMAT_NONE));
	json_str(
	    j, "is", unread == FBL_LETTER ? STR("letter") : STR("unreadable"));
	json_str(j, "reason", str_from(reason));
}

static void
explain_bytes(struct str bytes, const char *path, struct text *out)
{
	enum fbl_unread unread;
	struct fbl_report r;
	struct arena arena;
	struct json_out j;
	struct error err;

	arena_init(&arena);
	json_out_init(&j, out);
	if (fbl_report_parse(
		bytes, &fbl_limits_default, &arena, &r, &unread, &err) < 0)
		put_none(&j, unread, err.text);
	else
		fbl_explain(&j, &r);
	json_str(&j, "file", str_from(path));
	json_close(&j);
	text_char(out, '\n');
	arena_done(&arena);
}

static enum exit_status
explain_file(const char *path)
{
	struct error err;
	struct text out;
	size_t n;
	char *bytes = read_head(path, fbl_limits_default.bytes, &n, &err);

	if (!bytes)
		return local_fail(EXIT_FAILED, "%s", err.text);
	text_grow(&out, OUT_MAX);
	explain_bytes(str_make(bytes, n), path, &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	free(bytes);
	return status;
}

enum exit_status
local_explain_report(const struct client_line *l)
{
	enum exit_status worst = EXIT_OK;

	if (l->n_args < 2)
		return explain_file("-");
	for (size_t i = 1; i < l->n_args; i++) {
		enum exit_status status = explain_file(l->args[i]);

		worst = status == EXIT_OK ? worst : status;
	}
	return worst;
}
