/* local - the commands that need no daemon */
#include "cli/local.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/crypto.h"
#include "base/json.h"
#include "cli/lines.h"
#include "config/settings.h"
#include "mta/explain.h"
#include "mta/maincf.h"

enum { OUTPUT_MAX = 4 * 1024 * 1024, FLUSH_AT = 256 * 1024 };

enum exit_status
local_fail(enum exit_status exit, const char *fmt, ...)
{
	va_list ap;

	fputs("outpost: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return exit;
}

enum exit_status
local_print(struct str text)
{
	fwrite(text.p, 1, text.n, stdout);
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_OK;
	return local_fail(EXIT_FAILED, "standard output can't be written");
}

enum exit_status
local_print_text(struct str text, bool is_json)
{
	struct json_out j;
	struct text t;

	if (!is_json)
		return local_print(text);
	text_grow(&t, 2 * OUTPUT_MAX);
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "text", text);
	json_close(&j);
	text_char(&t, '\n');
	enum exit_status status = local_print(text_view(&t));

	text_done(&t);
	return status;
}

struct explainer {
	struct logline_clock clock;
	struct text out;
};

static void
on_line(void *ctx, struct str line)
{
	struct explainer *e = ctx;

	explain_line(&e->out, &e->clock, line);
	text_char(&e->out, '\n');
	if (e->out.n >= FLUSH_AT) {
		fwrite(e->out.p, 1, e->out.n, stdout);
		text_clear(&e->out);
	}
}

enum exit_status
local_explain_log(const char *path)
{
	struct explainer e;
	struct error err;
	struct stat st;
	bool is_file = strcmp(path, "-") != 0 && stat(path, &st) == 0;

	logline_clock_init(&e.clock, is_file ? st.st_mtime : time(NULL));
	text_grow(&e.out, OUTPUT_MAX);
	int status = lines_read(path, on_line, NULL, &e, &err);

	if (local_print(text_view(&e.out)) != EXIT_OK)
		status = -2;
	text_done(&e.out);
	if (status == -1)
		return local_fail(EXIT_FAILED, "%s", err.text);
	return status == 0 ? EXIT_OK : EXIT_FAILED;
}

enum exit_status
local_secret(const char *path, bool is_json)
{
	struct crypto_key secret;
	struct error err;
	char words[4300];
	struct text t;

	text_init(&t, words, sizeof(words));
	if (crypto_secret_read(path, &secret, &err) == 0)
		text_printf(&t, "%s: is there and good.\n", path);
	else if (crypto_secret_make(path, &err) == 0)
		text_printf(&t,
		    "%s: made. Copy it to every host of this installation.\n",
		    path);
	else
		return local_fail(EXIT_FAILED, "%s", err.text);
	return local_print_text(text_view(&t), is_json);
}

enum exit_status
local_settings(struct settings *s, bool is_json)
{
	struct text t;

	text_grow(&t, OUTPUT_MAX);
	settings_print(s, &t);
	enum exit_status status = local_print_text(text_view(&t), is_json);

	text_done(&t);
	return status;
}

enum exit_status
local_help(const struct client_line *l)
{
	struct text t;
	enum exit_status status;

	text_grow(&t, OUTPUT_MAX);
	if (l->n_args == 0) {
		command_print_help(&t);
		text_add(&t, "\nExit status:\n");
		command_print_exits(&t);
	} else {
		const char *near;
		enum command_id id = command_find(str_from(l->args[0]), &near);

		if (id == COMMAND_IDS) {
			text_done(&t);
			return local_fail(EXIT_USAGE, "no command \"%s\"%s%s%s",
			    l->args[0], near ? "; did you mean \"" : "",
			    near ? near : "", near ? "\"?" : "");
		}
		command_print_one(id, &t);
	}
	status = local_print_text(text_view(&t), l->is_json);
	text_done(&t);
	return status;
}
