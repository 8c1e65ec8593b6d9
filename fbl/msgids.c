/* msgids - the index of Message-IDs: whose message a bare Message-ID is */
#include "fbl/msgids.h"

#include <stdlib.h>

void
msgids_init(struct msgids *m, const struct crypto_key *secret)
{
	crypto_derive(secret, STR("message id"), &m->message);
	crypto_derive(secret, STR("message id account"), &m->account);
}

static struct str
strip(struct str id)
{
	id = str_trim(id);
	if (id.n > 1 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		id = str_trim(str_make(id.p + 1, id.n - 2));
	return id;
}

bool
msgids_place(
    const struct msgids *m, struct str message_id, struct msgids_place *out)
{
	uint8_t all[32];

	message_id = strip(message_id);
	if (message_id.n == 0)
		return false;
	crypto_hmac(&m->message, message_id, all);
	out->bucket = (all[0] | (unsigned)all[1] << 8) % MSGIDS_BUCKETS;
	memcpy(out->tag, all + 2, MSGIDS_TAG);
	return true;
}

void
msgids_account(
    const struct msgids *m, struct str account, uint8_t out[MSGIDS_ACCOUNT])
{
	uint8_t all[32];

	crypto_hmac(&m->account, account, all);
	memcpy(out, all, MSGIDS_ACCOUNT);
}

void
msgids_entry(const struct msgids_place *place,
    const uint8_t account[MSGIDS_ACCOUNT], uint8_t out[MSGIDS_ENTRY])
{
	memcpy(out, place->tag, MSGIDS_TAG);
	memcpy(out + MSGIDS_TAG, account, MSGIDS_ACCOUNT);
}

bool
msgids_find(struct str block, const struct msgids_place *place,
    uint8_t account[MSGIDS_ACCOUNT])
{
	for (size_t n = block.n / MSGIDS_ENTRY; n-- > 0;) {
		const char *entry = block.p + n * MSGIDS_ENTRY;

		if (memcmp(entry, place->tag, MSGIDS_TAG) != 0)
			continue;
		memcpy(account, entry + MSGIDS_TAG, MSGIDS_ACCOUNT);
		return true;
	}
	return false;
}

void
msgids_key(struct text *t, int64_t day, unsigned bucket)
{
	text_printf(t, "%lld:%x", (long long)day, bucket);
}

void
msgids_account_key(struct text *t, const uint8_t account[MSGIDS_ACCOUNT])
{
	text_hex(t, account, MSGIDS_ACCOUNT);
}

bool
msgids_day(int64_t at, int64_t now, int64_t days, size_t i, int64_t *day)
{
	int64_t last = now / MSGIDS_DAY, first = last - days;
	int64_t middle = at < now ? at / MSGIDS_DAY : last;
	int64_t step = ((int64_t)i + 1) / 2;

	if (middle < first)
		middle = first;
	if (i > (size_t)days)
		return false;
	/* By turns after and before it, then on along the side that is left. */
	if (step > last - middle)
		*day = middle - ((int64_t)i - (last - middle));
	else if (step > middle - first)
		*day = middle + ((int64_t)i - (middle - first));
	else
		*day = i % 2 == 1 ? middle + step : middle - step;
	return true;
}
