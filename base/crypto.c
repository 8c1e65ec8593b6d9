/* crypto - keyed hashes, sealed tokens, random bytes
 *
 * libcrypto fails here only without memory or when it is broken: fatal.
 */
#include "base/crypto.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "base/bytes.h"

static void
must(int ok)
{
	if (ok <= 0)
		fatal("libcrypto doesn't work as it should");
}

static void *
bytes(struct str s)
{
	union {
		const char *in;
		void *out;
	} u = {s.p};

	return u.out;
}

void
crypto_random(void *p, size_t n)
{
	if (n > INT_MAX)
		fatal("%zu random bytes are too many", n);
	must(RAND_bytes(p, (int)n));
}

void
crypto_derive(
    const struct crypto_key *secret, struct str purpose, struct crypto_key *out)
{
	struct crypto_key key = *secret;
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_KEY, key.b, sizeof(key.b)),
	    OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_INFO, bytes(purpose), purpose.n),
	    OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);

	must(ctx != NULL);
	must(EVP_KDF_derive(ctx, out->b, sizeof(out->b), params));
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	OPENSSL_cleanse(&key, sizeof(key));
}

/* Setting a key costs more than hashing a short text with it, so a thread
 * keeps what it made of the last one. */
struct keyed {
	struct crypto_key key;
	EVP_MAC_CTX *ctx;
};

static _Thread_local struct keyed last;

static EVP_MAC_CTX *
make_mac(void)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);

	must(ctx != NULL);
	must(EVP_MAC_CTX_set_params(ctx, params));
	EVP_MAC_free(mac); /* the context holds it */
	return ctx;
}

static EVP_MAC_CTX *
begin_mac(const struct crypto_key *key)
{
	if (!last.ctx)
		last.ctx = make_mac();
	else if (CRYPTO_memcmp(&last.key, key, sizeof(*key)) == 0) {
		must(EVP_MAC_init(last.ctx, NULL, 0, NULL));
		return last.ctx;
	}
	must(EVP_MAC_init(last.ctx, key->b, sizeof(key->b), NULL));
	last.key = *key;
	return last.ctx;
}

void
crypto_hmac(const struct crypto_key *key, struct str data, uint8_t out[32])
{
	EVP_MAC_CTX *ctx = begin_mac(key);
	size_t n;

	must(EVP_MAC_update(ctx, bytes(data), data.n));
	must(EVP_MAC_final(ctx, out, &n, 32));
}

bool
crypto_same(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

void
crypto_sha256(struct str data, uint8_t out[CRYPTO_SHA256])
{
	must(EVP_Digest(data.p, data.n, out, NULL, EVP_sha256(), NULL));
}

void
crypto_hmac_secret(struct str secret, struct str data, uint8_t out[32])
{
	unsigned n = 0;

	if (!HMAC(EVP_sha256(), secret.p, (int)secret.n, bytes(data), data.n,
		out, &n))
		fatal("libcrypto: HMAC failed");
}

size_t
crypto_hmac_by(
    const char *hash, struct str secret, struct str data, uint8_t out[64])
{
	const EVP_MD *md = EVP_get_digestbyname(hash);
	unsigned n = 0;

	if (!md || EVP_MD_get_size(md) > 64)
		return 0;
	if (!HMAC(md, secret.p, (int)secret.n, bytes(data), data.n, out, &n))
		fatal("libcrypto: HMAC failed");
	return n;
}

uint64_t
crypto_hash64(const struct crypto_key *key, struct str data)
{
	uint8_t mac[32];

	crypto_hmac(key, data, mac);
	return bytes_get(mac, 8); /* the same on every node */
}

size_t
crypto_seal(const struct crypto_key *key, struct str data, struct str bound,
    uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *nonce = out, *sealed = out + CRYPTO_NONCE;
	uint8_t *tag = sealed + data.n;
	int n;

	must(ctx != NULL && data.n < INT_MAX && bound.n < INT_MAX);
	crypto_random(nonce, CRYPTO_NONCE);
	must(EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->b, nonce));
	if (bound.n > 0)
		must(EVP_EncryptUpdate(
		    ctx, NULL, &n, bytes(bound), (int)bound.n));
	if (data.n > 0)
		must(EVP_EncryptUpdate(
		    ctx, sealed, &n, bytes(data), (int)data.n));
	must(EVP_EncryptFinal_ex(ctx, tag, &n));
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, CRYPTO_TAG, tag));
	EVP_CIPHER_CTX_free(ctx);
	return CRYPTO_NONCE + data.n + CRYPTO_TAG;
}

/* The three parts of what crypto_seal made. */
struct parts {
	struct str nonce, text, tag;
};

static bool
open_parts(const struct crypto_key *key, const struct parts *p,
    struct str bound, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t none[1];
	int n;

	must(ctx != NULL);
	must(EVP_DecryptInit_ex(
	    ctx, EVP_aes_256_gcm(), NULL, key->b, bytes(p->nonce)));
	bool ok = bound.n == 0 || EVP_DecryptUpdate(ctx, NULL, &n, bytes(bound),
				      (int)bound.n) > 0;

	ok = ok && (p->text.n == 0 || EVP_DecryptUpdate(ctx, out, &n,
					  bytes(p->text), (int)p->text.n) > 0);
	ok = ok && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, CRYPTO_TAG,
		       bytes(p->tag)) > 0;
	ok = ok && EVP_DecryptFinal_ex(ctx, none, &n) > 0;
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

bool
crypto_open(const struct crypto_key *key, struct str sealed, struct str bound,
    uint8_t *out, size_t *n)
{
	if (sealed.n < CRYPTO_NONCE + CRYPTO_TAG || sealed.n >= INT_MAX ||
	    bound.n >= INT_MAX)
		return false;
	size_t length = sealed.n - CRYPTO_NONCE - CRYPTO_TAG;
	struct parts parts = {
	    str_head(sealed, CRYPTO_NONCE),
	    str_make(sealed.p + CRYPTO_NONCE, length),
	    str_skip(sealed, CRYPTO_NONCE + length),
	};

	if (!open_parts(key, &parts, bound, out)) {
		OPENSSL_cleanse(out, length);
		return false;
	}
	*n = length;
	return true;
}

static bool
verify(EVP_PKEY *key, const EVP_MD *md, struct str data, struct str signature)
{
	EVP_MD_CTX *ctx = key ? EVP_MD_CTX_new() : NULL;
	bool is_good = ctx &&
		       EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) == 1 &&
		       EVP_DigestVerify(ctx, bytes(signature), signature.n,
			   bytes(data), data.n) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return is_good;
}

bool
crypto_verify_rsa(struct str key, struct str data, struct str signature)
{
	const unsigned char *p = bytes(key);
	EVP_PKEY *k = NULL;

	if (key.n > 0 && key.n < LONG_MAX)
		k = d2i_PUBKEY(NULL, &p, (long)key.n);
	if (!k && key.n > 0 && key.n < LONG_MAX) {
		p = bytes(key);
		k = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)key.n);
	}
	if (k && EVP_PKEY_get_base_id(k) != EVP_PKEY_RSA) {
		EVP_PKEY_free(k);
		return false;
	}
	return verify(k, EVP_sha256(), data, signature);
}

bool
crypto_verify_ed25519(struct str key, struct str data, struct str signature)
{
	return key.n == 32 &&
	       verify(EVP_PKEY_new_raw_public_key(
			  EVP_PKEY_ED25519, NULL, bytes(key), key.n),
		   NULL, data, signature);
}
