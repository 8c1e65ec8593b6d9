/* update_fuzz - a server's answer about a zone, and a key's file
 *
 * What is read lies within bounds, goes out again as it came, and nothing
 * without the key is believed.
 */
#include <stdlib.h>

#include "domains/tsig.h"
#include "domains/update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
read_set(struct str packet)
{
	struct update_set set, empty = {.name = "a.test"};
	struct arena a;
	struct error err;
	struct update u;

	arena_init(&a);
	if (update_read(packet, 7, "a.test", &a, &set, &err) == 0) {
		char buf[65536];
		struct text t;

		for (size_t i = 0; i < set.n; i++) {
			text_init(&t, buf, sizeof(buf));
			update_text(&t, set.v[i]);
			if (t.n > set.v[i].n)
				abort();
		}
		update_begin(&u, 7, "test");
		update_expect(&u, &set);
		update_change(&u, &set, &empty);
		update_end(&u);
		text_done(&u.message);
	}
	arena_done(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tsig_key key = {.name = "k",
	    .algorithm = "hmac-sha256",
	    .secret = "secret",
	    .n = 6};
	struct str packet = str_make((const char *)data, n);
	struct tsig_mac mac = {.n = 32};
	struct error err;

	read_set(packet);
	update_result(packet, 7, &err);
	if (tsig_verify(packet, &key, &mac, 1795363200, &err) == 0)
		abort();
	if (tsig_read_key(packet, STR("k"), STR(""), &key, &err) == 0 &&
	    (key.n == 0 || key.n > TSIG_SECRET))
		abort();
	return 0;
}
