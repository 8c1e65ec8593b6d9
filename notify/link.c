/* link - the link to a case's page: signed, it expires, it can be revoked */
#include "notify/link.h"

#include <assert.h>

#include "base/bytes.h"

enum {
	ID = 5,
	DASH = 4, /* where an id has it */
	HOURS = 3,
	PAYLOAD = ID + HOURS + 1,
	CODE = 15,
	WHOLE = CODE + PAYLOAD,
	FORM = 16,
	HOURS_MAX = (1 << 24) - 1,
};

_Static_assert(WHOLE * 8 == LINK_TOKEN * 6, "a token's length");
_Static_assert((FORM * 8 + 5) / 6 == LINK_FORM, "a form's length");

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
link_keys_init(struct link_keys *k, const struct crypto_key *secret)
{
	crypto_derive(secret, STR("case link seal"), &k->seal);
	crypto_derive(secret, STR("case link code"), &k->code);
	crypto_derive(secret, STR("case link form"), &k->form);
}

static bool
pack_id(const char *id, uint64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < CASE_ID - 1; i++) {
		const char *at = id[i] ? strchr(letters, id[i]) : NULL;

		if (i == DASH && id[i] == '-')
			continue;
		if (i == DASH || !at)
			return false;
		v = v << 5 | (uint64_t)(at - letters);
	}
	*out = v;
	return id[CASE_ID - 1] == '\0';
}

static void
unpack_id(uint64_t v, char id[CASE_ID])
{
	for (size_t i = CASE_ID - 1; i-- > 0;) {
		if (i == DASH) {
			id[i] = '-';
			continue;
		}
		id[i] = letters[v & 31];
		v >>= 5;
	}
	id[CASE_ID - 1] = '\0';
}

static void
code_of(const struct link_keys *k, const uint8_t payload[PAYLOAD],
    uint8_t code[CODE])
{
	uint8_t all[32];

	crypto_hmac(&k->code, str_make((const char *)payload, PAYLOAD), all);
	memcpy(code, all, CODE);
}

/* Enciphers and deciphers: the payload with the stream of its code. */
static void
cross(const struct link_keys *k, uint8_t whole[WHOLE])
{
	uint8_t stream[32];

	crypto_hmac(&k->seal, str_make((const char *)whole, CODE), stream);
	for (size_t i = 0; i < PAYLOAD; i++)
		whole[CODE + i] ^= stream[i];
}

static uint64_t
hours_of(int64_t until)
{
	if (until < 0)
		return 0;
	int64_t hours = until / LINK_ROUND + (until % LINK_ROUND != 0);

	return hours > HOURS_MAX ? HOURS_MAX : (uint64_t)hours;
}

bool
link_print(const struct link_keys *k, const struct link *l, struct text *out)
{
	uint8_t whole[WHOLE];
	uint8_t *payload = whole + CODE;
	uint64_t id;

	if (!pack_id(l->id, &id))
		return false;
	bytes_put(payload, ID, id);
	bytes_put(payload + ID, HOURS, hours_of(l->until));
	payload[ID + HOURS] = (uint8_t)l->generation;
	code_of(k, payload, whole);
	cross(k, whole);
	crypto_base64url(out, whole, WHOLE);
	return true;
}

bool
link_open(
    const struct link_keys *k, struct str token, int64_t now, struct link *out)
{
	uint8_t whole[WHOLE] = {0}, code[CODE];
	const uint8_t *payload = whole + CODE;
	struct link l;
	size_t n = 0;

	/* What can't be read takes the same way. */
	bool is_read = token.n == LINK_TOKEN &&
		       crypto_from_base64url(token, whole, WHOLE, &n) &&
		       n == WHOLE;

	cross(k, whole);
	code_of(k, payload, code);
	bool is_ours = crypto_same(code, whole, CODE);

	unpack_id(bytes_get(payload, ID), l.id);
	l.until = (int64_t)bytes_get(payload + ID, HOURS) * LINK_ROUND;
	l.generation = payload[ID + HOURS];
	if (!is_read || !is_ours || now >= l.until)
		return false;
	*out = l;
	return true;
}

int64_t
link_until(int64_t since, int64_t now, int64_t link_for)
{
	int64_t half = link_for / 2;

	if (half <= 0)
		return now + link_for;
	int64_t halves = now > since ? (now - since) / half : 0;

	return since + (halves + 2) * half;
}

void
link_form_print(const struct link_keys *k, struct str token, struct str cookie,
    struct text *out)
{
	uint8_t all[32];
	char buf[256];
	struct text t;

	/* A token has one length, or it opens nothing: what stands where is
	 * plain. */
	text_init(&t, buf, sizeof(buf));
	text_str(&t, token);
	text_char(&t, ' ');
	text_str(&t, cookie);
	crypto_hmac(&k->form, text_view(&t), all);
	crypto_base64url(out, all, FORM);
}

bool
link_form_is(const struct link_keys *k, struct str token, struct str cookie,
    struct str form)
{
	char buf[LINK_FORM + 1];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	link_form_print(k, token, cookie, &t);
	return form.n == LINK_FORM && crypto_same(form.p, buf, LINK_FORM);
}
