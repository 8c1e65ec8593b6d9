/* a test message is known again, and nobody else's is */
#include "domains/selfmail.h"

#include "base/test.h"

enum { NOW = 1795300000 };

static char buf[SELFMAIL_BYTES], domain[DNS_NAME];
static struct crypto_key key;

static struct str
written(void)
{
	const struct crypto_key secret = {"secret"};
	struct text t;

	selfmail_key(&secret, &key);
	text_init(&t, buf, sizeof(buf));
	selfmail_write(&key, "a.example", "me@b.example",
	    "Sun, 22 Nov 2026 18:00:00 +0000", NOW, &t);
	return text_view(&t);
}

static void
it_is_known_again(void)
{
	struct str mail = written();

	CHECK(selfmail_read(&key, mail, NOW + 60, domain));
	CHECK_STR(str_from(domain), STR("a.example"));
	CHECK(!selfmail_read(&key, mail, NOW + 90000, domain));
	for (char *c = buf; *c; c++) /* as a maildir has it */
		*c = *c == '\r' ? ' ' : *c;
	CHECK(selfmail_read(&key, mail, NOW, domain));
}

static void
nobody_else_s_is(void)
{
	static const char *const bad[] = {"", "X-Outpost-Test: a.example 1 2\n",
	    "\nX-Outpost-Test: \n", "\nX-Outpost-Test: a.example\n",
	    "\nX-Outpost-Test: a.example x y\n",
	    ("\nX-Outpost-Test: a.example 1795300000 "
	     "00000000000000000000000000000000\n"),
	    "\nX-Outpost-Test: a.example 1795300000 0"};
	struct str mail = written();
	ptrdiff_t at = str_find(mail, STR("Test: a.example"));

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!selfmail_read(&key, str_from(bad[i]), NOW, domain));
	buf[at + 6] = 'b';
	CHECK(!selfmail_read(&key, mail, NOW, domain));
}

TESTS(TEST(it_is_known_again), TEST(nobody_else_s_is))
