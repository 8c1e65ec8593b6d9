/* epoch - which Redis is this? */
#include "ledger/epoch.h"

#include "base/crypto.h"
#include "base/text.h"
#include "ledger/keys.h"

void
epoch_draw(char out[EPOCH])
{
	uint8_t bytes[(EPOCH - 1) / 2];
	struct text t;

	crypto_random(bytes, sizeof(bytes));
	text_init(&t, out, EPOCH);
	text_hex(&t, bytes, sizeof(bytes));
}

void
epoch_ask(struct redis *r, redis_reply_fn *on_epoch, void *ctx)
{
	char epoch[EPOCH];

	epoch_draw(epoch);
	const struct str set[] = {
	    STR("SET"), STR(KEYS_EPOCH), str_from(epoch), STR("NX")};
	const struct str get[] = {STR("GET"), STR(KEYS_EPOCH)};

	redis_ask(r, set, 4, NULL, NULL);
	redis_ask(r, get, 2, on_epoch, ctx);
}
