/* socketmap_fuzz - any bytes, whole and torn, give the same questions; and what
 * was one is so again when it is written anew */
#include <assert.h>

#include "mta/socketmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* How the first question of a part of it is read. */
static void
check_parts(struct str in, size_t used)
{
	struct str map, key;
	size_t other;

	for (size_t i = 0; i < used; i++)
		assert(socketmap_parse(str_head(in, i), &map, &key, &other) ==
		       SOCKETMAP_MORE);
}

static void
check_again(struct str map, struct str key)
{
	char buf[SOCKETMAP_ASK_MAX + 64];
	struct str map2, key2;
	struct text t;
	size_t used;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%zu:", map.n + 1 + key.n);
	text_str(&t, map);
	text_char(&t, ' ');
	text_str(&t, key);
	text_char(&t, ',');
	assert(socketmap_parse(text_view(&t), &map2, &key2, &used) ==
	       SOCKETMAP_ASKED);
	assert(used == t.n && str_is(map, map2) && str_is(key, key2));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_make((const char *)data, n), map, key;
	char out[SOCKETMAP_ANSWER_MAX + 64];
	struct text t;
	size_t used;

	while (in.n > 0 &&
	       socketmap_parse(in, &map, &key, &used) == SOCKETMAP_ASKED) {
		assert(used <= in.n);
		check_parts(in, used);
		check_again(map, key);
		text_init(&t, out, sizeof(out));
		socketmap_print(&t, key);
		assert(!t.is_cut);
		in = str_skip(in, used);
	}
	return 0;
}
