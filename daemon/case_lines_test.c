/* case_lines - which lines of a log belong to a case */
#include "daemon/case_lines.h"

#include "base/test.h"

static void
look(struct case_lines *l, const char *const *lines, size_t n)
{
	static char buf[64 * 1024];

	text_init(&l->out, buf, sizeof(buf));
	for (size_t i = 0; i < n; i++)
		case_lines_look(l, str_from(lines[i]));
}

#define LOOK(l, lines) look(l, lines, sizeof(lines) / sizeof((lines)[0]))
#define HEAD "Nov 21 22:40:00 mx "

static void
lines_of_its_messages_are_taken(void)
{
	static const char *const lines[] = {HEAD
	    "postfix/smtpd[1]: 4F0000A: client=x[192.0.2.1], "
	    "sasl_method=PLAIN, sasl_username=Alice@example.com",
	    HEAD "postfix/smtpd[1]: 4F0000B: client=x[192.0.2.1], "
		 "sasl_method=PLAIN, sasl_username=alice@example.community",
	    HEAD "postfix/cleanup[1]: 4F0000A: message-id=<a@b>",
	    HEAD "postfix/smtp[1]: 4F0000A: to=<x@y>, relay=127.0.0.1, "
		 "status=sent (250 2.0.0 Ok: queued as 4F0000C)",
	    HEAD "postfix/smtp[1]: 4F0000B: to=<q@y>, status=sent (queued as "
		 "4F0000D)",
	    HEAD "postfix/smtp[1]: 4F0000C: to=<x@y>, status=sent (250 ok)",
	    HEAD "postfix/smtp[1]: 4F0000D: to=<q@y>, status=sent (250 ok)",
	    HEAD "postfix/smtpd[9]: warning: x[198.51.100.1]: SASL LOGIN "
		 "authentication failed: x, sasl_username=alice@example.com",
	    HEAD "postfix/smtpd[9]: disconnect from x[198.51.100.1]", "",
	    "]: ", "4F0000A: x", "]: 4F0000A", "sasl_username="};
	struct case_lines l = {.account = "alice@example.com"};
	struct str rest, line;
	size_t n = 0;

	LOOK(&l, lines);
	rest = text_view(&l.out);
	while (str_cut(&rest, '\n', &line)) {
		CHECK(str_find(line, STR("0000B")) < 0);
		CHECK(str_find(line, STR("0000D")) < 0);
		n++;
	}
	CHECK_INT(n, 5);
}

static void
a_login_without_its_domain_is_found(void)
{
	static const char *const lines[] = {HEAD
	    "postfix/smtpd[1]: 4F0000A: client=x, sasl_username=alice",
	    HEAD "postfix/smtpd[1]: 4F0000B: client=x, sasl_username=alic",
	    HEAD "postfix/smtpd[1]: 4F0000C: client=x, sasl_username=alice@o"};
	struct case_lines l = {.account = "alice@example.com"};

	LOOK(&l, lines);
	CHECK_INT(l.n_ids, 1);
}

static void
one_message_does_not_take_all_the_room(void)
{
	static const char *lines[200];
	struct case_lines l = {.account = "alice"};
	size_t n = 0;

	for (size_t i = 0; i < 200; i++)
		lines[i] = HEAD "postfix/smtp[1]: 4F0000A: to=<x@y>";
	case_lines_add_id(&l, STR("4F0000A"));
	case_lines_add_id(&l, STR("4F0000A"));
	case_lines_add_id(&l, STR(""));
	CHECK_INT(l.n_ids, 1);
	LOOK(&l, lines);
	for (size_t i = 0; i < l.out.n; i++)
		n += l.out.p[i] == '\n';
	CHECK_INT(n, CASE_LINES_EACH);
}

TESTS(TEST(lines_of_its_messages_are_taken),
    TEST(a_login_without_its_domain_is_found),
    TEST(one_message_does_not_take_all_the_room))
