#include "mta/chain_script.h"

static struct text told;

static void
on_message(void *ctx, struct str account, struct str message_id, int64_t at)
{
	(void)ctx;
	text_printf(&told, "%.*s %.*s +%d\n", STR_ARG(account),
	    STR_ARG(message_id), (int)(at - SCRIPT_BEGIN));
}

/* What is told of the lines. */
static struct str
run(const char *lines)
{
	static struct script s;
	struct str rest = str_from(lines), line;

	text_done(&told);
	text_grow(&told, 1 << 16);
	script_init(&s);
	const struct chains_options o = {.settings = &s.settings,
	    .uid_name = script_uid,
	    .on_message = on_message};

	s.chains = chains_new(&o, script_on_fact, &s);
	while (str_cut(&rest, '\n', &line))
		script_line(&s, line);
	script_done(&s);
	return text_view(&told);
}

#define LOGIN                                            \
	"0 postfix/smtpd: A00001: client=c[192.0.2.7], " \
	"sasl_method=PLAIN, sasl_username=alice@example.com\n"

static void
test_told(void)
{
	CHECK_STR(run(LOGIN "1 postfix/cleanup: A00001: message-id=<1@x>\n"),
	    STR("alice@example.com 1@x +1\n"));
	CHECK_STR(run("0 postfix/pickup: A00001: uid=1000 from=<carol>\n"
		      "0 postfix/cleanup: A00001: message-id=<2@x>\n"),
	    STR("uid:carol 2@x +0\n"));
	CHECK_STR(
	    run(LOGIN "1 postfix/cleanup: A00001: message-id=<>\n"), STR(""));
}

/* Inbound mail has no account; nor has what nobody submitted. */
static void
test_not_told(void)
{
	CHECK_STR(run("0 postfix/smtpd: A00001: client=m[203.0.113.1]\n"
		      "1 postfix/cleanup: A00001: message-id=<1@x>\n"),
	    STR(""));
	CHECK_STR(
	    run("1 postfix/cleanup: A00001: message-id=<1@x>\n"), STR(""));
}

/* Behind a content filter the same message is not told again. */
static void
test_filter(void)
{
	CHECK_STR(
	    run(LOGIN
		"1 postfix/cleanup: A00001: message-id=<1@x>\n"
		"1 postfix/qmgr: A00001: from=<a@x>, size=5, nrcpt=1 (queue "
		"active)\n"
		"2 postfix/smtpd: B00001: client=l[127.0.0.1], "
		"orig_queue_id=A00001, orig_client=c[192.0.2.7]\n"
		"2 postfix/cleanup: B00001: message-id=<1@x>\n"),
	    STR("alice@example.com 1@x +1\n"));
	text_done(&told);
}

TESTS(TEST(test_told), TEST(test_not_told), TEST(test_filter))
