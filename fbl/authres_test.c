/* authres - tests */
#include "fbl/authres.h"

#include "base/test.h"
#include "base/text.h"

static const char *const names[] = {"mx.example.com", "spam-gate"};
static const struct setting_list ours = {names, 2};

/* The domains, with a comma behind each. */
static void
check(const char *mail, int64_t hops, const char *want)
{
	struct str rest = str_from(mail);
	struct headers h;
	struct authres a;
	struct arena arena;
	char buf[1000];
	struct text t;

	arena_init(&arena);
	text_init(&t, buf, sizeof(buf));
	header_read(&rest, &arena, &h);
	authres_read(&h, &ours, hops, &a);
	for (size_t i = 0; i < a.n; i++)
		text_printf(&t, "%.*s,", STR_ARG(a.v[i]));
	CHECK_STR(text_view(&t), str_from(want));
	arena_done(&arena);
}

#define AR "Authentication-Results: "

static void
reads_what_passed(void)
{
	check(AR "mx.example.com; dkim=pass (1024-bit key)\n"
		 " header.d=arf.mail.yahoo.com header.s=s1;\n"
		 " spf=pass smtp.mailfrom=feedback@bounce.yahoo.com;\n"
		 "\tdmarc=pass (p=reject) header.from=\"yahoo.com\"\n\n",
	    1, "arf.mail.yahoo.com,bounce.yahoo.com,yahoo.com,");
	check(AR
	    "MX.example.com 1; DKIM/1=Pass reason=\"a;b=c\" header.i=@x.org\n\n",
	    1, "x.org,");
	check(AR "spam-gate; none\n\n", 1, "");
	check(AR "mx.example.com\n\n", 1, "");
	check(AR
	    "(c;) mx.example.com (d); spf=pass (x; dkim=pass header.d=bad) "
	    "smtp.mailfrom=good.example\n\n",
	    1, "good.example,");
}

static void
leaves_what_did_not(void)
{
	check(AR "mx.example.com; dkim=fail header.d=yahoo.com;"
		 " spf=none smtp.mailfrom=x@yahoo.com\n\n",
	    1, "");
	check(AR "other.example; dkim=pass header.d=yahoo.com\n\n", 1, "");
	check(AR "mx.example.com.evil.example; dkim=pass header.d=y.com\n\n", 1,
	    "");
	/* Not what the property of another method says. */
	check(AR "mx.example.com; iprev=pass header.d=yahoo.com;"
		 " auth=pass smtp.auth=x@yahoo.com\n\n",
	    1, "");
	check(AR "mx.example.com; dkim=pass reason=\"header.d=yahoo.com\"\n\n",
	    1, "");
}

/* What came with the mail is no result of ours, whatever it says. */
static void
stops_at_our_received_lines(void)
{
	const char *mail =
	    "Received: from x by mx.example.com id 1\n" AR
	    "mx.example.com; dkim=pass header.d=a.example\n"
	    "Received: from y by x id 2\n" AR
	    "mx.example.com; spf=pass smtp.mailfrom=forged.example\n"
	    "\n";

	check(mail, 0, "");
	check(mail, 1, "a.example,");
	check(mail, 2, "a.example,forged.example,");
	check(AR "mx.example.com; dkim=pass header.d=top.example\n"
		 "Received: by mx.example.com\n\n",
	    0, "top.example,");
}

/* Where the MTA leaves forged fields, they stand below its own. */
static void
believes_the_topmost(void)
{
	check(
	    "Received: by mx.example.com\n" AR
	    "mx.example.com; dkim=none; spf=pass smtp.mailfrom=evil.example\n" AR
	    "mx.example.com; dkim=pass header.d=forged.example;"
	    " dmarc=pass header.from=real.example\n\n",
	    1, "evil.example,real.example,");
	check(AR "mx.example.com; dkim=pass header.d=a.example;"
		 " dkim=pass header.d=b.example\n\n",
	    1, "a.example,b.example,");
}

static void
knows_a_domain_below_another(void)
{
	static const char *const one[] = {"yahoo.com"};
	const struct setting_list list = {one, 1};
	struct authres a = {{STR_INIT("arf.mail.YAHOO.com")}, 1};

	CHECK(authres_vouches(&a, &list));
	a.v[0] = STR("yahoo.com");
	CHECK(authres_vouches(&a, &list));
	a.v[0] = STR("notyahoo.com");
	CHECK(!authres_vouches(&a, &list));
	a.v[0] = STR("com");
	CHECK(!authres_vouches(&a, &list));
	a.v[0] = STR("");
	CHECK(!authres_vouches(&a, &list));
}

static void
ends_whatever_it_reads(void)
{
	static const char *const odd[] = {"", ";", ";;=;",
	    "mx.example.com;=", "mx.example.com; dkim=pass header.d=\"",
	    "mx.example.com; (((", "mx.example.com; dkim=pass \\",
	    "mx.example.com; dkim = pass = = a",
	    "mx.example.com; dkim=pass header.d=\"a\\"};

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct header one = {STR_INIT(AR), str_from(odd[i])};
		struct headers h = {&one, 1, false};
		struct authres a;

		one.name = STR("Authentication-Results");
		authres_read(&h, &ours, 1, &a);
		CHECK(a.n <= 1);
	}
}

/* What a report's own part and the message in it say of signatures. */
static void
check_signed(const char *part, const char *original, const char *want)
{
	static const char *const words[] = {"pass", "fail", "none"};
	struct str a = str_from(part), b = str_from(original);
	struct authres_signed v[AUTHRES_DOMAINS];
	struct headers h, o;
	struct arena arena;
	char buf[1000];
	struct text t;

	arena_init(&arena);
	text_init(&t, buf, sizeof(buf));
	header_read(&a, &arena, &h);
	header_read(&b, &arena, &o);
	size_t n = authres_signed(&h, &o, v);

	for (size_t i = 0; i < n; i++)
		text_printf(
		    &t, "%.*s %s,", STR_ARG(v[i].domain), words[v[i].result]);
	CHECK_STR(text_view(&t), str_from(want));
	arena_done(&arena);
}

static void
receivers_tell_of_signatures(void)
{
	check_signed("",
	    AR "mx.google.com; dkim=pass header.i=@a.example header.s=s1;"
	       " dkim=fail (bad; dkim=pass) header.d=b.example; spf=pass\n"
	       "Received: by x\nFrom: x@a.example\n\n",
	    "a.example pass,b.example fail,");
	check_signed("",
	    AR "mx.big.example; dkim=none; spf=pass smtp.mailfrom=x@a.example\n"
	       "Received: by x\nFrom: \"b@evil\" <x@a.example>\n\n",
	    "a.example none,");
	check_signed(AR "x; dkim=permerror header.d=a.example\n\n",
	    AR "x; dkim=pass header.d=a.example\n\n", "a.example fail,");
	/* What came with the message is its sender's word. */
	check_signed("",
	    "Received: by mx\n" AR "x; dkim=pass header.d=a.example\n\n", "");
	check_signed(
	    "", AR "x; dkim=temperror header.d=a.example; dkim\n\n", "");
	check_signed("", AR "x; dkim=fail; dkim=pass header.d=\n\n", "");
}

TESTS(TEST(receivers_tell_of_signatures), TEST(reads_what_passed),
    TEST(leaves_what_did_not), TEST(stops_at_our_received_lines),
    TEST(believes_the_topmost), TEST(knows_a_domain_below_another),
    TEST(ends_whatever_it_reads))
