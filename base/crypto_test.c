/* crypto_test */
#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"

#define HASH_WANTED 0xf6838d25e15976ddu

static struct crypto_key
make_key(uint8_t first)
{
	struct crypto_key key;

	for (size_t i = 0; i < sizeof(key.b); i++)
		key.b[i] = (uint8_t)(first + i);
	return key;
}

static void
check_hex(const void *p, size_t n, const char *want)
{
	char buf[200];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_hex(&t, p, n);
	CHECK_STR(text_view(&t), str_from(want));
}

/* Made with Python's hmac and hashlib, keys 00 01 02 ... */
static void
test_known(void)
{
	struct crypto_key key = make_key(0), other = make_key(1), derived;
	uint8_t mac[32];

	crypto_hmac(&key, STR("outpost"), mac);
	check_hex(mac, 32,
	    "f6838d25e15976dd7ab581a8cfe27437"
	    "2880e71c63e4fd2b4d069114180bc4ee");
	CHECK(crypto_hash64(&key, STR("outpost")) == HASH_WANTED);
	CHECK(crypto_hash64(&other, STR("outpost")) != HASH_WANTED);
	CHECK(crypto_hash64(&key, STR("outpost")) == HASH_WANTED);
	crypto_hmac(&key, STR(""), mac);
	check_hex(mac, 32,
	    "d38b42096d80f45f826b44a9d5607de7"
	    "2496a415d3f4a1a8c88e3bb9da8dc1cb");
	crypto_derive(&key, STR("reference"), &derived);
	check_hex(derived.b, 32,
	    "c02d1e87ebcd95689c352bafae14b25d"
	    "64647f8f60f4b81d8d1e5de7c575c67c");
}

static void
test_seal(void)
{
	struct crypto_key key = make_key(0), other = make_key(1);
	static const char *const texts[] = {"", "a", "user@example.com 17"};

	for (size_t i = 0; i < 3; i++) {
		struct str data = str_from(texts[i]);
		uint8_t sealed[100], out[100];
		size_t n = crypto_seal(&key, data, STR("bound"), sealed);
		size_t m = 99;
		struct str s = str_make((char *)sealed, n);

		CHECK_INT(n, data.n + CRYPTO_NONCE + CRYPTO_TAG);
		CHECK(crypto_open(&key, s, STR("bound"), out, &m));
		CHECK_STR(str_make((char *)out, m), data);
		m = 99;
		CHECK(!crypto_open(&other, s, STR("bound"), out, &m));
		CHECK(!crypto_open(&key, s, STR("bounD"), out, &m));
		CHECK(!crypto_open(&key, s, STR(""), out, &m));
		for (size_t cut = 0; cut < n; cut++)
			CHECK(!crypto_open(
			    &key, str_head(s, cut), STR("bound"), out, &m));
		for (size_t bit = 0; bit < n * 8; bit++) {
			sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CHECK(!crypto_open(&key, s, STR("bound"), out, &m));
			sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		CHECK_INT(m, 99);
	}
}

static void
test_base64(void)
{
	/* RFC 4648 10, and the two letters of base64url */
	static const struct {
		const char *text, *coded;
	} rows[] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"},
	    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
	    {"\xfb\xff\xbf", "-_-_"}};
	static const char *const refused[] = {
	    "Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm9v\n", "Zm 9"};
	uint8_t out[6];
	size_t n;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char buf[20];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		crypto_base64url(&t, rows[i].text, strlen(rows[i].text));
		CHECK_STR(text_view(&t), str_from(rows[i].coded));
		CHECK(crypto_from_base64url(
		    str_from(rows[i].coded), out, sizeof(out), &n));
		CHECK_STR(str_make((char *)out, n), str_from(rows[i].text));
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		CHECK(!crypto_from_base64url(
		    str_from(refused[i]), out, sizeof(out), &n));
	CHECK(!crypto_from_base64url(STR("Zm9vYmFyZg"), out, 6, &n));
}

static void
test_base64_padded(void)
{
	char buf[32];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	crypto_base64(&t, "fo\xff\xfe", 4);
	crypto_base64(&t, "foo", 3);
	crypto_base64(&t, "\xfb\xff", 2);
	CHECK_STR(text_view(&t), STR("Zm///g==Zm9v+/8="));
}

static void
test_secret(void)
{
	char dir[] = "/tmp/crypto_test.XXXXXX", path[64];
	struct crypto_key a, b;
	struct error err;
	struct stat st;

	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/secret", dir);
	CHECK_INT(crypto_secret_read(path, &a, &err), -1);
	mode_t mask = umask(077);

	CHECK_INT(crypto_secret_make(path, &err), 0);
	umask(mask);
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0640);
	CHECK_INT(crypto_secret_read(path, &a, &err), 0);
	CHECK_INT(crypto_secret_make(path, &err), -1);
	CHECK_INT(crypto_secret_read(path, &b, &err), 0);
	CHECK(memcmp(&a, &b, sizeof(a)) == 0);
	chmod(path, 0644);
	CHECK_INT(crypto_secret_read(path, &b, &err), -1);
	CHECK(str_find(str_from(err.text), STR("chmod 0640 /tmp")) > 0);
	chmod(path, 0640);
	CHECK_INT(truncate(path, 31), 0);
	CHECK_INT(crypto_secret_read(path, &b, &err), -1);
	CHECK(str_find(str_from(err.text), STR("has 31 bytes, not 32")) > 0);
	unlink(path);
	CHECK_INT(crypto_secret_read(dir, &b, &err), -1);
	rmdir(dir);
}

/* FIPS 180-2, appendix B.1. */
static void
sha256_is_the_known_one(void)
{
	uint8_t sum[CRYPTO_SHA256];
	char hex[65];
	struct text t;

	crypto_sha256(STR("abc"), sum);
	text_init(&t, hex, sizeof(hex));
	text_hex(&t, sum, sizeof(sum));
	CHECK_STR(text_view(&t), STR("ba7816bf8f01cfea414140de5dae2223"
				     "b00361a396177a9cb410ff61f20015ad"));
}

TESTS(TEST(sha256_is_the_known_one), TEST(test_known), TEST(test_seal),
    TEST(test_base64), TEST(test_base64_padded), TEST(test_secret))
