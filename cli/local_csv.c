/* local_csv - `ingest --csv FILE...`: what providers tell of our addresses
 *
 * All files are read before anything is handed to outpostd; what was handed in
 * twice counts once.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cli/local.h"
#include "config/settings.h"
#include "fbl/aggregate.h"

enum {
	FILE_MAX = 64 * 1024 * 1024,
	ROWS_MAX = 256 * 1024 * 1024,
	AT_ONCE = 24 * 1024, /* a request is at most 64 KB, escaped */
};

struct rows {
	struct text text;
	size_t n;
};

static void
on_row(void *ctx, const struct aggregate *a)
{
	struct rows *r = ctx;

	aggregate_print(a, &r->text);
	text_char(&r->text, '\n');
	r->n++;
}

static int
read_file(const char *path, struct text *out, struct error *err)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	char buf[65536];
	size_t n;

	if (!f)
		return error_set(err, "%s", strerror(errno));
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_bytes(out, buf, n);
	bool is_bad = ferror(f);

	if (f != stdin)
		fclose(f);
	if (is_bad)
		return error_set(err, "can't be read");
	return out->is_cut ? error_set(err, "too large") : 0;
}

static int
take_file(
    const char *path, const char *format, struct rows *rows, struct error *err)
{
	struct text t;

	text_grow(&t, FILE_MAX);
	int status = read_file(path, &t, err);

	if (status == 0)
		status =
		    aggregate_read(text_view(&t), format, on_row, rows, err);
	text_done(&t);
	if (status == 0 && rows->text.is_cut)
		status = error_set(err, "too much at once");
	return status < 0 ? error_prefix(err, "%s", path) : 0;
}

static enum exit_status
ask(const struct client_line *l, const char *socket, const char *rows)
{
	struct client_line q = {.command = COMMAND_ID_aggregates};
	struct error err;

	q.options[q.n_options].name = "add";
	q.options[q.n_options++].value = rows;
	struct json *answer =
	    client_ask(&q, l->socket ? l->socket : socket, &err);

	if (!answer)
		return local_fail(EXIT_TEMPFAIL, "%s", err.text);
	int64_t exit = json_number(json_get(answer, "exit"), EXIT_FAILED);
	struct str why = json_text(json_get(answer, "err"));

	if (exit != EXIT_OK)
		fprintf(stderr, "%.*s", STR_ARG(why));
	json_free(&answer);
	return (enum exit_status)exit;
}

static enum exit_status
hand_in(const struct client_line *l, const char *socket, struct rows *rows)
{
	enum exit_status status = EXIT_OK;
	struct text part;
	size_t done = 0;

	text_grow(&part, AT_ONCE + 2 * AGGREGATE_ROW);
	while (done < rows->text.n && status == EXIT_OK) {
		size_t left =
		    text_move_lines(&rows->text, &done, AT_ONCE, &part);

		status = ask(l, socket, part.p);
		text_clear(&part);
		if (left == 0)
			break;
	}
	text_done(&part);
	return status;
}

enum exit_status
local_ingest_csv(const struct settings *s, const struct client_line *l)
{
	struct rows rows = {.n = 0};
	enum exit_status status = EXIT_OK;
	struct error err;

	text_grow(&rows.text, ROWS_MAX);
	for (size_t i = 0; i < l->n_args || i == 0; i++) {
		const char *path = l->n_args == 0 ? "-" : l->args[i];

		if (take_file(path, client_option(l, "format"), &rows, &err) <
		    0)
			status = local_fail(EXIT_FAILED, "%s", err.text);
	}
	size_t n = rows.n;

	if (status == EXIT_OK)
		status = hand_in(l, s->daemon.control_socket, &rows);
	if (status == EXIT_OK)
		fprintf(stderr, "%zu taken\n", n);
	text_done(&rows.text);
	return status;
}
