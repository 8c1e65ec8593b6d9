/* client_test - command lines, good and bad */
#include "cli/client.h"

#include <stdlib.h>

#include "base/test.h"

enum { WORDS = 80 };

static struct client_line l;
static struct error err;

/* The words stand in one text, separated by a '|'. */
static int
parse(const char *line)
{
	static char words[4096];
	static char program[] = "outpost";
	char *argv[WORDS + 1] = {program};
	int argc = 1;

	strcpy(words, line);
	strcpy(err.text, "");
	for (char *p = words; *words && p && argc < WORDS;) {
		argv[argc++] = p;
		p = strchr(p, '|');
		if (p)
			*p++ = '\0';
	}
	return client_parse(argc, argv, &l, &err);
}

static void
bad(const char *line, const char *want)
{
	if (parse(line) == 0)
		test_fail(__FILE__, __LINE__, "accepted: %s", line);
	else if (!strstr(err.text, want))
		test_fail(__FILE__, __LINE__, "%s: %s", line, err.text);
}

static void
a_whole_line(void)
{
	CHECK_INT(
	    parse("-c|/x.conf|--json|suspend|a@b|--for|1h|--reason=x=y"), 0);
	CHECK_INT(l.command, COMMAND_ID_suspend);
	CHECK_STR(str_from(l.config), STR("/x.conf"));
	CHECK(l.socket == NULL);
	CHECK(l.is_json);
	CHECK_INT(l.n_args, 1);
	CHECK_STR(str_from(l.args[0]), STR("a@b"));
	CHECK_STR(str_from(client_option(&l, "for")), STR("1h"));
	CHECK_STR(str_from(client_option(&l, "reason")), STR("x=y"));
	CHECK(client_option(&l, "rung") == NULL);
	CHECK_INT(parse("status|--socket|/s"), 0);
	CHECK_STR(str_from(l.socket), STR("/s"));
	CHECK(!l.is_json);
	CHECK_INT(parse("--config=/x|--socket=/s=t|status"), 0);
	CHECK_STR(str_from(l.config), STR("/x"));
	CHECK_STR(str_from(l.socket), STR("/s=t"));
	CHECK_INT(l.n_options, 0);
}

static void
values_may_look_like_options(void)
{
	CHECK_INT(parse("lift|a@b|--reason|--help"), 0);
	CHECK_INT(l.command, COMMAND_ID_lift);
	CHECK_STR(str_from(client_option(&l, "reason")), STR("--help"));
	CHECK_INT(parse("lift|a@b|--reason="), 0);
	CHECK_STR(str_from(client_option(&l, "reason")), STR(""));
	CHECK_INT(parse("exempt|a@b|--end|--reason|x"), 0);
	CHECK_STR(str_from(client_option(&l, "end")), STR(""));
	CHECK_INT(parse("explain|log|-"), 0);
	CHECK_STR(str_from(l.args[1]), STR("-"));
	CHECK_INT(parse("show|--|--help"), 0);
	CHECK_INT(l.command, COMMAND_ID_show);
	CHECK_STR(str_from(l.args[0]), STR("--help"));
	CHECK_INT(parse("show||"), 0);
	CHECK_INT(l.n_args, 2);
}

static void
lines_that_are_wrong(void)
{
	bad("statsu", "did you mean \"status\"?");
	bad("frobnicate", "no command \"frobnicate\" (see outpost help)");
	bad("--for|1h|suspend", "no option --for before a command");
	bad("-x", "no option -x before a command");
	bad("list|-x", "no option -x");
	bad("suspend|a|--fro|1h", "suspend has no option --fro");
	bad("suspend|a|--end", "suspend has no option --end");
	bad("suspend|a|--for", "--for needs DURATION");
	bad("suspend|a|--for|1h|--for=2h", "--for is given twice");
	bad("exempt|a|--end=x", "--end takes no value");
	bad("status|--config", "--config needs a value");
	bad("-s", "-s needs a value");
}

static void
help_anywhere(void)
{
	CHECK_INT(parse(""), 0);
	CHECK_INT(l.command, COMMAND_ID_help);
	CHECK_INT(l.n_args, 0);
	CHECK_INT(parse("--help"), 0);
	CHECK_INT(l.command, COMMAND_ID_help);
	CHECK_INT(parse("lift|a@b|-h|--rubbish"), 0);
	CHECK_INT(l.command, COMMAND_ID_help);
	CHECK_INT(l.n_args, 1);
	CHECK_STR(str_from(l.args[0]), STR("lift"));
	CHECK_INT(parse("help|lift"), 0);
	CHECK_STR(str_from(l.args[0]), STR("lift"));
}

static void
too_many_words(void)
{
	char line[4096] = "replay";

	for (int i = 0; i < CLIENT_ARGS; i++)
		strcat(line, "|a");
	CHECK_INT(parse(line), 0);
	CHECK_INT(l.n_args, CLIENT_ARGS);
	strcat(line, "|a");
	bad(line, "too many arguments");
}

/* The table of commands tells all of it. */
static void
help_names_every_command(void)
{
	struct text t;
	const char *near;

	text_grow(&t, 1 << 16);
	command_print_help(&t);
	for (size_t i = 0; i < COMMAND_IDS; i++) {
		CHECK(str_find(text_view(&t), str_from(commands[i].name)) > 0);
		CHECK_INT(command_find(str_from(commands[i].name), &near), i);
	}
	for (size_t i = 0; i < command_options_n; i++) {
		const struct command_option *o = &command_options[i];

		text_clear(&t);
		command_print_one(o->command, &t);
		CHECK(str_find(text_view(&t), str_from(o->name)) > 0);
	}
	text_clear(&t);
	command_print_exits(&t);
	CHECK(str_starts(text_view(&t), STR("  0  done\n")));
	CHECK_INT(command_find(STR(""), &near), COMMAND_IDS);
	CHECK(near == NULL);
	text_done(&t);
}

/* Options with a list may be given again, and have two words. */
static void
lists(void)
{
	CHECK_INT(parse("lift|a@b|--release|before|22:40|--reason|x"), 0);
	CHECK_STR(str_from(client_option(&l, "release")), STR("before 22:40"));
	CHECK_INT(l.n_args, 1);
	CHECK_INT(parse("lift|a@b|--release|from|192.0.2.1|--release=from|"
			"10.0.0.0/8|--release|before 2h"),
	    0);
	CHECK_STR(str_from(client_option(&l, "release")),
	    STR("from 192.0.2.1, from 10.0.0.0/8, before 2h"));
	CHECK_INT(l.n_args, 1);
	CHECK_INT(parse("lift|a@b|--release|all"), 0);
	CHECK_STR(str_from(client_option(&l, "release")), STR("all"));
	CHECK_INT(parse("queue|a@b|list|--from|192.0.2.1|--from|local"), 0);
	CHECK_STR(str_from(client_option(&l, "from")), STR("192.0.2.1, local"));
	bad("lift|a@b|--release|before", "needs another word");
	bad("queue|a@b|list|--before|1h|--before|2h", "given twice");
}

TESTS(TEST(lists), TEST(a_whole_line), TEST(values_may_look_like_options),
    TEST(lines_that_are_wrong), TEST(help_anywhere), TEST(too_many_words),
    TEST(help_names_every_command))
