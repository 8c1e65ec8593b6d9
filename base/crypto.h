/* crypto - keyed hashes, sealed tokens, random bytes (libcrypto)
 *
 * Everything is derived from the installation's secret: a file of 32 random
 * bytes made at installation, 0640 root:outpost. Each use derives a key of its
 * own from it by name (HKDF-SHA256), so no key serves two purposes.
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include "base/error.h"
#include "base/text.h"

enum { CRYPTO_KEY = 32, CRYPTO_TAG = 16, CRYPTO_NONCE = 12 };

struct crypto_key {
	uint8_t b[CRYPTO_KEY];
};

void crypto_random(void *p, size_t n);

/* Reads the secret's file: exactly 32 bytes, not readable by others (an error
 * names the path and the mend). crypto_secret_make writes a new one, 0640,
 * O_EXCL: it never replaces one. */
int crypto_secret_read(
    const char *path, struct crypto_key *secret, struct error *err);
int crypto_secret_make(const char *path, struct error *err);

void crypto_derive(const struct crypto_key *secret, struct str purpose,
    struct crypto_key *out);

enum { CRYPTO_SHA256 = 32 };
/* Without a key: for chains of what must not change unseen. */
void crypto_sha256(struct str data, uint8_t out[CRYPTO_SHA256]);

/* The first 8 bytes of HMAC-SHA256. */
uint64_t crypto_hash64(const struct crypto_key *key, struct str data);
/* All 32 bytes of it. */
void crypto_hmac(
    const struct crypto_key *key, struct str data, uint8_t out[32]);

/* Are they the same? How long it takes doesn't tell where they differ. */
bool crypto_same(const void *a, const void *b, size_t n);

/* HMAC-SHA256 with a key that somebody chose, of any length. */
void crypto_hmac_secret(struct str secret, struct str data, uint8_t out[32]);
/* The same with "sha1", "sha256", "sha512" ...; how many bytes it has, 0: no
 * such hash. */
size_t crypto_hmac_by(
    const char *hash, struct str secret, struct str data, uint8_t out[64]);

/* Is this the signature of the data? RSA with SHA-256 (PKCS #1 v1.5), the key a
 * SubjectPublicKeyInfo or a bare RSAPublicKey in DER; Ed25519, the key 32
 * bytes. false for a key that is none, too. */
bool crypto_verify_rsa(struct str key, struct str data, struct str signature);
bool crypto_verify_ed25519(
    struct str key, struct str data, struct str signature);

/* AES-256-GCM. out has room for data.n + CRYPTO_NONCE + CRYPTO_TAG bytes, and
 * gets nonce, ciphertext, tag. `bound` is authenticated, not stored. */
size_t crypto_seal(const struct crypto_key *key, struct str data,
    struct str bound, uint8_t *out);
/* false when it is not ours. out has room for sealed.n bytes. */
bool crypto_open(const struct crypto_key *key, struct str sealed,
    struct str bound, uint8_t *out, size_t *n);

/* RFC 4648 base64, with padding. */
void crypto_base64(struct text *t, const void *p, size_t n);
/* RFC 4648 base64url without padding. */
void crypto_base64url(struct text *t, const void *p, size_t n);
bool crypto_from_base64url(struct str s, uint8_t *out, size_t cap, size_t *n);

#endif
