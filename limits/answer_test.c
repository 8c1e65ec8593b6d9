/* answer_test - what Postfix is told */
#include "limits/answer.h"

#include "base/test.h"

enum { NOW = 1767225600 };

static const struct limits_settings settings = {
    .throttle_for = 900,
    .suspend_for = 86400,
    .throttle_text = "%r; try again in %w",
    .suspend_text = "Stopped: %a until %u (%r), 100%% sure, see %c",
    .case_url = "https://mail.example/case/",
};

static void
check(const struct answer_subject *v, size_t n, bool is_enforcing,
    const char *account, const char *want)
{
	char buf[ANSWER_BYTES + 1];
	struct text t;
	struct answer a;

	text_init(&t, buf, sizeof(buf));
	answer_choose(v, n, is_enforcing, &a);
	answer_print(&a, &settings, str_from(account), NOW, NULL, &t);
	CHECK_STR(text_view(&t), str_from(want));
}

static const struct standing_state good = {
    .rule = "", .reason = "", .by = "", .cause = ""};
static const struct standing_state throttled = {.rung = STANDING_THROTTLED,
    .until = NOW + 600,
    .reason = "301 recipients in 1 hour, the limit is 300",
    .cause = "00112233445566778899aabbccddeeff"};
static const struct standing_state held = {
    .rung = STANDING_HELD, .until = NOW + 60, .reason = "", .cause = ""};
static const struct standing_state suspended = {.rung = STANDING_SUSPENDED,
    .until = INT64_MAX,
    .reason = "caf\xc3\xa9\r\naction=OK %a",
    .cause = "00112233445566778899aabbccddeeff"};
static const struct standing_state ordered = {.rung = STANDING_WATCHED,
    .until = NOW + 60,
    .is_operator = true,
    .reason = "",
    .cause = ""};
static const struct verdict over = {.rung = STANDING_THROTTLED,
    .retry_after = 120,
    .n_reasons = 2,
    .reasons = {{.rule = "w",
		    .count = COUNT_RECIPIENTS,
		    .window = 60,
		    .is_warning = true},
	{.rule = "x",
	    .count = COUNT_RECIPIENTS,
	    .window = 3600,
	    .value = 301,
	    .bound = 300,
	    .is_limit = true}}};

static void
standings_and_verdicts_answer(void)
{
	struct answer_subject one = {SUBJECT_ACCOUNT, STR("p"), &good, NULL};
	struct answer_subject two[] = {
	    {SUBJECT_ACCOUNT, STR("p"), &good, &over},
	    {SUBJECT_DOMAIN, STR("d"), &suspended, NULL},
	};

	check(NULL, 0, true, "p", "DUNNO");
	check(&one, 1, true, "p", "DUNNO");
	one.verdict = &over;
	check(&one, 1, false, "p", "DUNNO");
	check(&one, 1, true, "p",
	    "DEFER_IF_PERMIT 4.7.1 301 recipients in 1 hour, the limit is "
	    "300; try again in 2 min");
	one.state = &ordered;
	check(&one, 1, true, "p", "DUNNO");
	one.state = &throttled;
	one.verdict = NULL;
	check(&one, 1, false, "p",
	    "DEFER_IF_PERMIT 4.7.1 301 recipients in 1 hour, the limit is "
	    "300; try again in 10 min");
	one.state = &held;
	check(&one, 1, true, "p",
	    "DEFER_IF_PERMIT 4.7.1 sending is limited; try again in 1 min");
	check(two, 2, true, "p",
	    "REJECT 5.7.1 Stopped: p until further notice "
	    "(caf????action=OK %a), 100% sure, see "
	    "https://mail.example/case/008J-4CT4");
}

static void
outsiders_cannot_break_the_line(void)
{
	struct answer_subject one = {
	    SUBJECT_ACCOUNT, STR("p"), &suspended, NULL};
	char account[1001] = "%u\n\naction=OK";
	char buf[2000];
	struct answer a;
	struct text t;

	memset(account + 13, 'x', sizeof(account) - 14);
	text_init(&t, buf, sizeof(buf));
	answer_choose(&one, 1, true, &a);
	answer_print(&a, &settings, str_from(account), NOW, NULL, &t);
	CHECK(str_starts(
	    text_view(&t), STR("REJECT 5.7.1 Stopped: %u??action=OKxxx")));
	CHECK(t.n < ANSWER_BYTES); /* what stands behind has room */
	CHECK(str_ends(text_view(&t), STR("008J-4CT4")));
}

static bool
print_link(void *ctx, const char *cause, int64_t now, struct text *out)
{
	(void)now;
	text_add(out, "https://mail.example.com/case/");
	return *(bool *)ctx && *cause;
}

static void
check_link(
    const char *text, enum subject_kind kind, bool has_link, const char *want)
{
	const struct answer_links links = {print_link, &has_link};
	struct answer_subject one = {kind, STR("p"), &suspended, NULL};
	struct limits_settings s = settings;
	char buf[ANSWER_BYTES + 1];
	struct answer a;
	struct text t;

	s.suspend_text = text;
	s.case_url = "";
	text_init(&t, buf, sizeof(buf));
	answer_choose(&one, 1, true, &a);
	answer_print(&a, &s, STR("p"), NOW, &links, &t);
	CHECK_STR(text_view(&t), str_from(want));
}

static void
accounts_are_told_their_page(void)
{
	check_link("see %L", SUBJECT_ACCOUNT, true,
	    "REJECT 5.7.1 see https://mail.example.com/case/");
	check_link("see %L", SUBJECT_ACCOUNT, false,
	    "REJECT 5.7.1 see case 008J-4CT4");
	check_link(
	    "see %L", SUBJECT_DOMAIN, true, "REJECT 5.7.1 see case 008J-4CT4");
	check_link("", SUBJECT_ACCOUNT, true,
	    "REJECT 5.7.1 Sending is suspended after unusual activity; what "
	    "happened and how to go on: https://mail.example.com/case/ (p)");
	check_link("", SUBJECT_ACCOUNT, false,
	    "REJECT 5.7.1 Sending is suspended for p after unusual activity; "
	    "change the password and contact support, case 008J-4CT4");
}

static void
unknown_placeholders_are_found(void)
{
	char c = 'x';

	CHECK(answer_text_is_known("%a %u %w %r %c %L %%", &c));
	CHECK(answer_text_is_known("", &c));
	CHECK(!answer_text_is_known("100%", &c));
	CHECK_INT(c, 0);
	CHECK(!answer_text_is_known("%%%z", &c));
	CHECK_INT(c, 'z');
}

TESTS(TEST(standings_and_verdicts_answer),
    TEST(outsiders_cannot_break_the_line), TEST(accounts_are_told_their_page),
    TEST(unknown_placeholders_are_found))
