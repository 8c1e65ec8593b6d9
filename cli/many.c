/* many - one order to many subjects: suspend, lift and show from a list */
#include "cli/many.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/pages.h"

enum {
	MANY_MAX = 100000,
	BATCH = 50,
	NAME = 700,
	SHOWN = 5,
	STANDINGS_SHOWN = 16
};

struct tally {
	char standing[24];
	size_t n;
};

struct many {
	const struct client_line *line;
	const char *socket;
	char **names;
	size_t n, cap;
	struct tally tallies[STANDINGS_SHOWN];
	size_t n_wrong; /* that can't be subjects */
	size_t n_done, n_failed;
	enum exit_status exit;
};

static const char *const selectors[] = {"client", "rule", "domain"};

bool
many_is_asked(const struct client_line *l)
{
	if (l->command != COMMAND_ID_suspend && l->command != COMMAND_ID_lift &&
	    l->command != COMMAND_ID_show)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (client_option(l, selectors[i]))
			return true;
	}
	return client_option(l, "from-file") != NULL;
}

static bool
fail(struct many *m, enum exit_status exit, const char *what)
{
	fprintf(stderr, "outpost: %s\n", what);
	m->exit = exit;
	return false;
}

static bool
add(struct many *m, struct str name)
{
	name = str_trim(name);
	if (name.n == 0 || name.p[0] == '#')
		return true;
	if (m->n == MANY_MAX)
		return fail(m, EXIT_FAILED,
		    "more than 100000: too many at once; nothing was done");
	if (name.n >= NAME)
		return fail(m, EXIT_USAGE,
		    "a line is too long for a subject; nothing was done");
	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 256;
		m->names = xrealloc(m->names, m->cap, sizeof(*m->names));
	}
	m->names[m->n++] = str_dup(name);
	return true;
}

static bool
read_file(struct many *m, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "re");
	char why[4400], *line = NULL;
	size_t cap = 0;
	bool is_good = f != NULL;

	if (!f) {
		snprintf(
		    why, sizeof(why), "%.4096s: %s", path, strerror(errno));
		return fail(m, EXIT_FAILED, why);
	}
	while (is_good && getline(&line, &cap, f) >= 0)
		is_good = add(m, str_from(line));
	free(line);
	if (!is_stdin)
		fclose(f);
	return is_good;
}

static void
add_option(struct client_line *l, const char *name, const char *value)
{
	if (value && l->n_options < CLIENT_OPTIONS) {
		l->options[l->n_options].name = name;
		l->options[l->n_options++].value = value;
	}
}

/* The answer's text, an error printed; NULL: m->exit says. */
static struct json *
ask(struct many *m, const struct client_line *question)
{
	struct error err;
	struct json *doc = client_ask(question, m->socket, &err);

	if (!doc) {
		char why[sizeof(err.text) + 40];

		snprintf(
		    why, sizeof(why), "outpostd does not answer: %s", err.text);
		fail(m, EXIT_UNREACHABLE, why);
		return NULL;
	}
	m->exit =
	    (enum exit_status)json_number(json_get(doc, "exit"), EXIT_FAILED);
	if (m->exit != EXIT_OK) {
		fprintf(stderr, "outpost: %.*s",
		    STR_ARG(json_text(json_get(doc, "err"))));
		json_free(&doc);
	}
	return doc;
}

static void
take(void *ctx, const struct page *page, const struct json *row)
{
	struct many *m = ctx;

	(void)page;
	if (row && m->exit == EXIT_OK)
		add(m, json_text(json_at(row, 0)));
}

static bool
select_them(struct many *m)
{
	struct client_line question = {.command = COMMAND_ID_list};
	enum exit_status status;

	for (size_t i = 0; i < 3; i++)
		add_option(&question, selectors[i],
		    client_option(m->line, selectors[i]));
	add_option(&question, "since", client_option(m->line, "since"));
	status = pages_each(&question, m->socket, take, m);
	if (m->exit == EXIT_OK)
		m->exit = status;
	return m->exit == EXIT_OK;
}

typedef void each_fn(struct many *m, struct str name, const struct json *one);

static void
each_line(struct many *m, struct str out, each_fn *each)
{
	struct str line;

	while (str_cut(&out, '\n', &line)) {
		struct json *one = json_parse(line, NULL);

		if (one)
			each(m, json_text(json_get(one, "subject")), one);
		json_free(&one);
	}
}

/* From the from-th on, so many as fit; returns how many, 0: m->exit says. */
static size_t
ask_some(struct many *m, size_t from, const char *how, each_fn *each)
{
	static const char *const passed[] = {
	    "reason", "for", "rung", "force", "release", "return", "innocent"};
	struct client_line question = {
	    .command = m->line->command, .is_json = m->line->is_json};

	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		add_option(
		    &question, passed[i], client_option(m->line, passed[i]));
	add_option(&question, "batch", how);
	while (question.n_args < BATCH && from + question.n_args < m->n) {
		question.args[question.n_args] =
		    m->names[from + question.n_args];
		question.n_args++;
	}
	struct json *doc = ask(m, &question);

	if (!doc)
		return 0;
	each_line(m, json_text(json_get(doc, "out")), each);
	json_free(&doc);
	return question.n_args;
}

static void
count_one(struct many *m, struct str name, const struct json *one)
{
	struct str standing = json_text(json_get(one, "standing"));

	if (json_number(json_get(one, "exit"), 1) != EXIT_OK) {
		if (m->n_wrong++ < SHOWN)
			fprintf(stderr, "outpost: %.*s",
			    STR_ARG(json_text(json_get(one, "err"))));
		return;
	}
	(void)name;
	for (size_t i = 0; i < STANDINGS_SHOWN; i++) {
		struct tally *t = &m->tallies[i];

		if (t->n == 0)
			snprintf(t->standing, sizeof(t->standing), "%.*s",
			    STR_ARG(standing));
		if (str_is(standing, str_from(t->standing))) {
			t->n++;
			return;
		}
	}
}

/* What would be done, and to whom. */
static bool
look(struct many *m)
{
	for (size_t i = 0; i < m->n;) {
		size_t n = ask_some(m, i, "look", count_one);

		if (n == 0)
			return false;
		i += n;
	}
	fprintf(stderr, "%s %zu:", commands[m->line->command].name, m->n);
	for (size_t i = 0; i < STANDINGS_SHOWN && m->tallies[i].n > 0; i++)
		fprintf(stderr, "%s %zu %s", i ? "," : "", m->tallies[i].n,
		    m->tallies[i].standing);
	if (m->n_wrong > 0)
		fprintf(stderr, ", %zu that can't be", m->n_wrong);
	fprintf(stderr, "\n ");
	for (size_t i = 0; i < m->n && i < SHOWN; i++)
		fprintf(stderr, " %s", m->names[i]);
	fprintf(stderr, "%s\n", m->n > SHOWN ? " ..." : "");
	return true;
}

static bool
confirm(struct many *m)
{
	char answer[16];

	if (client_option(m->line, "dry-run"))
		return false;
	if (client_option(m->line, "yes"))
		return true;
	if (!isatty(STDIN_FILENO))
		return fail(m, EXIT_USAGE,
		    "--yes is needed where nobody can be asked; nothing was "
		    "done");
	fprintf(stderr, "Go on? (yes/no) ");
	if (fgets(answer, sizeof(answer), stdin) &&
	    str_is(str_trim(str_from(answer)), STR("yes")))
		return true;
	return fail(m, EXIT_FAILED, "nothing was done");
}

static void
print_one(struct many *m, struct str name, const struct json *one)
{
	struct str out = json_text(json_get(one, "out"));
	struct str err = json_text(json_get(one, "err"));

	(void)name;
	fwrite(out.p, 1, out.n, stdout);
	if (err.n > 0)
		fprintf(stderr, "outpost: %.*s", STR_ARG(err));
	m->n_done++;
	m->n_failed += json_number(json_get(one, "exit"), 1) != EXIT_OK;
}

static void
tell_progress(const struct many *m, size_t before)
{
	bool is_terminal = isatty(STDERR_FILENO);

	if (is_terminal && m->n > BATCH)
		fprintf(stderr, "\r%zu of %zu%s", m->n_done, m->n,
		    m->n_done == m->n ? "\n" : "");
	else if (m->n_done / 1000 > before / 1000)
		fprintf(stderr, "%zu of %zu\n", m->n_done, m->n);
}

static void
act(struct many *m)
{
	while (m->n_done < m->n) {
		size_t before = m->n_done;

		if (ask_some(m, before, "do", print_one) == 0)
			break;
		fflush(stdout);
		/* None may be asked for ever. */
		if (m->n_done == before)
			break;
		tell_progress(m, before);
	}
	if (m->line->command != COMMAND_ID_show || m->n_done < m->n)
		fprintf(stderr, "%s: %zu of %zu done, %zu failed\n",
		    commands[m->line->command].name, m->n_done - m->n_failed,
		    m->n, m->n_failed + m->n - m->n_done);
	if (m->exit == EXIT_OK && (m->n_failed > 0 || m->n_done < m->n))
		m->exit = EXIT_FAILED;
}

static void
run(struct many *m)
{
	const char *file = client_option(m->line, "from-file");

	if (m->line->n_args > 0) {
		fail(m, EXIT_USAGE, "name a subject, or say which they are");
		return;
	}
	if (!(file ? read_file(m, file) : select_them(m)))
		return;
	if (m->n == 0) {
		fail(m, EXIT_UNKNOWN, "nobody is meant by that");
		return;
	}
	if (m->line->command == COMMAND_ID_show || (look(m) && confirm(m)))
		act(m);
}

enum exit_status
many_run(const struct client_line *l, const char *socket)
{
	struct many m = {.line = l, .socket = socket, .exit = EXIT_OK};

	run(&m);
	for (size_t i = 0; i < m.n; i++)
		free(m.names[i]);
	free(m.names);
	return m.exit;
}
