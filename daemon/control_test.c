/* control_test - the questions that are understood, and the answers */
#include "daemon/control.h"

#include <stdio.h>

#include "base/test.h"

static struct error err;
static struct json *doc;

static bool
parse(const char *line, struct control_request *q)
{
	json_free(&doc);
	strcpy(err.text, "");
	return control_parse(str_from(line), q, &doc, &err);
}

static void
a_whole_question(void)
{
	struct control_request q;

	CHECK(parse("{\"command\":\"suspend\",\"args\":[\"a@b\",\"\"],"
		    "\"options\":{\"for\":\"1h\",\"reason\":\"\"},"
		    "\"json\":true,\"width\":132,\"more\":{}}",
	    &q));
	CHECK_INT(q.command, COMMAND_ID_suspend);
	CHECK_INT(q.n_args, 2);
	CHECK_STR(q.args[0], STR("a@b"));
	CHECK_STR(q.args[1], STR(""));
	CHECK_STR(control_option(&q, "for"), STR("1h"));
	CHECK(control_has(&q, "reason"));
	CHECK_STR(control_option(&q, "reason"), STR(""));
	CHECK(!control_has(&q, "rung"));
	CHECK(q.is_json);
	CHECK_INT(q.width, 132);
	CHECK(!q.may_change); /* nobody is anybody by asking */
	CHECK(parse("{\"command\":\"status\"}", &q));
	CHECK_INT(q.n_args, 0);
	CHECK(!q.is_json);
	CHECK(!control_has(&q, "for"));
	json_free(&doc);
}

static void
questions_that_are_none(void)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
	    {"", ""},
	    {"x", ""},
	    {"{", ""},
	    {"[]", "no command \"\""},
	    {"[\"status\"]", "no command \"\""},
	    {"{}", "no command \"\""},
	    {"{\"command\":5}", "no command \"\""},
	    {"{\"command\":\"\"}", "no command \"\""},
	    {"{\"command\":\"statsu\"}", "did you mean \"status\"?"},
	    {"{\"command\":\"STATUS\"}", "no command \"STATUS\""},
	    {"{\"command\":\"status\"} x", ""},
	    {"{\"command\":\"status\",\"command\":\"mode\"}", ""},
	    {"{\"command\":\"sta\\u0000tus\"}", ""},
	    {"{\"command\":\"\xff\"}", ""},
	    {"{\"command\":\"show\",\"args\":[1]}", "is no text"},
	    {"{\"command\":\"show\",\"args\":[null]}", "is no text"},
	    {"{\"command\":\"show\",\"args\":[[\"a\"]]}", "is no text"},
	    {"{\"command\":\"show\",\"args\":\"a\"}", "are no list"},
	    {"{\"command\":\"show\",\"args\":{\"a\":\"b\"}}", "are no list"},
	    {"{\"command\":\"show\",\"options\":[\"for\"]}", "are no object"},
	    {"{\"command\":\"show\",\"options\":{\"for\":\"1h\"}}",
		"show has no option --for"},
	    {"{\"command\":\"suspend\",\"options\":{\"for\":1}}",
		"value of --for is no text"},
	    {"{\"command\":\"suspend\",\"options\":{\"x\":\"1\","
	     "\"for\":\"1h\"}}",
		"suspend has no option --x"},
	};
	struct control_request q;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse(cases[i].line, &q))
			test_fail(__FILE__, __LINE__, "%s", cases[i].line);
		CHECK(doc == NULL);
		if (!*err.text || !strstr(err.text, cases[i].want))
			test_fail(__FILE__, __LINE__, "%s: %s", cases[i].line,
			    err.text);
	}
}

static void
arguments_are_bounded(void)
{
	char line[4096];
	struct control_request q;
	struct text t;

	for (int more = 0; more < 2; more++) {
		text_init(&t, line, sizeof(line));
		text_add(&t, "{\"command\":\"show\",\"args\":[\"a\"");
		for (int i = 1; i < CONTROL_ARGS + more; i++)
			text_add(&t, ",\"a\"");
		text_add(&t, "]}");
		CHECK_INT(parse(line, &q), !more);
	}
	/* Deep nesting. */
	text_init(&t, line, sizeof(line));
	text_add(&t, "{\"command\":\"show\",\"args\":");
	text_pad(&t, '[', 2000);
	text_pad(&t, ']', 2000);
	text_char(&t, '}');
	CHECK(!parse(line, &q));
	json_free(&doc);
}

static void
answers_are_one_line(void)
{
	struct control_reply r;
	struct text line;

	control_reply_init(&r);
	text_grow(&line, 1024);
	text_add(&r.out, "a\nb\"\xff\033");
	CHECK(!control_fail(&r, EXIT_DENIED, "no %s", "way"));
	control_print(&r, &line);
	CHECK_STR(text_view(&line),
	    STR("{\"exit\":4,\"out\":\"a\\nb\\\"\xef\xbf\xbd\\u001b\","
		"\"err\":\"no way\\n\"}\n"));
	strcpy(r.last, "7-x-1");
	text_clear(&line);
	control_print(&r, &line);
	CHECK(str_ends(text_view(&line), STR(",\"last\":\"7-x-1\"}\n")));
	text_done(&line);
	control_reply_done(&r);
}

/* Half an answer is none. */
static void
answers_that_are_too_long(void)
{
	struct control_reply r;
	struct text line;

	for (int is_line = 0; is_line < 2; is_line++) {
		control_reply_init(&r);
		text_grow(&line, is_line ? 1000 : 2 * (size_t)CONTROL_REPLY);
		text_pad(&r.out, 'x', is_line ? 2000 : CONTROL_REPLY + 5);
		control_print(&r, &line);
		CHECK_STR(text_view(&line),
		    STR("{\"exit\":1,\"out\":\"\",\"err\":\"the answer is too "
			"long; ask for less\\n\"}\n"));
		text_done(&line);
		control_reply_done(&r);
	}
}

TESTS(TEST(a_whole_question), TEST(questions_that_are_none),
    TEST(arguments_are_bounded), TEST(answers_are_one_line),
    TEST(answers_that_are_too_long))
