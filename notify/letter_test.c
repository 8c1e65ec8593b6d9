/* letter_test - who is written to, and what; nothing in it is the thief's */
#include "notify/letter.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "base/time.h"

static struct arena arena;
static struct notify_settings settings;
static char message[LETTER_SIZE];

static struct event
suspension(const char *account)
{
	struct event e = {
	    .type = EVENT_SANCTION,
	    .at_us = 1763764800000000,
	    .node = "0123456789abcdef",
	    .seq = 7,
	    .kind = "account",
	    .rung = "suspended",
	    .until = 1763851200,
	    .by = "outpost",
	    .reason = "412 recipients in 10 minutes, usually at most 9; 412 "
		      "recipients in 1 hour, the limit is 300",
	};

	snprintf(e.subject, sizeof(e.subject), "%s", account);
	return e;
}

static void
begin(void)
{
	arena_init(&arena);
	setting_put_defaults(&notify_settings_table, &arena, &settings);
	settings.letter_from = "postmaster@mail.example";
	settings.provider = "Example Mail";
	settings.help_text = "Call us: 0800 100 100, day and night.";
	setenv("TZ", "UTC", 1);
	time_zone_reset();
}

static void
end(void)
{
	arena_done(&arena);
}

static struct str
write_letter(const struct event *e, const char *to)
{
	struct text t;

	text_init(&t, message, sizeof(message));
	letter_write(&settings, e, to, 1763764900, &t);
	CHECK(!t.is_cut);
	return text_view(&t);
}

/* Its lines end in CRLF, are short, and have no other control characters. */
static void
check_form(struct str letter)
{
	struct str rest = letter, line;
	bool is_body = false;

	CHECK(str_ends(letter, STR("\r\n")));
	while (str_cut(&rest, '\n', &line)) {
		CHECK(line.n > 0 && line.p[line.n - 1] == '\r');
		CHECK(line.n <= 200);
		for (size_t i = 0; i + 1 < line.n; i++)
			CHECK((unsigned char)line.p[i] >= ' ' &&
			      line.p[i] != 127);
		is_body |= line.n == 1;
	}
	CHECK_INT(rest.n, 0);
	CHECK(is_body);
}

static bool
has(struct str letter, const char *words)
{
	return str_find(letter, str_from(words)) >= 0;
}

/* How often a header stands before the empty line. */
static int
headers(struct str letter, const char *name)
{
	struct str rest = letter, line;
	int n = 0;

	while (str_cut(&rest, '\n', &line) && line.n > 1)
		n +=
		    str_is_nocase(str_head(line, strlen(name)), str_from(name));
	return n;
}

static void
a_suspension_reads_well(void)
{
	begin();
	struct event e = suspension("alice@example.com");
	struct str letter = write_letter(&e, "alice@example.com");

	check_form(letter);
	CHECK_STR(letter,
	    STR("From: postmaster@mail.example\r\n"
		"To: alice@example.com\r\n"
		"Subject: Sending from your mailbox was stopped\r\n"
		"Date: Fri, 21 Nov 2025 22:41:40 +0000\r\n"
		"Message-ID: <outpost-1763764800000000-0123456789abcdef-7"
		"@mail.example>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"X-Auto-Response-Suppress: All\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 8bit\r\n"
		"\r\n"
		"On 2025-11-21 22:40:00 we stopped the sending of mail from\r\n"
		"alice@example.com.\r\n"
		"\r\n"
		"What still works: you receive mail, and you can read all of "
		"it.\r\n"
		"\r\n"
		"The reason: 412 recipients in 10 minutes, usually at most 9; "
		"412\r\n"
		"recipients in 1 hour, the limit is 300.\r\n"
		"\r\n"
		"If you sent these messages yourself, tell us what they were "
		"and to whom\r\n"
		"they went. If you did not, somebody else knows your password: "
		"change it\r\n"
		"now, and on every device that sends mail for you.\r\n"
		"\r\n"
		"Sending is stopped until 2025-11-22 22:40:00, or earlier when "
		"the matter\r\n"
		"is settled.\r\n"
		"\r\n"
		"Call us: 0800 100 100, day and night.\r\n"
		"\r\n"
		"Example Mail\r\n"));
	e.until = TIME_NEVER;
	CHECK(has(write_letter(&e, "a@x"), "until we have heard from you."));
	end();
}

static void
a_lift_reads_well(void)
{
	begin();
	struct event e = suspension("alice@example.com");

	e.type = EVENT_LIFT;
	struct str letter = write_letter(&e, "alice@example.com");

	check_form(letter);
	CHECK(
	    has(letter, "Subject: Sending from your mailbox works again\r\n"));
	CHECK(has(letter, "You can send mail from alice@example.com again."));
	CHECK(!has(letter, "stopped"));
	end();
}

static void
a_mistake_is_apologised_for(void)
{
	begin();
	struct event e = suspension("alice@example.com");

	e.type = EVENT_UNDONE;
	struct str letter = write_letter(&e, "alice@example.com");

	check_form(letter);
	CHECK(has(letter, "Subject: Our mistake: "));
	CHECK(has(letter, "we apologise"));
	CHECK(!has(letter, "The reason"));
	end();
}

static void
who_is_written_to(void)
{
	struct event e;

	e = suspension("a@x");
	CHECK(letter_is_due(&e));
	e.is_operator = true;
	CHECK(letter_is_due(&e));
	e.is_observed = true;
	CHECK(!letter_is_due(&e));
	for (enum event_type type = 0; type < EVENT_TYPES; type++) {
		e = suspension("a@x");
		e.type = type;
		CHECK_INT(letter_is_due(&e),
		    type == EVENT_SANCTION || type == EVENT_DIGEST ||
			type == EVENT_LIFT || type == EVENT_EXPIRE ||
			type == EVENT_UNDONE);
	}
	/* A lift of something less. */
	static const char *const rungs[] = {
	    "", "good", "watched", "throttled", "held", "probation"};

	for (size_t i = 0; i < sizeof(rungs) / sizeof(rungs[0]); i++) {
		e = suspension("a@x");
		strcpy(e.rung, rungs[i]);
		CHECK(!letter_is_due(&e));
		e.type = EVENT_LIFT;
		CHECK(!letter_is_due(&e));
	}
	e = suspension("example.com");
	strcpy(e.kind, "domain");
	CHECK(!letter_is_due(&e));
	strcpy(e.kind, "claimed");
	CHECK(!letter_is_due(&e));
}

static bool
has_address(const char *account, const char *want)
{
	struct event e = suspension(account);
	char buf[300];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (!letter_address(&settings, &e, &t))
		return false;
	CHECK_STR(text_view(&t), str_from(want));
	return true;
}

static void
accounts_that_are_no_address(void)
{
	static const char *const none[] = {"alice", "", "@", "a@", "@x",
	    "uid:www-data", "uid:a@example.com", "ip:192.0.2.1",
	    "ip:2001:db8::1", "fwd:list@example.com", "cert:CN=x@y",
	    "login:a@b", "a@b@c", "a b@c", "a@b\r\nBcc: victim@example.com",
	    "a@b\nc", "<a@b>", "a@b,c@d", "a@b;c", "\"a\"@b", "a(b)@c",
	    "a@[192.0.2.1]", "a\\@b", "a\tb@c", "a@b\x7f", "m\xc3\xbc@x",
	    "a@b.c\\", "a@b>", "%a@b c"};

	begin();
	CHECK(has_address("a@x", "a@x"));
	CHECK(has_address("o'neil+x=y@a-b.example", "o'neil+x=y@a-b.example"));
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (has_address(none[i], ""))
			test_fail(__FILE__, __LINE__, "%s", none[i]);
	}
	char longest[400];

	memset(longest, 'a', sizeof(longest));
	strcpy(longest + 300, "@x");
	CHECK(!has_address(longest, ""));
	/* Where the operator says: someone is there for every account. */
	settings.letter_to = "abuse@mail.example";
	CHECK(has_address("uid:www-data", "abuse@mail.example"));
	settings.letter_to = "owner+%a";
	CHECK(has_address("a@x", "owner+a@x"));
	end();
}

/* Whatever stands in the texts: the headers are ours, and so is their end. */
static void
texts_from_outside_stay_in_their_place(void)
{
	static const char *const evil[] = {
	    "x\r\nBcc: victim@example.com\r\n\r\nbody", "x\n.\nMAIL FROM:<a>",
	    "x\r\n.\r\nQUIT\r\n", "\r\n\r\n", "%s%n%a", "\033[2J\x7f",
	    "\xff\xfe\xe2\x80\xae reversed"};

	begin();
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		struct event e = suspension("a@x");

		snprintf(e.reason, sizeof(e.reason), "%s", evil[i]);
		snprintf(e.subject, sizeof(e.subject), "%s", evil[i]);
		snprintf(e.by, sizeof(e.by), "%s", evil[i]);
		settings.help_text = settings.provider = evil[i];
		struct str letter = write_letter(&e, "a@x");

		check_form(letter);
		CHECK_INT(headers(letter, "Bcc:"), 0);
		CHECK_INT(headers(letter, "To:"), 1);
		CHECK_INT(headers(letter, "From:"), 1);
		CHECK(!has(letter, "\r\n.\r\n"));
		e.type = EVENT_LIFT;
		check_form(write_letter(&e, "a@x"));
	}
	end();
}

/* The longest of everything, without a blank, in UTF-8. */
static void
long_texts_are_wrapped(void)
{
	static char help[4000];
	struct event e;

	begin();
	help[0] = 'x'; /* so that no even column is a character's end */
	for (size_t i = 1; i + 2 < sizeof(help); i += 2)
		memcpy(help + i, "\xc3\xbc", 2);
	e = suspension("a@x");
	memset(e.reason, 'r', sizeof(e.reason) - 1);
	memset(e.subject, 's', sizeof(e.subject) - 1);
	settings.help_text = help;
	struct str letter = write_letter(&e, "a@x");

	check_form(letter);
	CHECK(!has(letter, "?"));
	struct str rest = letter;
	size_t n = 0;

	while (str_find(rest, STR("\xc3\xbc")) >= 0) {
		rest =
		    str_skip(rest, (size_t)str_find(rest, STR("\xc3\xbc")) + 2);
		n++;
	}
	CHECK_INT(n, strlen(help) / 2);
	end();
}

TESTS(TEST(a_suspension_reads_well), TEST(a_lift_reads_well),
    TEST(a_mistake_is_apologised_for), TEST(who_is_written_to),
    TEST(accounts_that_are_no_address),
    TEST(texts_from_outside_stay_in_their_place), TEST(long_texts_are_wrapped))
