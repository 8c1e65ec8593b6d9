/* command - the table of the outpost command's verbs, options and exits */
#ifndef DAEMON_COMMAND_H
#define DAEMON_COMMAND_H

#include "base/str.h"
#include "base/text.h"

enum command_access { COMMAND_LOOK, COMMAND_CHANGE, COMMAND_LOCAL };

enum command_id {
#define COMMAND(name, usage, access, help) COMMAND_ID_##name,
#define OPTION(command, name, value, help)
#include "daemon/commands.def"
#undef COMMAND
#undef OPTION
	COMMAND_IDS
};

enum exit_status {
#define EXIT(name, status, help) EXIT_##name = status,
#include "daemon/exits.def"
#undef EXIT
};

struct exit_help {
	int status;
	const char *help;
};

extern const struct exit_help exit_helps[];
extern const size_t exit_helps_n;

struct command {
	const char *name, *usage;
	enum command_access access;
	const char *help;
};

struct command_option {
	enum command_id command;
	const char *name, *value, *help;
};

extern const struct command commands[COMMAND_IDS];
extern const struct command_option command_options[];
extern const size_t command_options_n;

/* COMMAND_IDS when unknown; *near is then the likely one, or NULL. */
enum command_id command_find(struct str name, const char **near);
/* NULL when the command has no such option. */
const struct command_option *command_option_find(
    enum command_id command, struct str name);
/* The list of commands, or all about one. */
void command_print_help(struct text *out);
void command_print_one(enum command_id id, struct text *out);
/* EXIT lines, for help and manual. */
void command_print_exits(struct text *out);

#endif
