/* client - the outpost command's side of the control socket */
#include "cli/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/sock.h"
#include "base/text.h"
#include "cli/many.h"
#include "cli/pages.h"
#include "cli/top.h"

enum {
	CONNECT_MS = 2000,
	ANSWER_MAX = 96 * 1024 * 1024,
	LINE_MAX_BYTES = 64 * 1024,
	FOLLOW_MS = 500,
};

/* "--socket PATH", "-s PATH", "--socket=PATH": *value is what follows "=". */
static const char **
global_option(struct client_line *l, const char *arg, const char **value)
{
	struct str name = str_from(arg);
	const char *equals = strchr(arg, '=');

	*value = NULL;
	if (equals && str_starts(name, STR("--"))) {
		name = str_head(name, (size_t)(equals - arg));
		*value = equals + 1;
	}
	if (str_is(name, STR("--config")) || str_is(name, STR("-c")))
		return &l->config;
	if (str_is(name, STR("--socket")) || str_is(name, STR("-s")))
		return &l->socket;
	return NULL;
}

static int
take_global(const char **global, const char *value, char **argv, int argc,
    int *i, struct error *err)
{
	if (!value && *i + 1 >= argc)
		return error_set(err, "%s needs a value", argv[*i]);
	*global = value ? value : argv[++*i];
	return 0;
}

static int
take_command(struct client_line *l, const char *word, struct error *err)
{
	const char *near;

	l->command = command_find(str_from(word), &near);
	if (l->command != COMMAND_IDS)
		return 0;
	return error_set(err, "no command \"%s\"%s%s%s", word,
	    near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : " (see outpost help)");
}

/* "NET ..." may be given again; the values are joined by commas. */
static bool
is_list(const struct command_option *o)
{
	return str_ends(str_from(o->value), STR("..."));
}

/* The value of "--release before TIME" is two words. */
static bool
has_second(const struct command_option *o, struct str word)
{
	return is_list(o) && strstr(o->value, "before TIME") &&
	       (str_is(word, STR("before")) || str_is(word, STR("from")));
}

/* A text of its own out of up to three. NULL: no room. */
static const char *
join(struct client_line *l, struct str a, const char *between, struct str b)
{
	struct text t;
	char *p = l->joined + l->n_joined;

	text_init(&t, p, sizeof(l->joined) - l->n_joined);
	text_str(&t, a);
	text_add(&t, between);
	text_str(&t, b);
	if (t.is_cut)
		return NULL;
	l->n_joined += t.n + 1;
	return p;
}

static int
put_option(struct client_line *l, const struct command_option *o,
    const char *value, struct error *err)
{
	for (size_t i = 0; i < l->n_options; i++) {
		if (strcmp(l->options[i].name, o->name) != 0)
			continue;
		if (!is_list(o))
			return error_set(err, "--%s is given twice", o->name);
		l->options[i].value = join(
		    l, str_from(l->options[i].value), ", ", str_from(value));
		return l->options[i].value
			   ? 0
			   : error_set(err, "--%s is too long", o->name);
	}
	if (l->n_options == CLIENT_OPTIONS)
		return error_set(err, "too many options");
	l->options[l->n_options].name = o->name;
	l->options[l->n_options++].value = value;
	return 0;
}

static int
take_option(
    struct client_line *l, char **argv, int argc, int *i, struct error *err)
{
	struct str name = str_from(argv[*i] + 2), value = {0}, head;
	bool has_value = false;

	if (str_cut(&name, '=', &head)) {
		value = name;
		name = head;
		has_value = true;
	}
	const struct command_option *o = command_option_find(l->command, name);

	if (!o)
		return error_set(err,
		    "%s has no option --%.*s (see outpost "
		    "help %s)",
		    commands[l->command].name, STR_ARG(name),
		    commands[l->command].name);
	if (!*o->value && has_value)
		return error_set(err, "--%s takes no value", o->name);
	if (*o->value && !has_value) {
		if (*i + 1 >= argc)
			return error_set(
			    err, "--%s needs %s", o->name, o->value);
		value = str_from(argv[++*i]);
	}
	if (has_second(o, value)) {
		if (*i + 1 >= argc)
			return error_set(err, "--%s %.*s needs another word",
			    o->name, STR_ARG(value));
		const char *both = join(l, value, " ", str_from(argv[++*i]));

		if (!both)
			return error_set(err, "--%s is too long", o->name);
		value = str_from(both);
	}
	return put_option(l, o, *o->value ? value.p : "", err);
}

static int
take_argument(struct client_line *l, const char *word, struct error *err)
{
	if (l->command == COMMAND_IDS)
		return take_command(l, word, err);
	if (l->n_args == CLIENT_ARGS)
		return error_set(err, "too many arguments");
	l->args[l->n_args++] = word;
	return 0;
}

/* After a command that has an option of this name, it is the command's. */
static bool
is_own(const struct client_line *l, const char *word)
{
	struct str name = str_from(word), head;

	if (l->command == COMMAND_IDS || !str_starts(name, STR("--")))
		return false;
	name = str_skip(name, 2);
	if (str_cut(&name, '=', &head))
		name = head;
	return command_option_find(l->command, name) != NULL;
}

/* "-" is a file: standard input. */
static int
take_word(
    struct client_line *l, char **argv, int argc, int *i, struct error *err)
{
	const char *word = argv[*i];
	const char *value;
	const char **global = global_option(l, word, &value);

	if (global && !is_own(l, word))
		return take_global(global, value, argv, argc, i, err);
	if (strcmp(word, "--json") == 0) {
		l->is_json = true;
		return 0;
	}
	if (*word != '-' || !word[1])
		return take_argument(l, word, err);
	if (l->command == COMMAND_IDS)
		return error_set(err, "no option %s before a command", word);
	if (word[1] == '-')
		return take_option(l, argv, argc, i, err);
	return error_set(err, "no option %s (see outpost help %s)", word,
	    commands[l->command].name);
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* Help about the command that was named before it. */
static void
become_help(struct client_line *l)
{
	if (l->command != COMMAND_IDS && l->command != COMMAND_ID_help) {
		l->n_args = 1;
		l->args[0] = commands[l->command].name;
	}
	l->command = COMMAND_ID_help;
}

int
client_parse(int argc, char **argv, struct client_line *out, struct error *err)
{
	*out = (struct client_line){.command = COMMAND_IDS};
	for (int i = 1; i < argc; i++) {
		if (is_help(argv[i])) {
			become_help(out);
			return 0;
		}
		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc) {
				if (take_argument(out, argv[i], err) < 0)
					return -1;
			}
			break;
		}
		if (take_word(out, argv, argc, &i, err) < 0)
			return -1;
	}
	if (out->command == COMMAND_IDS)
		out->command = COMMAND_ID_help;
	return 0;
}

const char *
client_option(const struct client_line *l, const char *name)
{
	for (size_t i = 0; i < l->n_options; i++) {
		if (strcmp(l->options[i].name, name) == 0)
			return l->options[i].value;
	}
	return NULL;
}

int
client_width(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 20)
		return w.ws_col;
	return 0;
}

static void
print_question(const struct client_line *l, struct text *t)
{
	struct json_out j;

	json_out_init(&j, t);
	json_open(&j, NULL);
	json_str(&j, "command", str_from(commands[l->command].name));
	json_open_array(&j, "args");
	for (size_t i = 0; i < l->n_args; i++)
		json_str(&j, NULL, str_from(l->args[i]));
	json_close_array(&j);
	json_open(&j, "options");
	for (size_t i = 0; i < l->n_options; i++)
		json_str(&j, l->options[i].name, str_from(l->options[i].value));
	json_close(&j);
	json_bool(&j, "json", l->is_json);
	json_i64(&j, "width", client_width());
	json_close(&j);
	text_char(t, '\n');
}

static int
write_all(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		s = str_skip(s, (size_t)n);
	}
	return 0;
}

static int
read_all(int fd, struct text *t)
{
	char buf[65536];

	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 || t->is_cut ? -1 : 0;
		text_bytes(t, buf, (size_t)n);
	}
}

static enum exit_status
unreachable(const char *why)
{
	fprintf(stderr, "outpost: outpostd does not answer: %s\n", why);
	return EXIT_UNREACHABLE;
}

struct json *
client_ask(const struct client_line *l, const char *socket, struct error *err)
{
	char address[4200];
	struct text t, question, answer;
	struct json *doc = NULL;

	text_init(&t, address, sizeof(address));
	text_printf(&t, "unix:%s", socket);
	int fd = sock_connect_wait(address, CONNECT_MS, err);

	if (fd < 0)
		return NULL;
	text_grow(&question, LINE_MAX_BYTES);
	text_grow(&answer, ANSWER_MAX);
	print_question(l, &question);
	if (question.is_cut)
		error_set(err, "the question is too long");
	else if (write_all(fd, text_view(&question)) < 0 ||
		 read_all(fd, &answer) < 0 || answer.n == 0)
		error_set(err, "%s: no answer", socket);
	else
		doc = json_parse(text_view(&answer), err);
	text_done(&question);
	text_done(&answer);
	close(fd);
	return doc;
}

static enum exit_status
print_answer(const struct json *doc)
{
	struct str out = json_text(json_get(doc, "out"));
	struct str text = json_text(json_get(doc, "err"));

	fwrite(out.p, 1, out.n, stdout);
	fflush(stdout);
	if (text.n > 0)
		fprintf(stderr, "outpost: %.*s", STR_ARG(text));
	return (enum exit_status)json_number(
	    json_get(doc, "exit"), EXIT_FAILED);
}

static enum exit_status
ask_once(const struct client_line *l, const char *socket)
{
	struct error err;
	struct json *doc = client_ask(l, socket, &err);

	if (!doc)
		return unreachable(err.text);
	enum exit_status status = print_answer(doc);

	json_free(&doc);
	return status;
}

static enum exit_status
follow(struct client_line *l, const char *socket)
{
	const struct timespec pause = {0, FOLLOW_MS * 1000000L};
	char since[96] = "";

	for (;;) {
		struct error err;
		struct json *doc;

		l->n_options = 0;
		l->options[l->n_options].name = "follow";
		l->options[l->n_options++].value = since;
		doc = client_ask(l, socket, &err);
		if (!doc)
			return unreachable(err.text);
		enum exit_status status = print_answer(doc);
		struct str last = json_text(json_get(doc, "last"));

		if (last.n > 0 && last.n < sizeof(since)) {
			memcpy(since, last.p, last.n);
			since[last.n] = '\0';
		}
		json_free(&doc);
		if (status != EXIT_OK)
			return status;
		nanosleep(&pause, NULL);
	}
}

enum exit_status
client_run(struct client_line *l, const char *socket)
{
	if (l->command == COMMAND_ID_events && client_option(l, "follow"))
		return follow(l, socket);
	if (many_is_asked(l))
		return many_run(l, socket);
	if (pages_are_asked(l))
		return pages_run(l, socket);
	if (l->command == COMMAND_ID_top && !l->is_json)
		return top_run(l, socket);
	return ask_once(l, socket);
}
