/* complaint - tests */
#include "fbl/complaint.h"

#include "base/test.h"
#include "base/text.h"
#include "base/time.h"

static const char *const ids[] = {"mx.example.com"};
static const char *const loops[] = {
    "*@arf.mail.yahoo.com", "staff@hotmail.com"};
static const struct fbl_settings settings = {
    .authserv_ids = {ids, 1}, .reporters = {loops, 2}, .fbl_hops = 1};

#define RECEIVED "Received: from x by mx.example.com (Postfix) id 4D2X5\n"
#define VOUCHED(domain)                                                      \
	"Authentication-Results: mx.example.com; dkim=pass header.d=" domain \
	"\n"
#define YAHOO "From: Yahoo <feedback@arf.mail.yahoo.com>\n"

/* A report: header of the mail, then of the report's part. */
static bool
read_mail(const char *head, const char *part, struct arena *a,
    struct fbl_report *r, struct complaint *c)
{
	struct text mail;
	enum fbl_unread unread;
	struct error err;

	text_grow(&mail, 100000);
	text_printf(&mail,
	    "%sMIME-Version: 1.0\nContent-Type: multipart/report; "
	    "report-type=feedback-report; boundary=b\n\n--b\n\nhi\n--b\n"
	    "Content-Type: message/feedback-report\n\n%s\n--b\n"
	    "Content-Type: message/rfc822\n\nSubject: x\nMessage-ID: <1@x>\n"
	    "\nbody\n--b--\n",
	    head, part);
	struct str copy = arena_str(a, text_view(&mail));
	bool ok = fbl_report_parse(
		      copy, &fbl_limits_default, a, r, &unread, &err) == 0;

	text_done(&mail);
	if (ok)
		complaint_read(&settings, r, c);
	return ok;
}

#define ABUSE "Feedback-Type: abuse\nUser-Agent: x\nVersion: 1\n"

static void
believes_whom_our_mta_vouches_for(void)
{
	static const struct {
		const char *head, *part;
		bool is_vouched;
		enum fact_kind fact;
	} v[] = {
	    {RECEIVED VOUCHED("arf.mail.yahoo.com") YAHOO, ABUSE, true,
		FACT_COMPLAINT},
	    {RECEIVED YAHOO, ABUSE, false, FACT_CLAIM},
	    {VOUCHED("evil.example") RECEIVED YAHOO, ABUSE, false, FACT_CLAIM},
	    /* Anybody at Hotmail signs as hotmail.com. */
	    {RECEIVED VOUCHED("hotmail.com") "From: bob@hotmail.com\n", ABUSE,
		false, FACT_CLAIM},
	    {RECEIVED VOUCHED("hotmail.com") "From: staff@hotmail.com\n", ABUSE,
		true, FACT_COMPLAINT},
	    {RECEIVED VOUCHED("hotmail.com") "From: <staff@hotmail.com> "
					     "<bob@hotmail.com>\n",
		ABUSE, false, FACT_CLAIM},
	    {RECEIVED VOUCHED("hotmail.com") "From: staff@hotmail.com\n"
					     "From: bob@hotmail.com\n",
		ABUSE, false, FACT_CLAIM},
	    /* The field came with the mail. */
	    {RECEIVED "Received: from a by b\n" VOUCHED("arf.mail.yahoo.com")
		    YAHOO,
		ABUSE, false, FACT_CLAIM},
	    {RECEIVED VOUCHED("yahoo.com") YAHOO, ABUSE, true, FACT_COMPLAINT},
	    {RECEIVED VOUCHED("com") YAHOO, ABUSE, false, FACT_CLAIM},
	    {RECEIVED VOUCHED("arf.mail.yahoo.com") YAHOO
		"Subject: Spamtraphit by 192.0.2.1\n",
		ABUSE, true, FACT_TRAP},
	    {RECEIVED VOUCHED("arf.mail.yahoo.com") YAHOO,
		"Feedback-Type: not-spam\nUser-Agent: x\nVersion: 1\n", true,
		FACT_NOT_SPAM},
	    {RECEIVED YAHOO,
		"Feedback-Type: not-spam\nUser-Agent: x\nVersion: 1\n", false,
		FACT_KINDS},
	    {RECEIVED VOUCHED("arf.mail.yahoo.com") YAHOO,
		"Feedback-Type: auth-failure\nUser-Agent: x\nVersion: 1\n",
		true, FACT_KINDS},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct arena a;
		struct fbl_report r;
		struct complaint c = {0};

		arena_init(&a);
		CHECK(read_mail(v[i].head, v[i].part, &a, &r, &c));
		if (c.fact != v[i].fact || c.is_vouched != v[i].is_vouched)
			test_fail(__FILE__, __LINE__, "row %zu: fact %d, %d", i,
			    (int)c.fact, c.is_vouched);
		arena_done(&a);
	}
}

static void
key_of(const char *head, const char *part, bool is_report, uint8_t key[16])
{
	struct arena a;
	struct fbl_report r;
	struct complaint c = {0};

	arena_init(&a);
	CHECK(read_mail(head, part, &a, &r, &c));
	if (is_report)
		complaint_report_key(&r, key);
	else
		complaint_key(&c, STR("token"), key);
	arena_done(&a);
}

#define RCPT(x) ABUSE "Original-Rcpt-To: " x "\n"

static void
counts_a_person_once_per_message(void)
{
	uint8_t a[16], b[16];
	const char *vouched = RECEIVED VOUCHED("arf.mail.yahoo.com") YAHOO;

	key_of(vouched, RCPT("ann@yahoo.com"), false, a);
	key_of(vouched, RCPT("<Ann@Yahoo.com>"), false, b);
	CHECK(memcmp(a, b, 16) == 0);
	key_of(vouched, RCPT("ben@yahoo.com"), false, b);
	CHECK(memcmp(a, b, 16) != 0);
	/* Nobody vouches for the names of the others. */
	key_of(RECEIVED YAHOO, RCPT("ann@yahoo.com"), false, a);
	key_of(RECEIVED YAHOO, RCPT("ben@yahoo.com"), false, b);
	CHECK(memcmp(a, b, 16) == 0);
}

static void
is_one_person_for_a_week(void)
{
	struct complaint c = {.fact = FACT_COMPLAINT,
	    .is_vouched = true,
	    .complainer = STR("Ann@yahoo.com")};
	const int64_t monday = 3000 * (int64_t)(7 * 86400);
	uint8_t a[16], b[16];

	CHECK(complaint_person_key(&c, STR("x@y"), monday, 0, a));
	c.complainer = STR("ann@YAHOO.com");
	CHECK(complaint_person_key(&c, STR("x@y"), monday + 6 * 86400, 0, b));
	CHECK(memcmp(a, b, 16) == 0);
	CHECK(complaint_person_key(&c, STR("x@y"), monday + 7 * 86400, 0, b));
	CHECK(memcmp(a, b, 16) != 0);
	CHECK(complaint_person_key(&c, STR("x@y"), monday, 5, b));
	CHECK(memcmp(a, b, 16) != 0);
	CHECK(complaint_person_key(&c, STR("z@y"), monday, 0, b));
	CHECK(memcmp(a, b, 16) != 0);
	c.fact = FACT_NOT_SPAM;
	CHECK(complaint_person_key(&c, STR("x@y"), monday, 0, b));
	CHECK(memcmp(a, b, 16) != 0);
	CHECK(complaint_person_key(&c, STR("x@y"), monday + 86400, 0, a));
	CHECK(memcmp(a, b, 16) == 0);
	c.fact = FACT_OPT_OUT;
	CHECK(!complaint_person_key(&c, STR("x@y"), monday, 0, b));
	c = (struct complaint){.fact = FACT_COMPLAINT, .is_vouched = true};
	CHECK(!complaint_person_key(&c, STR("x@y"), monday, 0, b));
}

static void
knows_a_report_again(void)
{
	uint8_t a[16], b[16];

	key_of(RECEIVED YAHOO, RCPT("ann@yahoo.com"), true, a);
	key_of("Return-Path: <>\n" RECEIVED RECEIVED YAHOO,
	    RCPT("ann@yahoo.com"), true, b);
	CHECK(memcmp(a, b, 16) == 0);
	key_of(RECEIVED YAHOO, RCPT("ben@yahoo.com"), true, b);
	CHECK(memcmp(a, b, 16) != 0);
}

static void
counts_when_the_message_was_sent(void)
{
	const int64_t now = 1700000000;
	struct fbl_report r = {.arrived_at = now - 500};

	CHECK_INT(complaint_time(&r, now - 1000, now), now - 1000);
	CHECK_INT(complaint_time(&r, TIME_NEVER, now), now - 500);
	CHECK_INT(complaint_time(&r, now + 1000, now), now);
	CHECK_INT(complaint_time(&r, now - 36 * 86400, now), now);
	r.arrived_at = TIME_NEVER;
	CHECK_INT(complaint_time(&r, TIME_NEVER, now), now);
}

static void
believes_the_way_it_came(void)
{
	struct arena a;
	struct fbl_report r;
	struct complaint c = {0};

	arena_init(&a);
	CHECK(read_mail("From: <ann>\n",
	    ABUSE "Original-Rcpt-To: ann\nIncidents: 3\n", &a, &r, &c));
	CHECK_INT(c.fact, FACT_CLAIM);
	CHECK_INT(c.incidents, 1);
	complaint_vouch(&r, &c);
	CHECK(c.is_vouched);
	CHECK_INT(c.fact, FACT_COMPLAINT);
	CHECK_INT(c.incidents, 3);
	CHECK(str_is(c.complainer, STR("ann")));
	arena_done(&a);
}

TESTS(TEST(is_one_person_for_a_week), TEST(believes_whom_our_mta_vouches_for),
    TEST(counts_a_person_once_per_message), TEST(knows_a_report_again),
    TEST(believes_the_way_it_came), TEST(counts_when_the_message_was_sent))
