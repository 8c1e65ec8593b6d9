/* arena_test */
#include "base/arena.h"

#include <stdalign.h>

#include "base/test.h"

static void
test_alloc(void)
{
	struct arena a;

	arena_init(&a);
	for (size_t n = 0; n < 3000; n += 7) {
		char *p = arena_alloc(&a, n);

		CHECK_INT((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++) {
			if (p[i] != 0)
				CHECK(!"memory isn't zeroed");
		}
		memset(p, 0xaa, n);
	}
	memset(arena_alloc(&a, 3 << 20), 0xaa, 3 << 20);

	char *z = arena_dup(&a, str_make("word and more", 4));
	struct str s = arena_str(&a, STR("view"));

	CHECK_STR(str_from(z), STR("word"));
	CHECK_STR(s, STR("view"));
	CHECK_INT(s.p[s.n], 0);
	arena_done(&a);
	arena_done(&a);
}

TESTS(TEST(test_alloc))
