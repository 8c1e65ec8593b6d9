/* policy_test - requests whole, torn, hostile; answers that stay one line */
#include "base/test.h"
#include "mta/policy.h"

#define ALL                                 \
	"request=smtpd_access_policy\n"     \
	"protocol_state=RCPT\n"             \
	"protocol_name=ESMTP\n"             \
	"client_address=192.0.2.7\n"        \
	"client_name=unknown\n"             \
	"helo_name=mail.example.com\n"      \
	"sender=alice@example.com\n"        \
	"recipient=bob@example.net\n"       \
	"recipient_count=0\n"               \
	"queue_id=\n"                       \
	"instance=1b2.6740.0\n"             \
	"size=12345\n"                      \
	"sasl_method=plain\n"               \
	"sasl_username=alice@example.com\n" \
	"sasl_sender=\n"                    \
	"policy_context=submission\n"       \
	"a_new_one=x=y\n"                   \
	"\n"

static const char ask[] = ALL;

static enum policy_parsed
parse(struct str bytes, struct policy_request *out, size_t *used)
{
	struct policy_parser p = {0};

	return policy_parse(&p, bytes, 8192, out, used);
}

static void
reads_a_request(void)
{
	struct policy_request r;
	size_t used = 0;

	CHECK(parse(STR(ALL), &r, &used) == POLICY_ASKED);
	CHECK_INT(used, sizeof(ask) - 1);
	CHECK_INT(r.state, POLICY_RCPT);
	CHECK_STR(r.client_address, STR("192.0.2.7"));
	CHECK_STR(r.sender, STR("alice@example.com"));
	CHECK_STR(r.recipient, STR("bob@example.net"));
	CHECK_STR(r.sasl_username, STR("alice@example.com"));
	CHECK_STR(r.instance, STR("1b2.6740.0"));
	CHECK_STR(r.policy_context, STR("submission"));
	CHECK_STR(r.queue_id, STR(""));
	CHECK_STR(r.ccert_subject, STR(""));
	CHECK_INT(r.size, 12345);
	CHECK_INT(r.recipient_count, 0);
}

static void
reads_byte_by_byte(void)
{
	struct policy_parser p = {0};
	struct policy_request r;
	size_t used = 0;

	for (size_t n = 1; n < sizeof(ask) - 1; n++)
		CHECK(policy_parse(&p, str_make(ask, n), 8192, &r, &used) ==
		      POLICY_MORE);
	CHECK(policy_parse(&p, STR(ALL), 8192, &r, &used) == POLICY_ASKED);
	CHECK_INT(used, sizeof(ask) - 1);
	CHECK_STR(r.helo_name, STR("mail.example.com"));
}

static void
reads_the_first_of_two(void)
{
	struct str rest = STR("request=smtpd_access_policy\n"
			      "instance=1\n\n"
			      "request=smtpd_access_policy\n"
			      "instance=2\n\n");
	struct policy_parser p = {0};
	struct policy_request r;
	size_t used = 0;

	CHECK(policy_parse(&p, rest, 8192, &r, &used) == POLICY_ASKED);
	CHECK_STR(r.instance, STR("1"));
	rest = str_skip(rest, used);
	CHECK(policy_parse(&p, rest, 8192, &r, &used) == POLICY_ASKED);
	CHECK_STR(r.instance, STR("2"));
	CHECK_INT(used, rest.n);
}

static void
names_the_states(void)
{
	static const struct {
		const char *text;
		enum policy_state state;
	} rows[] = {
	    {"CONNECT", POLICY_CONNECT},
	    {"EHLO", POLICY_HELO},
	    {"HELO", POLICY_HELO},
	    {"MAIL", POLICY_MAIL},
	    {"RCPT", POLICY_RCPT},
	    {"DATA", POLICY_DATA},
	    {"END-OF-MESSAGE", POLICY_END_OF_MESSAGE},
	    {"VRFY", POLICY_VRFY},
	    {"ETRN", POLICY_ETRN},
	    {"BDAT-2", POLICY_OTHER},
	    {"", POLICY_OTHER},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy_request r;
		char buf[128];
		struct text t;
		size_t used = 0;

		text_init(&t, buf, sizeof(buf));
		text_printf(&t,
		    "protocol_state=%s\nrequest=smtpd_access_policy\n\n",
		    rows[i].text);
		CHECK(parse(text_view(&t), &r, &used) == POLICY_ASKED);
		CHECK_INT(r.state, rows[i].state);
	}
}

#define ASK "request=smtpd_access_policy\n"

static void
refuses_what_is_malformed(void)
{
	const struct str rows[] = {
	    STR("\n"),
	    STR("\n\n"),
	    STR("GET / HTTP/1.0\n\n"),
	    STR("sender=a\n\n"),
	    STR("request=other\n\n"),
	    STR(ASK "sender\n\n"),
	    STR(ASK "=x\n\n"),
	    STR(ASK "sender=a\nsender=b\n\n"),
	    STR(ASK "size=12a\n\n"),
	    STR(ASK "size=-1\n\n"),
	    STR(ASK "size=99999999999999999999\n\n"),
	    STR(ASK "sender=a\0b\n\n"),
	    STR(ASK ASK "\n"),
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy_request r;
		size_t used = 0;

		CHECK_INT(parse(rows[i], &r, &used), POLICY_BROKEN);
		CHECK_INT(used, 0);
	}
}

static void
refuses_what_is_too_long(void)
{
	static char big[8193];
	struct policy_request r;
	size_t used = 0;

	memset(big, 'x', sizeof(big));
	memcpy(big, ASK "sender=", sizeof(ASK "sender=") - 1);
	CHECK_INT(parse(str_make(big, 8191), &r, &used), POLICY_MORE);
	CHECK_INT(parse(str_make(big, 8192), &r, &used), POLICY_BROKEN);
	big[8190] = big[8191] = '\n';
	CHECK_INT(parse(str_make(big, 8192), &r, &used), POLICY_ASKED);
	big[8190] = 'x';
	big[8191] = big[8192] = '\n';
	CHECK_INT(parse(str_make(big, 8193), &r, &used), POLICY_BROKEN);
}

static void
answers_in_one_line(void)
{
	const struct {
		struct str action, answer;
	} rows[] = {
	    {STR(""), STR("action=DUNNO\n\n")},
	    {STR("REJECT 5.7.1 no"), STR("action=REJECT 5.7.1 no\n\n")},
	    {STR("WARN a\n\naction=OK"), STR("action=WARN a??action=OK\n\n")},
	    {STR("INFO \r\0\x7f\xff"), STR("action=INFO ????\n\n")},
	};
	char buf[POLICY_ANSWER_MAX];
	static char big[4096];
	struct text t;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_init(&t, buf, sizeof(buf));
		policy_print_answer(&t, rows[i].action);
		CHECK_STR(text_view(&t), rows[i].answer);
	}
	memset(big, 'x', sizeof(big));
	text_init(&t, buf, sizeof(buf));
	policy_print_answer(&t, str_make(big, sizeof(big)));
	CHECK(!t.is_cut);
	CHECK(str_ends(text_view(&t), STR("x\n\n")));
}

/* Every field, printed. */
static void
print(struct text *t, enum policy_parsed got, const struct policy_request *r,
    size_t used)
{
	text_printf(t, "%d %zu", (int)got, used);
	if (got != POLICY_ASKED)
		return;
	text_printf(t, " %d", (int)r->state);
#define POLICY_TEXT(f) text_printf(t, " " #f "=%.*s", STR_ARG(r->f));
#define POLICY_NUMBER(f) text_printf(t, " " #f "=%d", (int)r->f);
#include "mta/policy.def"
#undef POLICY_TEXT
#undef POLICY_NUMBER
}

#define CLIENT                          \
	"request=smtpd_access_policy\n" \
	"protocol_state=RCPT\n"         \
	"client_address=192.0.2.7\n"    \
	"helo_name=mail.example.com\n"
#define FROM "sender=alice@example.com\n"
#define MESSAGE(to)           \
	"recipient=" to "\n"  \
	"recipient_count=0\n" \
	"sasl_username=alice@example.com\n"
#define SESSION                         \
	"ccert_subject=\n"              \
	"encryption_protocol=TLSv1.3\n" \
	"policy_context=submission\n"

/* Of the requests before a parser remembers how they began and ended: each is
 * read as if it were the first. */
static void
reads_each_as_the_first(void)
{
	static const char *const rows[] = {
	    CLIENT FROM MESSAGE("a@x") SESSION "\n",
	    CLIENT FROM MESSAGE("b@x") SESSION "\n",
	    CLIENT FROM MESSAGE("c@x") SESSION "\n",
	    CLIENT MESSAGE("d@x") SESSION "\n",
	    CLIENT MESSAGE("e@x") SESSION "\n",
	    CLIENT FROM MESSAGE("f@x") SESSION "tls_sni=x\n\n",
	    CLIENT FROM MESSAGE("g@x") SESSION "tls_sni=x\n\n",
	    CLIENT FROM MESSAGE("h@x") SESSION "new=x\n\n",
	    CLIENT FROM MESSAGE("i@x") SESSION "\n",
	    CLIENT FROM MESSAGE("j@x") SESSION "sender=twice\n\n",
	    CLIENT FROM MESSAGE("k@x") SESSION "\n",
	    CLIENT FROM MESSAGE("l@x") SESSION "\n" CLIENT,
	    CLIENT FROM "new=x\n" MESSAGE("m@x") SESSION "\n",
	    CLIENT FROM "tls_sni=x\n" MESSAGE("n@x") SESSION "\n",
	    CLIENT FROM MESSAGE("o@x") SESSION "\n",
	    "request=smtpd_access_policy\n" MESSAGE("p@x") "\n",
	    "request=smtpd_access_policy\n" MESSAGE("q@x") "\n",
	    CLIENT FROM MESSAGE("r@x") SESSION,
	    CLIENT FROM MESSAGE("s@x") SESSION "\n",
	};
	struct policy_parser p;
	char got[2048], want[2048];

	memset(&p, 0xaa, sizeof(p));
	policy_parser_init(&p);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str bytes = str_from(rows[i]);
		struct policy_request r, first;
		size_t used = 0, first_used = 0;
		struct text t;

		text_init(&t, got, sizeof(got));
		print(&t, policy_parse(&p, bytes, 8192, &r, &used), &r, used);
		text_init(&t, want, sizeof(want));
		print(
		    &t, parse(bytes, &first, &first_used), &first, first_used);
		CHECK_STR(str_from(got), str_from(want));
		/* What is left over is a connection's end here. */
		p.searched = 0;
	}
}

/* A NUL is found where it is new, wherever that is. */
static void
refuses_a_nul_each_time(void)
{
	static const struct str good =
	    STR_INIT(CLIENT FROM MESSAGE("a@x") SESSION "\n");
	char bad[1024];

	for (size_t i = 0; i + 2 < good.n; i++) {
		struct policy_parser p = {0};
		struct policy_request r;
		size_t used = 0;

		for (int k = 0; k < 3; k++)
			CHECK_INT(policy_parse(&p, good, 8192, &r, &used),
			    POLICY_ASKED);
		memcpy(bad, good.p, good.n);
		bad[i] = '\0';
		CHECK_INT(
		    policy_parse(&p, str_make(bad, good.n), 8192, &r, &used),
		    POLICY_BROKEN);
	}
}

TESTS(TEST(reads_a_request), TEST(reads_byte_by_byte),
    TEST(reads_the_first_of_two), TEST(names_the_states),
    TEST(refuses_what_is_malformed), TEST(refuses_what_is_too_long),
    TEST(reads_each_as_the_first), TEST(refuses_a_nul_each_time),
    TEST(answers_in_one_line))
