/* signatures of the RFCs' own examples, and what breaks them */
#include "domains/dkim_verify.h"

#include "base/test.h"

/* RFC 8463, appendix A. */
#define SIGNED                                                          \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\n"   \
	" d=football.example.com; i=@football.example.com;\n"           \
	" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\n"         \
	" subject : date : message-id : from : subject : date;\n"       \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n"           \
	" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\n" \
	" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\n"
#define FIELDS                                           \
	"From: Joe SixPack <joe@football.example.com>\n" \
	"To: Suzie Q <suzie@shopping.example.net>\n"     \
	"Subject: Is dinner ready?\n"                    \
	"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\n"  \
	"Message-ID: <20030712040037.46341.5F8J@football.example.com>\n"
#define BODY "\nHi.\n\nWe lost the game.  Are you hungry yet?\n\nJoe.\n"
#define KEY "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define ORIGINAL SIGNED FIELDS BODY

static const char *
verify(const char *message)
{
	static struct dkim_signature all[DKIM_SIGNATURES];
	static struct dkim_message m;
	struct dkim_key key;
	const char *why = "no signature";
	struct arena a;

	arena_init(&a);
	CHECK(!dkim_key_read(STR(KEY), &key));
	CHECK(dkim_message_read(&a, str_from(message), &m));
	if (dkim_signatures(&m, all) > 0)
		why = dkim_verify(&m, &all[0], &key);
	arena_done(&a);
	return why;
}

static void
what_holds(void)
{
	static const char *const good[] = {ORIGINAL,
	    "X-Other: added\n" ORIGINAL "\n\n\n", "From mbox line\n" ORIGINAL,
	    SIGNED "subject:  Is   dinner\n\tready?\n"
		   "From: Joe SixPack <joe@football.example.com>\n"
		   "To: Suzie Q <suzie@shopping.example.net>\n"
		   "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)  \n"
		   "Message-ID: "
		   "<20030712040037.46341.5F8J@football.example.com>\n" BODY};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *why = verify(good[i]);

		if (why)
			test_fail(__FILE__, __LINE__, "%zu: %s", i, why);
	}
}

static void
what_breaks_it(void)
{
	static const char *const bad[] = {FIELDS BODY, SIGNED FIELDS,
	    SIGNED FIELDS BODY "PS: more\n",
	    SIGNED "From: Eve <eve@football.example.com>\n" FIELDS BODY,
	    SIGNED FIELDS "Subject: another\n" BODY,
	    "DKIM-Signature: v=1; a=rsa-sha1; d=a.example; s=x; h=from; bh=A; "
	    "b=B\n" FIELDS BODY,
	    "DKIM-Signature: v=1\n" FIELDS BODY, "DKIM-Signature:\n", "", "\n",
	    "DKIM-Signature: b=\r\n\r\n", ": x\n\n", " \n"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!verify(bad[i]))
			test_fail(__FILE__, __LINE__, "%zu holds", i);
	}
}

static void
who_it_is_from(void)
{
	static struct dkim_message m;
	struct arena a;

	arena_init(&a);
	CHECK(dkim_message_read(&a, STR(ORIGINAL), &m));
	CHECK_STR(str_from(m.from), STR("football.example.com"));
	CHECK(dkim_message_read(&a, STR("From: x\n\n"), &m));
	CHECK_STR(str_from(m.from), STR(""));
	arena_done(&a);
}

TESTS(TEST(what_holds), TEST(what_breaks_it), TEST(who_it_is_from))
