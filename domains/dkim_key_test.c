#include "domains/dkim_key.h"

#include "base/test.h"

/* RFC 8463's example, and RSA keys made for this test. */
#define ED "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define RSA512                                                               \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAM/8RJeCtcAS47o5nDWnbSFNhXg3U24MeC" \
	"9r2eM4DG/bV9pm3tFS/X54SyhziBahzucJd4X3nmilK7vogKXn93MCAwEAAQ=="
#define RSA1024                                                              \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDYTCvaoVIY31YGpDpWcjak52zaMS" \
	"8VUPXmFggsV58i4ZEn9cb5RXJvwjd2Yi6+gvpZoWVQaksnj8klLn442zvojLymoVtN" \
	"XRxv2K3g+21AQy733SWQB78jeize4xxpnVVRSE3W+JwdJCFum7EgZ63KdzUGGpft1X" \
	"IuObAI+PCn4wIDAQAB"
/* Without the SubjectPublicKeyInfo around it. */
#define RSA2048_BARE                                                         \
	"MIIBCgKCAQEAv8gvrpHwZe0EIPBlXfqPvPy/qBq7GPQv6hfOgKsuXiXCvqXcpmx45s" \
	"MlIJCHHvZ8gIMQDUnAaQRGbXEd6jkhX0t9MCI/aqXXTn/jHsKwtcrlRdVXScVCT7RH" \
	"xTnu2p2WfTeGlASlwg5mANd3oK+V80PKAXsV5HZKvEnUg1gE/qwHkXeQiPvQtiTAwC" \
	"nxtVApFdnWohnGUe0CZxQJbMw22rtd6Q0RV3XaVYGIOP3iYBb9MK4llvum7D/AmVt6" \
	"nl/sAhJHZvwPbKw+ZOoXly98+rLucl3SfcKpOg7gQqpgYt2K/1IXaf+vLUU1sqfv7F" \
	"fsAFFm5I7qEbrxp7m4hbmaAwIDAQAB"

static void
good_ones(void)
{
	static const struct {
		const char *record;
		enum dkim_kind kind;
		unsigned bits;
	} all[] = {
	    {"v=DKIM1; k=rsa; p=" RSA1024, DKIM_RSA, 1024},
	    {"p=" RSA512, DKIM_RSA, 512},
	    {" v = DKIM1 ; p=" RSA2048_BARE " ; ", DKIM_RSA, 2048},
	    {"v=DKIM1; k=ed25519; p=" ED, DKIM_ED25519, 256},
	    {"v=DKIM1; n=a note; x=unknown; p=" RSA1024, DKIM_RSA, 1024},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct dkim_key k;
		const char *why = dkim_key_read(str_from(all[i].record), &k);

		CHECK_STR(str_from(why), STR(""));
		CHECK_INT(k.kind, all[i].kind);
		CHECK_INT(k.bits, all[i].bits);
		CHECK(!k.is_revoked && !k.is_testing && !k.is_strict);
		CHECK(!k.is_without_sha256 && !k.is_not_for_mail);
	}
}

static void
flags(void)
{
	struct dkim_key k;

	CHECK(!dkim_key_read(STR("v=DKIM1; p="), &k) && k.is_revoked);
	CHECK(!dkim_key_read(STR("t=s:y; p=" RSA1024), &k));
	CHECK(k.is_testing && k.is_strict);
	CHECK(!dkim_key_read(STR("h=sha1; s=tlsrpt; p=" RSA1024), &k));
	CHECK(k.is_without_sha256 && k.is_not_for_mail);
	CHECK(!dkim_key_read(STR("h=sha1:sha256; s=x:email; p=" RSA1024), &k));
	CHECK(!k.is_without_sha256 && !k.is_not_for_mail);
}

static void
bad_ones(void)
{
	static const char *const all[] = {"", "v=DKIM1", "v=DKIM2; p=" RSA1024,
	    "p=" RSA1024 "; v=DKIM1", "v=DKIM1; p=" RSA1024 "; p=" RSA1024,
	    "v=DKIM1; p=*", "v=DKIM1; p=AAAA", "v=DKIM1; p=A",
	    "v=DKIM1; k=ed25519; p=AAAA", "v=DKIM1; k=ed448; p=" ED,
	    "v=DKIM1; k=rsa; p=" ED, "\"v=DKIM1; p=" RSA1024 "\"", "v=DKIM1; p",
	    "v=DKIM1; =x", "v=DKIM1; p=MIGf=AAAA",
	    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN",
	    /* lengths in the key that lead out of it */
	    "v=DKIM1; p=MIL///////8CAQ==", "v=DKIM1; p=MAYCAQACAQA="};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct dkim_key k;

		if (!dkim_key_read(str_from(all[i]), &k))
			test_fail(__FILE__, __LINE__, "%s", all[i]);
	}
}

TESTS(TEST(good_ones), TEST(flags), TEST(bad_ones))
