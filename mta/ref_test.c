/* ref_test - references that open, and all those that must not */
#include "base/test.h"
#include "mta/ref.h"

static struct ref_keys
make_keys(int first, int second)
{
	struct ref_keys keys = {0};
	struct crypto_key secret;

	memset(&secret, first, sizeof(secret));
	CHECK(ref_keys_add(&keys, &secret));
	if (second) {
		memset(&secret, second, sizeof(secret));
		CHECK(ref_keys_add(&keys, &secret));
	}
	return keys;
}

static char header[REF_HEADER + 1];

static struct str
print(const struct ref_keys *keys, struct str account)
{
	struct text t;

	text_init(&t, header, sizeof(header));
	ref_print(keys, account, 1795300840, 0xdeadbeef, &t);
	CHECK(!t.is_cut);
	CHECK(str_starts(text_view(&t), STR("X-Outpost-Ref: ")));
	CHECK_INT(t.n, REF_HEADER);
	return str_skip(text_view(&t), sizeof("X-Outpost-Ref:") - 1);
}

static void
opens_what_it_printed(void)
{
	struct ref_keys keys = make_keys(1, 0);
	static const char *const accounts[] = {"", "alice@example.com",
	    "uid:www-data", "a.name.of.39.bytes.exactly@example.com1"};

	for (size_t i = 0; i < sizeof(accounts) / sizeof(accounts[0]); i++) {
		struct str account = str_from(accounts[i]);
		struct ref r;

		CHECK(ref_open(&keys, print(&keys, account), &r));
		CHECK(!r.is_hashed);
		CHECK_STR(str_make(r.account, r.n), account);
		CHECK_INT(r.at, 1795300840);
		CHECK_INT(r.node, 0xdeadbeef);
		CHECK(ref_is_of(&keys, &r, account));
		CHECK(!ref_is_of(&keys, &r, STR("mallory@example.com")));
	}
}

static void
hashes_a_long_account(void)
{
	struct ref_keys keys = make_keys(1, 0);
	struct str account = STR("a.name.of.40.bytes.exactly@example.com12");
	struct ref r;

	CHECK(ref_open(&keys, print(&keys, account), &r));
	CHECK(r.is_hashed);
	CHECK_INT(r.n, 0);
	CHECK(ref_is_of(&keys, &r, account));
	CHECK(!ref_is_of(
	    &keys, &r, STR("a.name.of.40.bytes.exactly@example.com13")));
	CHECK(!ref_is_of(&keys, &r, STR("")));
}

static void
opens_after_rotation(void)
{
	struct ref_keys old = make_keys(1, 0), both = make_keys(2, 1);
	struct ref_keys new = make_keys(2, 0);
	struct str account = STR("a.name.of.40.bytes.exactly@example.com12");
	struct ref r;

	CHECK(ref_open(&both, print(&old, account), &r));
	CHECK_INT(r.key, 1);
	CHECK(ref_is_of(&both, &r, account));
	CHECK(ref_open(&new, print(&both, account), &r));
	CHECK(!ref_open(&new, print(&old, account), &r));
}

static void
differs_each_time(void)
{
	struct ref_keys keys = make_keys(1, 0);
	char first[REF_HEADER];
	struct str s = print(&keys, STR("alice@example.com"));

	memcpy(first, header, sizeof(first));
	s = print(&keys, STR("alice@example.com"));
	CHECK(s.n > 0 && memcmp(first, header, sizeof(first)) != 0);
}

static void
refuses_the_forged(void)
{
	struct ref_keys keys = make_keys(1, 0);
	struct str value = str_trim(print(&keys, STR("alice@example.com")));
	char bad[REF_VALUE + 8];
	struct ref r;

	for (size_t i = 0; i < value.n; i++) {
		memcpy(bad, value.p, value.n);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		CHECK(!ref_open(&keys, str_make(bad, value.n), &r));
		CHECK(!ref_open(&keys, str_head(value, i), &r));
	}
	memcpy(bad, value.p, value.n);
	memcpy(bad + value.n, "AAAA", 4);
	CHECK(!ref_open(&keys, str_make(bad, value.n + 4), &r));
	memset(bad, '\0', sizeof(bad));
	CHECK(!ref_open(&keys, str_make(bad, REF_VALUE), &r));
	memset(bad, '=', sizeof(bad));
	CHECK(!ref_open(&keys, str_make(bad, REF_VALUE), &r));
	/* As a mail program or a log may hand it on. */
	memset(bad, ' ', sizeof(bad));
	memcpy(bad + 2, value.p, value.n);
	CHECK(ref_open(&keys, str_make(bad, value.n + 4), &r));
}

static void
reads_a_node(void)
{
	CHECK_INT(ref_node(STR("deadbeef01234567")), 0xdeadbeef);
	CHECK_INT(ref_node(STR("dead")), 0);
	CHECK_INT(ref_node(STR("deadbeeg01234567")), 0);
}

static void
takes_few_secrets(void)
{
	struct ref_keys keys = {0};
	struct crypto_key secret = {{0}};

	for (int i = 0; i < REF_SECRETS; i++)
		CHECK(ref_keys_add(&keys, &secret));
	CHECK(!ref_keys_add(&keys, &secret));
}

TESTS(TEST(opens_what_it_printed), TEST(hashes_a_long_account),
    TEST(opens_after_rotation), TEST(differs_each_time),
    TEST(refuses_the_forged), TEST(reads_a_node), TEST(takes_few_secrets))
