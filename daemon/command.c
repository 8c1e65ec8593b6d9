/* command - the table of the outpost command's verbs, options and exits */
#include "daemon/command.h"

const struct command commands[COMMAND_IDS] = {
#define COMMAND(name, usage, access, help) \
	[COMMAND_ID_##name] = {#name, usage, COMMAND_##access, help},
#define OPTION(command, name, value, help)
#include "daemon/commands.def"
#undef COMMAND
#undef OPTION
};

const struct command_option command_options[] = {
#define COMMAND(name, usage, access, help)
#define OPTION(command, name, value, help) \
	{COMMAND_ID_##command, name, value, help},
#include "daemon/commands.def"
#undef COMMAND
#undef OPTION
};

const size_t command_options_n =
    sizeof(command_options) / sizeof(command_options[0]);

const struct exit_help exit_helps[] = {
#define EXIT(name, status, help) {status, help},
#include "daemon/exits.def"
#undef EXIT
};

const size_t exit_helps_n = sizeof(exit_helps) / sizeof(exit_helps[0]);

enum command_id
command_find(struct str name, const char **near)
{
	unsigned best = 3;

	*near = NULL;
	for (enum command_id i = 0; i < COMMAND_IDS; i++) {
		struct str known = str_from(commands[i].name);

		if (str_is(known, name))
			return i;
		unsigned d = str_distance(known, name, 3);

		/* Of a short one something must be as it is. */
		if (d < best && d < known.n) {
			best = d;
			*near = commands[i].name;
		}
	}
	return COMMAND_IDS;
}

const struct command_option *
command_option_find(enum command_id command, struct str name)
{
	for (size_t i = 0; i < command_options_n; i++) {
		if (command_options[i].command == command &&
		    str_is(str_from(command_options[i].name), name))
			return &command_options[i];
	}
	return NULL;
}

void
command_print_help(struct text *out)
{
	text_add(out,
	    "usage: outpost [--config FILE] [--socket PATH] [--json] COMMAND "
	    "...\n\n");
	for (size_t i = 0; i < COMMAND_IDS; i++)
		text_printf(
		    out, "  %-9s %s\n", commands[i].name, commands[i].help);
	text_add(out,
	    "\nA SUBJECT is an account; or claimed:SHARED/SENDER, domain:NAME, "
	    "client:ADDRESS,\nnetwork:NET, all. `outpost help COMMAND` tells its options.\n");
}

static void
print_option(const struct command_option *o, struct text *out)
{
	size_t start = out->n;

	text_printf(out, "  --%s%s%s", o->name, *o->value ? " " : "", o->value);
	if (out->n - start < 22)
		text_pad(out, ' ', 22 - (out->n - start));
	text_printf(out, " %s\n", o->help);
}

void
command_print_one(enum command_id id, struct text *out)
{
	text_printf(out, "usage: outpost %s%s%s\n\n%s.\n", commands[id].name,
	    *commands[id].usage ? " " : "", commands[id].usage,
	    commands[id].help);
	for (size_t i = 0, n = 0; i < command_options_n; i++) {
		if (command_options[i].command != id)
			continue;
		if (n++ == 0)
			text_char(out, '\n');
		print_option(&command_options[i], out);
	}
	text_add(out, "\n  --json                 as JSON, for programs\n");
}

void
command_print_exits(struct text *out)
{
	for (size_t i = 0; i < exit_helps_n; i++)
		text_printf(out, "  %d  %s\n", exit_helps[i].status,
		    exit_helps[i].help);
}
