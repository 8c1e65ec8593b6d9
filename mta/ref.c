/* ref - the reference header: whose message this is, for us alone */
#include "mta/ref.h"

#include <assert.h>

#include "base/bytes.h"

enum {
	AT_LENGTH = 0,
	AT_TIME = 1,
	AT_NODE = 6,
	AT_ACCOUNT = 10,
	PAYLOAD = AT_ACCOUNT + REF_ACCOUNT,
	SEALED = CRYPTO_NONCE + PAYLOAD + CRYPTO_TAG,
	WHOLE = 1 + SEALED,
	IS_HASHED = 255,
};

_Static_assert((WHOLE * 8 + 5) / 6 == REF_VALUE, "the value's length");
_Static_assert(REF_HEADER <= 120, "DESIGN.md's limit");

bool
ref_keys_add(struct ref_keys *keys, const struct crypto_key *secret)
{
	struct ref_key *k = &keys->v[keys->n];

	if (keys->n == REF_SECRETS)
		return false;
	crypto_derive(secret, STR("reference"), &k->seal);
	crypto_derive(secret, STR("reference account"), &k->hash);
	/* The id only spares trying every key. */
	k->id = (uint8_t)crypto_hash64(&k->hash, STR("reference key id"));
	keys->n++;
	return true;
}

static void
hash_account(
    const struct ref_key *key, struct str account, uint8_t out[REF_HASH])
{
	uint8_t all[32];

	crypto_hmac(&key->hash, account, all);
	memcpy(out, all, REF_HASH);
}

void
ref_hash(const struct ref_keys *keys, struct str account, uint8_t out[REF_HASH])
{
	hash_account(&keys->v[0], account, out);
}

/* What is authenticated beside the payload: what it is, and the key's id. */
static struct str
bind(uint8_t id, char buf[sizeof(REF_NAME)])
{
	memcpy(buf, REF_NAME, sizeof(REF_NAME) - 1);
	buf[sizeof(REF_NAME) - 1] = (char)id;
	return str_make(buf, sizeof(REF_NAME));
}

void
ref_print(const struct ref_keys *keys, struct str account, int64_t at,
    uint32_t node, struct text *out)
{
	const struct ref_key *key = &keys->v[0];
	uint8_t payload[PAYLOAD] = {0}, whole[WHOLE];
	char bound[sizeof(REF_NAME)];
	size_t n;

	assert(keys->n > 0);
	bytes_put(payload + AT_TIME, 5, at > 0 ? (uint64_t)at : 0);
	bytes_put(payload + AT_NODE, 4, node);
	if (account.n <= REF_ACCOUNT) {
		payload[AT_LENGTH] = (uint8_t)account.n;
		if (account.n > 0)
			memcpy(payload + AT_ACCOUNT, account.p, account.n);
	} else {
		payload[AT_LENGTH] = IS_HASHED;
		hash_account(key, account, payload + AT_ACCOUNT);
	}
	whole[0] = key->id;
	n = crypto_seal(&key->seal, str_make((const char *)payload, PAYLOAD),
	    bind(key->id, bound), whole + 1);
	assert(n == SEALED);
	text_add(out, REF_NAME ": ");
	crypto_base64url(out, whole, 1 + n);
}

static bool
read_payload(const uint8_t *payload, struct ref *out)
{
	struct ref ref = {0};

	ref.at = (int64_t)bytes_get(payload + AT_TIME, 5);
	ref.node = (uint32_t)bytes_get(payload + AT_NODE, 4);
	ref.is_hashed = payload[AT_LENGTH] == IS_HASHED;
	if (ref.is_hashed) {
		memcpy(ref.hash, payload + AT_ACCOUNT, REF_HASH);
	} else if (payload[AT_LENGTH] <= REF_ACCOUNT) {
		ref.n = payload[AT_LENGTH];
		memcpy(ref.account, payload + AT_ACCOUNT, ref.n);
	} else {
		return false; /* ours, but of a later Outpost */
	}
	*out = ref;
	return true;
}

bool
ref_open(const struct ref_keys *keys, struct str value, struct ref *out)
{
	uint8_t whole[WHOLE], payload[SEALED];
	char bound[sizeof(REF_NAME)];
	size_t n;

	value = str_trim(value);
	if (value.n != REF_VALUE ||
	    !crypto_from_base64url(value, whole, sizeof(whole), &n) ||
	    n != WHOLE)
		return false;
	for (size_t i = 0; i < keys->n; i++) {
		if (keys->v[i].id != whole[0] ||
		    !crypto_open(&keys->v[i].seal,
			str_make((const char *)whole + 1, SEALED),
			bind(whole[0], bound), payload, &n) ||
		    n != PAYLOAD || !read_payload(payload, out))
			continue;
		out->key = i;
		return true;
	}
	return false;
}

bool
ref_is_of(
    const struct ref_keys *keys, const struct ref *ref, struct str account)
{
	uint8_t hash[REF_HASH];

	if (!ref->is_hashed)
		return str_is(account, str_make(ref->account, ref->n));
	if (account.n <= REF_ACCOUNT)
		return false;
	hash_account(&keys->v[ref->key], account, hash);
	return memcmp(hash, ref->hash, sizeof(hash)) == 0;
}

uint32_t
ref_node(struct str node_id)
{
	uint32_t v = 0;

	if (node_id.n < 8)
		return 0;
	for (size_t i = 0; i < 8; i++) {
		char c = node_id.p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else
			return 0;
	}
	return v;
}
