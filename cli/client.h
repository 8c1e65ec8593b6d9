/* client - the outpost command's side of the control socket */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "base/error.h"
#include "daemon/command.h"

enum { CLIENT_ARGS = 64, CLIENT_OPTIONS = 16 };

/* The command line, taken apart by the table of commands. */
struct client_line {
	const char *config, *socket; /* NULL: not given */
	bool is_json;
	enum command_id command;
	const char *args[CLIENT_ARGS];
	size_t n_args;
	struct {
		const char *name, *value;
	} options[CLIENT_OPTIONS];
	size_t n_options;
	char joined[4096]; /* behind the values of options given again */
	size_t n_joined;
};

/* -1: usage error. "--help" anywhere makes it the command help. */
int client_parse(
    int argc, char **argv, struct client_line *out, struct error *err);
/* NULL when not given. */
const char *client_option(const struct client_line *l, const char *name);

/* Ask once; the answer's parts (control.h). NULL: unreachable. */
struct json;
struct json *client_ask(
    const struct client_line *l, const char *socket, struct error *err);

/* Of the terminal on standard output; 0: it is none, nothing is cut. */
int client_width(void);

/* Ask the daemon, print its answer on stdout and stderr, return the exit
 * status. `events --follow` asks again and again, until interrupted. */
enum exit_status client_run(struct client_line *l, const char *socket);

#endif
