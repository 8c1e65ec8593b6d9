/* signed_fuzz - a message that somebody else signed, and its signatures */
#include <stdlib.h>

#include "domains/dkim_verify.h"
#include "domains/selfmail.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct dkim_signature all[DKIM_SIGNATURES];
	static struct dkim_message m;
	struct dkim_key key = {.kind = DKIM_ED25519, .key_n = 32};
	struct arena a;

	const struct crypto_key secret = {"signed_fuzz"};
	char domain[DNS_NAME];

	/* Nobody guesses the code. */
	if (selfmail_read(
		&secret, str_make((const char *)data, n), 1795300000, domain))
		abort();
	arena_init(&a);
	if (dkim_message_read(&a, str_make((const char *)data, n), &m)) {
		size_t found = dkim_signatures(&m, all);

		for (size_t i = 0; i < found; i++) {
			key.kind = all[i].kind;
			dkim_verify(&m, &all[i], &key);
		}
	}
	arena_done(&a);
	return 0;
}
