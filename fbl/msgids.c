/* msgids - the index of Message-IDs: whose message a bare Message-ID is */
#include "fbl/msgids.h"

#include <stdlib.h>

enum { HOUR = 3600, CLOCKS = 120, LONGEST = 1800 };

void
msgids_init(struct msgids *m, const struct crypto_key *secret)
{
	crypto_derive(secret, STR("message id"), &m->message);
	crypto_derive(secret, STR("message id account"), &m->account);
	crypto_derive(secret, STR("queue id"), &m->queue);
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
	out->is_queue = false;
	return true;
}

static uint8_t
host_byte(const struct msgids *m, struct str host)
{
	ptrdiff_t dot = str_find_char(host, '.');
	char buf[64];
	uint8_t all[32];
	struct text t;

	host = str_head(str_head(host, dot < 0 ? host.n : (size_t)dot), 63);
	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < host.n; i++) {
		char b = host.p[i];

		text_char(&t, b >= 'A' && b <= 'Z' ? (char)(b | 32) : b);
	}
	crypto_hmac(&m->queue, text_view(&t), all);
	return all[0];
}

bool
msgids_place_queue(const struct msgids *m, struct str host, struct str queue_id,
    int64_t at, struct msgids_place *out)
{
	char buf[64];
	uint8_t all[32];
	struct text t;

	if (queue_id.n == 0 || queue_id.n > 32 || at < 0)
		return false;
	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%lld:", (long long)(at / HOUR));
	text_str(&t, queue_id);
	crypto_hmac(&m->queue, text_view(&t), all);
	out->bucket = (all[0] | (unsigned)all[1] << 8) % MSGIDS_BUCKETS;
	memcpy(out->tag, all + 2, MSGIDS_TAG - 1);
	out->tag[MSGIDS_TAG - 1] = host_byte(m, host);
	out->is_queue = true;
	return true;
}

bool
msgids_hour(int64_t at, size_t i, int64_t *hour)
{
	int64_t in = at % HOUR;

	if (at < 0 || at > INT64_MAX - HOUR || i > 1 ||
	    (i == 1 && in >= CLOCKS && in < HOUR - LONGEST))
		return false;
	*hour = i == 0 ? at : at + (in < CLOCKS ? -HOUR : HOUR);
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

/* What the entries with a tag say. */
struct found {
	uint8_t account[MSGIDS_ACCOUNT];
	bool is_any, is_doubtful; /* two accounts' */
};

static void
note(struct found *f, const char *account)
{
	if (f->is_any && memcmp(f->account, account, MSGIDS_ACCOUNT) != 0)
		f->is_doubtful = true;
	memcpy(f->account, account, MSGIDS_ACCOUNT);
	f->is_any = true;
}

static bool
find_queue(struct str block, const struct msgids_place *place,
    uint8_t account[MSGIDS_ACCOUNT])
{
	struct found ours = {0}, all = {0};

	for (size_t n = block.n / MSGIDS_ENTRY; n-- > 0;) {
		const char *entry = block.p + n * MSGIDS_ENTRY;

		if (memcmp(entry, place->tag, MSGIDS_TAG - 1) != 0)
			continue;
		note(&all, entry + MSGIDS_TAG);
		if ((uint8_t)entry[MSGIDS_TAG - 1] ==
		    place->tag[MSGIDS_TAG - 1])
			note(&ours, entry + MSGIDS_TAG);
	}
	const struct found *f = ours.is_any ? &ours : &all;

	if (!f->is_any || f->is_doubtful)
		return false;
	memcpy(account, f->account, MSGIDS_ACCOUNT);
	return true;
}

bool
msgids_find(struct str block, const struct msgids_place *place,
    uint8_t account[MSGIDS_ACCOUNT])
{
	if (place->is_queue)
		return find_queue(block, place, account);
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
msgids_names_key(
    struct text *t, int64_t day, const uint8_t account[MSGIDS_ACCOUNT])
{
	unsigned bucket = (account[0] << 8 | account[1]) % MSGIDS_BUCKETS;

	msgids_key(t, day / MSGIDS_ERA, bucket);
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
