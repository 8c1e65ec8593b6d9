/* signed_fuzz - a message that somebody else signed, and its signatures */
#include "domains/dkim_verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct dkim_signature all[DKIM_SIGNATURES];
	static struct dkim_message m;
	struct dkim_key key = {.kind = DKIM_ED25519, .key_n = 32};
	struct arena a;

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
