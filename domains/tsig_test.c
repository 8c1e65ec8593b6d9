#include "domains/tsig.h"

#include "base/bytes.h"
#include "base/test.h"

#define NOW 1795363200

static struct tsig_key
key(const char *algorithm)
{
	struct tsig_key k;
	struct error err;

	CHECK_INT(tsig_read_key(STR("c2VjcmV0IG9mIGEgdGVzdA=="), STR("K.Test."),
		      str_from(algorithm), &k, &err),
	    0);
	return k;
}

/* A message with a question; an answer when it is one. */
static void
message(struct text *t, bool is_answer)
{
	static const char head[] = "\x12\x34\0\0\0\1\0\0\0\0\0\0"
				   "\1a\4test\0\0\x10\0\1";

	text_clear(t);
	text_bytes(t, head, sizeof(head) - 1);
	if (is_answer)
		t->p[2] = (char)0x84;
}

static int
verify(const struct text *answer, const struct tsig_key *k,
    const struct tsig_mac *request, int64_t now, struct error *err)
{
	return tsig_verify(text_view(answer), k, request, now, err);
}

static void
answers(void)
{
	static const char *const all[] = {"hmac-sha1", "HMAC-SHA224.",
	    "hmac-sha256", "hmac-sha384", "hmac-sha512"};
	struct tsig_mac mac, other;
	struct error err;
	struct text t;

	text_grow(&t, 4096);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct tsig_key k = key(all[i]);

		message(&t, false);
		tsig_sign(&t, &k, NOW, NULL, &mac);
		CHECK_INT((int64_t)bytes_get(t.p + 10, 2), 1);
		message(&t, true);
		tsig_sign(&t, &k, NOW + 5, &mac, &other);
		CHECK_INT(verify(&t, &k, &mac, NOW, &err), 0);
		CHECK_INT(verify(&t, &k, &mac, NOW + 305, &err), 0);
		CHECK_INT(verify(&t, &k, &mac, NOW + 306, &err), -1);
		CHECK_INT(verify(&t, &k, &other, NOW, &err), -1);
		/* No byte of it can be another one, but for the number, which
		 * is signed apart. */
		for (size_t at = 2; at < t.n; at++) {
			t.p[at] ^= 1;
			CHECK_INT(verify(&t, &k, &mac, NOW, &err), -1);
			t.p[at] ^= 1;
		}
		for (size_t n = 0; n < t.n; n++)
			CHECK_INT(
			    tsig_verify(str_make(t.p, n), &k, &mac, NOW, &err),
			    -1);
	}
	text_done(&t);
}

static void
refusals(void)
{
	struct tsig_key k = key("hmac-sha256"), wrong = k;
	struct tsig_mac mac, other;
	struct error err;
	struct text t;
	size_t plain;

	text_grow(&t, 4096);
	message(&t, false);
	tsig_sign(&t, &k, NOW, NULL, &mac);
	message(&t, true);
	plain = t.n;
	CHECK_INT(verify(&t, &k, &mac, NOW, &err), -1);
	CHECK(strstr(err.text, "is not signed"));
	wrong.secret[0] ^= 1;
	tsig_sign(&t, &wrong, NOW, &mac, &other);
	CHECK_INT(verify(&t, &k, &mac, NOW, &err), -1);
	CHECK(strstr(err.text, "a bad signature"));
	bytes_put(t.p + t.n - 4, 2, 17);
	CHECK_INT(verify(&t, &k, &mac, NOW, &err), -1);
	CHECK(strstr(err.text, "doesn't know the key k.test"));
	bytes_put(t.p + t.n - 4, 2, 16);
	CHECK_INT(verify(&t, &k, &mac, NOW, &err), -1);
	CHECK(strstr(err.text, "another secret"));
	bytes_put(t.p + t.n - 4, 2, 18);
	CHECK_INT(verify(&t, &k, &mac, NOW, &err), -1);
	CHECK(strstr(err.text, "clock"));
	CHECK(plain < t.n);
	text_done(&t);
}

static void
keys(void)
{
	static const char bind[] =
	    "# made by tsig-keygen\nkey \"key-secret\" {\n"
	    "\talgorithm hmac-sha512;\n"
	    "\tsecret \"MTIzNA==\";\n};\n";
	static const struct {
		const char *file, *name, *algorithm, *error;
	} bad[] = {
	    {"MTIz*", "k", "", "no base64"},
	    {"", "k", "", "no base64"},
	    {"MTIz", "", "", "no name"},
	    {"MTIz", "a..b", "", "no name"},
	    {"MTIz", "k", "hmac-md5", "an algorithm is"},
	    {bind, "other", "", "another key"},
	    {bind, "", "hmac-sha256", "another key or algorithm"},
	    {"key \"x\" {", "", "", "no base64"},
	};
	struct tsig_key k;
	struct error err;

	CHECK_INT(tsig_read_key(
		      str_from(bind), STR(""), STR("HMAC-SHA512"), &k, &err),
	    0);
	CHECK_STR(str_from(k.name), STR("key-secret"));
	CHECK_STR(str_from(k.algorithm), STR("hmac-sha512"));
	CHECK_INT((int64_t)k.n, 4);
	CHECK(memcmp(k.secret, "1234", 4) == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK_INT(
		    tsig_read_key(str_from(bad[i].file), str_from(bad[i].name),
			str_from(bad[i].algorithm), &k, &err),
		    -1);
		CHECK(strstr(err.text, bad[i].error));
		CHECK(!strstr(err.text, "MTIz"));
	}
}

TESTS(TEST(answers), TEST(refusals), TEST(keys))
