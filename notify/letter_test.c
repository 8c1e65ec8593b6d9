/* letter_test - who is written to, and what; nothing in it is the thief's */
#include "notify/letter.h"

#include <stdio.h>

#include "base/test.h"
#include "notify/letter_bed.h"

static struct letter_bed bed;
static char message[LETTER_SIZE];

static struct str
preview(void)
{
	struct text t;

	text_init(&t, message, sizeof(message));
	letter_write_text(&bed.letter, &t);
	CHECK(!t.is_cut);
	return text_view(&t);
}

static struct str
written(void)
{
	struct text t;

	text_init(&t, message, sizeof(message));
	letter_write(&bed.letter, &t);
	CHECK(!t.is_cut);
	return text_view(&t);
}

/* Its lines end in CRLF, are short, and are of 7 bits. */
static void
check_form(struct str letter)
{
	struct str rest = letter, line;
	bool is_body = false;

	CHECK(str_ends(letter, STR("\r\n")));
	while (str_cut(&rest, '\n', &line)) {
		CHECK(line.n > 0 && line.p[line.n - 1] == '\r');
		CHECK(line.n <= 78 || str_starts(line, STR("Message-ID:")));
		for (size_t i = 0; i + 1 < line.n; i++)
			CHECK(line.p[i] >= ' ' && line.p[i] <= '~');
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

static struct str
html_of(struct str letter)
{
	ptrdiff_t at = str_find(letter, STR("Content-Type: text/html"));

	return at < 0 ? STR("") : str_skip(letter, (size_t)at);
}

static const char suspension[] =
    "To: alice@home.example\n"
    "Subject: Sending from alice@example.com was stopped (case "
    "04HM-ASW9)\n"
    "\n"
    "Dear Alice Smith,\n"
    "\n"
    "On 21 November 2025 at 22:40 we stopped the sending of mail "
    "from\n"
    "alice@example.com.\n"
    "\n"
    "What is stopped: new messages from this mailbox are refused, "
    "in every\n"
    "program and in webmail. What still works: you receive mail, "
    "and you can\n"
    "read all of it.\n"
    "\n"
    "Why we did this:\n"
    "  - 412 recipients in 10 minutes, usually at most 9\n"
    "\n"
    "The messages that caused it:\n"
    "  - 21 November 2025 at 22:39, “Your parcel”, to "
    "ann@world.example,\n"
    "    ben@world.example (+410), from 203.0.113.7 (Nigeria)\n"
    "\n"
    "What to do now: please tell us on this page whether you sent "
    "these\n"
    "messages yourself. It takes two minutes, and it is how you "
    "get sending\n"
    "back soonest.\n"
    "\n"
    "  https://mail.example/c/abcdefghijklmnopqrstuvwxyz\n"
    "\n"
    "The link is for you alone and works until 22 November 2025 at "
    "22:40.\n"
    "Please do not pass it on.\n"
    "\n"
    "If you did not send them, somebody else knows the password of "
    "this\n"
    "mailbox. Change it at once, on a device that you trust:\n"
    "https://panel.example/password?a=1&b=2\n"
    "\n"
    "Was it a newsletter or another mailing to many people? A "
    "mailbox is not\n"
    "made for that. Please use our service for bulk mail:\n"
    "https://bulk.example/\n"
    "\n"
    "Sending is stopped until 22 November 2025 at 22:40, or less "
    "long if the\n"
    "matter is settled before.\n"
    "\n"
    "Call us: 0800 100 100, day and night.\n"
    "\n"
    "Example Mail\n"
    "\n"
    "Case 04HM-ASW9\n";

static void
a_suspension_reads_well(void)
{
	letter_bed_begin(&bed, "en");
	CHECK_STR(preview(), str_from(suspension));
	bed.file->head.until = TIME_NEVER;
	CHECK(has(preview(), "until we have heard from you."));
	letter_bed_end(&bed);
}

static void
it_is_proper_mail(void)
{
	letter_bed_begin(&bed, "fr-CH");
	struct str letter = written();

	check_form(letter);
	CHECK(str_starts(letter,
	    STR("From: \"Example Mail\"\r\n <postmaster@mail.example>\r\n"
		"To: alice@home.example\r\n"
		"Subject: =?utf-8?q?L=E2=80=99envoi_depuis_alice=40example=2Ecom"
		"_est_bloqu?=\r\n"
		" =?utf-8?q?=C3=A9_=28dossier_04HM=2DASW9=29?=\r\n"
		"Date: Fri, 21 Nov 2025 22:41:40 +0000\r\n"
		"Message-ID: <outpost-1-2-3@mail.example>\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"X-Auto-Response-Suppress: All\r\n"
		"Content-Language: fr\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: multipart/alternative;\r\n"
		" boundary=\"=_outpost_letter\"\r\n"
		"\r\n"
		"--=_outpost_letter\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: quoted-printable\r\n"
		"\r\n"
		"Bonjour Alice Smith,\r\n")));
	CHECK(str_ends(letter, STR("\r\n--=_outpost_letter--\r\n")));
	bed.settings.letter_reply_to = "abuse@mail.example";
	bed.settings.provider = "";
	letter = written();
	CHECK(has(letter, "\r\nReply-To: abuse@mail.example\r\n"));
	CHECK(str_starts(letter, STR("From: postmaster@mail.example\r\n")));
	letter_bed_end(&bed);
}

/* All that a stage knows stands in every language, in both parts. */
static void
every_language_tells_the_facts(void)
{
	static const char *const languages[] = {"en", "fr", "de", "it"};
	static const char *const facts[] = {"alice@example.com", "04HM-ASW9",
	    "412 ", "ann@world.example", "410", "Your parcel", "203.0.113.7",
	    "Nigeria", "https://mail.example/c/abcdefghijklmnopqrstuvwxyz",
	    "https://bulk.example/", "22:40", "2025", "Alice Smith",
	    "Example Mail", "0800 100 100"};

	for (size_t k = 0; k < 4; k++) {
		letter_bed_begin(&bed, languages[k]);
		for (int stage = 0; stage < LETTER_STAGES; stage++) {
			bool is_stop = stage == LETTER_SUSPENDED;

			bed.letter.stage = (enum letter_stage)stage;
			check_form(written());
			struct str text = preview();

			CHECK(has(text, "alice@example.com"));
			CHECK(has(text, "04HM-ASW9"));
			CHECK(!has(text, "{{") && !has(text, "}}"));
			for (size_t i = 0;
			     is_stop && i < sizeof(facts) / sizeof(*facts);
			     i++) {
				if (!has(text, facts[i]))
					test_fail(__FILE__, __LINE__,
					    "%s: no %s", languages[k],
					    facts[i]);
			}
		}
		letter_bed_end(&bed);
	}
}

/* No language is written half: each has what English has, and no text of one
 * is that of another. */
static void
no_text_is_missing(void)
{
	static const char *const languages[] = {"fr", "de", "it"};
	static char english[LETTER_STAGES][8192];

	letter_bed_begin(&bed, "en");
	for (int s = 0; s < LETTER_STAGES; s++) {
		bed.letter.stage = (enum letter_stage)s;
		struct str text = preview();

		CHECK(text.n < sizeof(english[s]));
		memcpy(english[s], text.p, text.n + 1);
	}
	letter_bed_end(&bed);
	for (size_t k = 0; k < 3; k++) {
		letter_bed_begin(&bed, languages[k]);
		CHECK(template_set_has(bed.forms, str_from(languages[k])));
		for (int s = 0; s < LETTER_STAGES; s++) {
			bed.letter.stage = (enum letter_stage)s;
			CHECK(!str_is(preview(), str_from(english[s])));
		}
		letter_bed_end(&bed);
	}
}

/* Whoever may sit in the mailbox gets no key to it. */
static void
the_mailbox_itself_gets_no_link(void)
{
	static const char *const languages[] = {"en", "fr", "de", "it"};

	for (size_t k = 0; k < 4; k++) {
		letter_bed_begin(&bed, languages[k]);
		bed.letter.is_itself = true;
		for (int s = 0; s < LETTER_STAGES; s++) {
			bed.letter.stage = (enum letter_stage)s;
			CHECK(!has(preview(), "mail.example/c/"));
			CHECK(!has(written(), "mail.example/c/"));
		}
		letter_bed_end(&bed);
	}
	letter_bed_begin(&bed, "en");
	bed.letter.is_itself = true;
	CHECK(has(preview(), "This letter went into the mailbox itself"));
	letter_bed_end(&bed);
}

static void
say(enum event_type type, const char *rung, const char *evidence)
{
	struct event e = bed_said(type, 600, rung);

	BED_PUT(e.evidence, evidence);
	BED_PUT(e.reason, "It is against our terms.");
	case_file_add(bed.file, &e);
}

static void
what_follows_is_told(void)
{
	letter_bed_begin(&bed, "en");
	say(EVENT_CASE_ANSWER, "me",
	    "{\"what\":\"a newsletter\",\"client\":\"198.51.100.9\","
	    "\"country\":\"DE\"}");
	bed.letter.stage = LETTER_ANSWERED;
	CHECK(has(preview(), "from 198.51.100.9 (Germany):"));
	CHECK(has(preview(), "“It was me"));
	CHECK(!has(preview(), "It was not me"));
	say(EVENT_CASE_DECISION, "denied", "{}");
	bed.letter.stage = LETTER_DENIED;
	CHECK(has(preview(), "The reason: It is against our terms."));
	CHECK(has(preview(), "stays stopped"));
	bed.letter.stage = LETTER_LIFTED;
	CHECK(!has(preview(), "has read your answer"));
	CHECK(has(preview(), "During the next 7 days closer limits"));
	CHECK(!has(preview(), "new password"));
	say(EVENT_CASE_PASSWORD, "", "{}");
	CHECK(has(preview(), "Thank you for the new password."));
	bed.letter.stage = LETTER_MISTAKE;
	CHECK(has(preview(), "Subject: Our mistake: "));
	CHECK(has(preview(), "we apologise"));
	CHECK(!has(preview(), "412"));
	letter_bed_end(&bed);
}

static void
little_is_known(void)
{
	struct event e = bed_suspension();

	letter_bed_begin(&bed, "de");
	case_file_free(&bed.file);
	bed.file = case_file_new();
	BED_PUT(e.evidence, "{}");
	BED_PUT(e.reason, "stolen");
	case_file_add(bed.file, &e);
	bed.letter.file = bed.file;
	bed.letter.owner_name = bed.letter.link = bed.letter.password_page =
	    STR("");
	bed.settings.provider = bed.settings.help_text = "";
	for (int s = 0; s < LETTER_DESK_DIGEST; s++) {
		bed.letter.stage = (enum letter_stage)s;
		check_form(written());
	}
	bed.letter.stage = LETTER_SUSPENDED;
	CHECK(has(preview(), "  - stolen\n"));
	CHECK(has(preview(), "\nGuten Tag!\n"));
	CHECK(has(preview(), "Ihr E-Mail-Anbieter"));
	CHECK(!has(preview(), "Newsletter"));
	letter_bed_end(&bed);
}

static void
to_the_desk(void)
{
	struct event e = bed_event(EVENT_DIGEST, 0);

	letter_bed_begin(&bed, "de");
	bed.letter.stage = LETTER_DESK_UNKNOWN;
	struct str letter = written();

	check_form(letter);
	CHECK(has(letter, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
	CHECK(has(preview(), "Subject: Nobody could be told: alice@"));
	CHECK(has(preview(), "its owner is not known:"));
	BED_PUT(e.subject, "2025-11-21");
	BED_PUT(e.reason, "3 would have been stopped: 1 suspended");
	BED_PUT(e.evidence,
	    "{\"rules\":[{\"rule\":\"blast\",\"n\":3}],\"worst\":[{\"subject\":"
	    "\"a@x\",\"rung\":\"suspended\",\"reason\":\"much\"}]}");
	bed.letter.stage = LETTER_DESK_DIGEST;
	bed.letter.digest = &e;
	CHECK_STR(preview(),
	    STR("To: alice@home.example\n"
		"Subject: Outpost observes: who would have been stopped\n"
		"\n"
		"On 2025-11-21 Outpost only observed. Had it been enforcing, "
		"3 would have\n"
		"been stopped: 1 suspended.\n"
		"\n"
		"By which rule:\n"
		"\n"
		"  3 blast\n"
		"\n"
		"The worst:\n"
		"\n"
		"a@x, suspended: much\n"
		"\n"
		"More: outpost list, outpost show ACCOUNT. When these are the "
		"right ones:\n"
		"outpost mode enforce. What was observed ends then, and "
		"counting starts\n"
		"afresh.\n"
		"\n"
		"Example Mail\n"));
	BED_PUT(e.rule, LETTER_REPORT_RULE);
	BED_PUT(e.evidence,
	    "{\"date\":\"2025-11-21\",\"suspended\":\"3\",\"waiting\":\"1\","
	    "\"detected\":\"12 s\",\"leaked\":\"40\",\"head\":\"abc\","
	    "\"open\":[{\"case_id\":\"K7QX-2M9P\",\"age\":\"2 days\","
	    "\"state\":\"review\",\"account\":\"a@x\",\"rule\":\"blast\"}]}");
	bed.letter.stage = LETTER_DESK_REPORT;
	CHECK(has(preview(), "Subject: Cases: 1 wait, 3 suspended in a day\n"));
	CHECK(has(preview(),
	    "Detected in 12 s (median), 40 recipients reached before.\n"));
	CHECK(has(preview(), "  K7QX-2M9P 2 days review a@x (blast)\n"));
	CHECK(has(preview(), "\n  abc\n"));
	letter_bed_end(&bed);
}

static void
of_an_incident(void)
{
	static struct event e;

	letter_bed_begin(&bed, "en");
	bed.letter.digest = &e;
	e.type = EVENT_INCIDENT_OPENED;
	BED_PUT(e.file, "0123456789abcdef0123456789abcdef");
	BED_PUT(e.reason, "big refuses out1: 9 of 12 recipients");
	BED_PUT(e.evidence,
	    "{\"reply\":\"550 blocked\",\"blocked\":9,\"causes\":["
	    "{\"account\":\"a@x\",\"share\":90,\"refused\":7}]}");
	bed.letter.stage = LETTER_DESK_INCIDENT;
	CHECK(has(preview(),
	    "Subject: Incident 04HM-ASW9: big refuses out1: 9 of 12"));
	CHECK(has(preview(), "550 blocked"));
	CHECK(has(preview(), "a@x"));
	letter_bed_end(&bed);
}

/* Whatever stands in the texts: the headers are ours, and so is their end; no
 * markup is anybody else's. */
static void
texts_from_outside_stay_in_their_place(void)
{
	static char long_text[10000];
	static const char *const evil[] = {
	    "x\r\nBcc: victim@example.com\r\n\r\nbody", "x\n.\nMAIL FROM:<a>",
	    "x\r\n.\r\nQUIT\r\n", "\r\n\r\n--=_outpost_letter--\r\n", "%s%n%a",
	    "\033[2J\x7f", "<script>alert(1)</script>", "{{link}}{{#x}}",
	    "\"><img src=x onerror=alert(1)>",
	    "=?utf-8?q?=0D=0ABcc:_x?=", "\xff\xfe\xe2\x80\xae reversed",
	    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", long_text};

	memset(long_text, 'x', sizeof(long_text) - 1);
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		letter_bed_begin(&bed, "it");
		letter_bed_message(bed.file, evil[i], evil[i]);
		snprintf(bed.file->head.account, sizeof(bed.file->head.account),
		    "%s", evil[i]);
		bed.file->decision = bed.file->reason = evil[i];
		bed.letter.owner_name = bed.letter.password_page =
		    str_from(evil[i]);
		bed.settings.provider = evil[i];
		for (int s = 0; s < LETTER_DESK_DIGEST; s++) {
			bed.letter.stage = (enum letter_stage)s;
			struct str letter = written();

			check_form(letter);
			CHECK_INT(headers(letter, "Bcc:"), 0);
			CHECK_INT(headers(letter, "To:"), 1);
			CHECK_INT(headers(letter, "From:"), 1);
			CHECK(!has(letter, "\r\n.\r\n"));
			struct str html = html_of(letter);

			CHECK(!has(html, "<script"));
			CHECK(!has(html, "<img"));
		}
		letter_bed_end(&bed);
	}
}

/* No mail program makes a link of the thief's bait. */
static void
bait_is_spoilt(void)
{
	letter_bed_begin(&bed, "en");
	letter_bed_message(
	    bed.file, "Verify https://evil.example/x now", "a@x");
	CHECK(has(preview(), "“Verify https: //evil.example/x now”"));
	letter_bed_end(&bed);
}

TESTS(TEST(a_suspension_reads_well), TEST(it_is_proper_mail),
    TEST(every_language_tells_the_facts), TEST(no_text_is_missing),
    TEST(the_mailbox_itself_gets_no_link), TEST(what_follows_is_told),
    TEST(little_is_known), TEST(to_the_desk), TEST(of_an_incident),
    TEST(texts_from_outside_stay_in_their_place), TEST(bait_is_spoilt))
