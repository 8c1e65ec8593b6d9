/* local_books - `outpost books check|export|import`, beside outpostd or without
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "cli/local.h"
#include "config/settings.h"
#include "ledger/books_copy.h"

int
local_become_owner(const char *dir, struct error *err)
{
	struct stat st;

	if (stat(dir, &st) < 0)
		return error_set(err,
		    "%s: %s: start outpostd once, then stop it, or make the "
		    "directory for its user",
		    dir, strerror(errno));
	if (geteuid() != 0 || st.st_uid == 0)
		return 0;
	if (setegid(st.st_gid) < 0 || seteuid(st.st_uid) < 0)
		return error_set(err, "can't become the owner of %s: %s", dir,
		    strerror(errno));
	return 0;
}

static void
print_found(const struct books_copied *c, bool is_json, struct text *t)
{
	struct json_out j;

	if (!is_json) {
		text_printf(t, "good: node %s, %llu records, %llu bytes\n",
		    c->node, (unsigned long long)c->records,
		    (unsigned long long)c->bytes);
		for (size_t i = 0; i < c->n_tables; i++)
			text_printf(t, "%-12s %10llu records %14llu bytes\n",
			    c->tables[i].name,
			    (unsigned long long)c->tables[i].records,
			    (unsigned long long)c->tables[i].bytes);
		return;
	}
	json_out_init(&j, t);
	json_open(&j, NULL);
	json_str(&j, "node", str_from(c->node));
	json_i64(&j, "starts", (int64_t)c->starts);
	json_i64(&j, "first_entry", (int64_t)c->first_entry);
	json_i64(&j, "last_entry", (int64_t)c->last_entry);
	json_open_array(&j, "tables");
	for (size_t i = 0; i < c->n_tables; i++) {
		json_open(&j, NULL);
		json_str(&j, "name", str_from(c->tables[i].name));
		json_i64(&j, "records", (int64_t)c->tables[i].records);
		json_i64(&j, "bytes", (int64_t)c->tables[i].bytes);
		json_close(&j);
	}
	json_close_array(&j);
	json_close(&j);
	text_char(t, '\n');
}

static enum exit_status
tell_found(const struct books_copied *c, bool is_json, FILE *out)
{
	char buf[8192];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	print_found(c, is_json, &t);
	fputs(buf, out);
	return fflush(out) == 0 ? EXIT_OK : EXIT_FAILED;
}

static bool
on_line(void *ctx, struct str line)
{
	return fwrite(line.p, 1, line.n, ctx) == line.n;
}

/* What was found goes to standard error: the lines have standard output. */
static enum exit_status
write_out(const char *dir, bool is_json)
{
	struct books_copied found;
	struct error err;

	if (books_export(dir, on_line, stdout, &found, &err) < 0)
		return local_fail(EXIT_FAILED, "%s", err.text);
	if (fflush(stdout) != 0)
		return local_fail(
		    EXIT_FAILED, "standard output: %s", strerror(errno));
	return tell_found(&found, is_json, stderr);
}

static int
read_lines(struct books_import *im, FILE *in, struct error *err)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = getline(&line, &cap, in)) > 0) {
		if (line[n - 1] == '\n')
			n--;
		rc = books_import_line(im, str_make(line, (size_t)n), err);
	}
	free(line);
	return rc;
}

/* Books that were moved away are still written by who had them open: what it
 * decides from now on would be lost with them. */
static bool
is_running(const struct settings *s, const struct client_line *l)
{
	const struct client_line question = {.command = COMMAND_ID_books};
	struct error err;
	struct json *answer = client_ask(
	    &question, l->socket ? l->socket : s->daemon.control_socket, &err);
	bool has_books =
	    answer && json_number(json_get(answer, "exit"), 1) == EXIT_OK;

	json_free(&answer);
	return has_books;
}

static enum exit_status
read_in(const struct settings *s, FILE *in, bool is_json)
{
	struct books_copied found;
	struct error err;
	struct books_import *im = books_import_new(
	    s->daemon.state_dir, (size_t)s->daemon.books_map_size, &err);
	int rc = im ? read_lines(im, in, &err) : -1;

	if (rc == 0)
		rc = books_import_end(im, &found, &err);
	books_import_free(&im);
	if (rc < 0)
		return local_fail(
		    EXIT_FAILED, "%s; nothing was changed", err.text);
	return tell_found(&found, is_json, stdout);
}

static enum exit_status
read_from(const struct settings *s, const char *path, bool is_json)
{
	bool is_file = strcmp(path, "-") != 0;
	FILE *in = is_file ? fopen(path, "re") : stdin;
	struct error err;

	/* The file is opened as who asks. */
	if (!in)
		return local_fail(EXIT_FAILED, "%s: %s", path, strerror(errno));
	enum exit_status status =
	    local_become_owner(s->daemon.state_dir, &err) < 0
		? local_fail(EXIT_FAILED, "%s", err.text)
		: read_in(s, in, is_json);

	if (is_file)
		fclose(in);
	return status;
}

enum exit_status
local_books(const struct settings *s, const struct client_line *l)
{
	const char *verb = l->args[0], *dir = s->daemon.state_dir;
	struct books_copied found;
	struct error err;

	if (strcmp(verb, "import") == 0 && l->n_args <= 2)
		return is_running(s, l)
			   ? local_fail(EXIT_FAILED,
				 "outpostd runs with its books: stop it "
				 "before; nothing was changed")
			   : read_from(s, l->n_args > 1 ? l->args[1] : "-",
				 l->is_json);
	if (l->n_args != 1 ||
	    (strcmp(verb, "check") != 0 && strcmp(verb, "export") != 0))
		return local_fail(EXIT_USAGE,
		    "books, books check, books export or books import [FILE]");
	if (local_become_owner(dir, &err) < 0)
		return local_fail(EXIT_FAILED, "%s", err.text);
	if (strcmp(verb, "export") == 0)
		return write_out(dir, l->is_json);
	if (books_check(dir, &found, &err) < 0)
		return local_fail(EXIT_FAILED, "%s", err.text);
	return tell_found(&found, l->is_json, stdout);
}
