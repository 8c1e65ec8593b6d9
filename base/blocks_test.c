/* blocks_test - blocks keep their bytes whatever becomes of others */
#include "base/blocks.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/test.h"
#include "base/test_draw.h"

enum { OWNERS = 300, ROUNDS = 60000 };

static struct {
	struct block block;
	char *bytes;
	size_t n;
} owners[OWNERS];

static void
on_moved(void *ctx, uint32_t owner, uint32_t at)
{
	(void)ctx;
	CHECK(owner < OWNERS);
	owners[owner].block.at = at;
}

static bool
is_right(const struct blocks *bs, uint32_t i)
{
	struct str view = blocks_view(bs, owners[i].block);

	return str_is(view, str_make(owners[i].bytes, owners[i].n));
}

static char *
random_bytes(size_t n)
{
	char *p = xalloc(1, n + 1);

	for (size_t i = 0; i < n; i += 1 + i / 16)
		p[i] = (char)draw(256);
	return p;
}

static size_t
random_size(void)
{
	switch (draw(20)) {
	case 0:
		return draw(BLOCKS_MOST + 1);
	case 1:
		return 0;
	default:
		return draw(5000);
	}
}

static void
change(struct blocks *bs, uint32_t i)
{
	size_t n = random_size();
	char *p = random_bytes(n), *both;

	if (draw(2) == 0 || owners[i].n + n > BLOCKS_MOST) {
		blocks_put(bs, i, &owners[i].block, str_make(p, n));
		free(owners[i].bytes);
		owners[i].bytes = p;
		owners[i].n = n;
		return;
	}
	n = n % 100;
	blocks_add(bs, i, &owners[i].block, str_make(p, n));
	both = xalloc(1, owners[i].n + n + 1);
	memcpy(both, owners[i].bytes, owners[i].n);
	memcpy(both + owners[i].n, p, n);
	free(p);
	free(owners[i].bytes);
	owners[i].bytes = both;
	owners[i].n += n;
}

static void
test_random(void)
{
	struct blocks bs;

	blocks_init(&bs, on_moved, NULL);
	for (uint32_t i = 0; i < OWNERS; i++)
		owners[i].bytes = xalloc(1, 1);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t i = draw(OWNERS);

		bs.is_growing = round / 5000 % 2;
		change(&bs, i);
		CHECK(is_right(&bs, i));
		i = draw(OWNERS);
		blocks_trim(&bs, i, &owners[i].block);
		CHECK(is_right(&bs, i));
		CHECK(is_right(&bs, draw(OWNERS)));
		if (round % 1000 == 0)
			for (uint32_t k = 0; k < OWNERS; k++)
				CHECK(is_right(&bs, k));
	}
	for (uint32_t i = 0; i < OWNERS; i++) {
		blocks_put(&bs, i, &owners[i].block, str_make("", 0));
		CHECK_INT(owners[i].block.n, 0);
		free(owners[i].bytes);
	}
	CHECK_INT(bs.n_pages, 0);
	blocks_done(&bs);
}

static struct block many[1 << 14];

static void
one_moved(void *ctx, uint32_t owner, uint32_t at)
{
	(void)ctx;
	many[owner].at = at;
}

/* However sizes come and go, there is hardly more memory than bytes. */
static void
test_no_holes(void)
{
	enum { N = sizeof(many) / sizeof(many[0]), TURNS = 8 };
	static const char bytes[4096];
	struct blocks bs;
	size_t n = 0;

	blocks_init(&bs, one_moved, NULL);
	for (int turn = TURNS; turn > 0; turn--) {
		for (uint32_t i = 0; i < N; i++)
			blocks_put(&bs, i, &many[i],
			    str_make(bytes, 1 + draw(500 * (uint32_t)turn)));
		n = 0;
		for (uint32_t i = 0; i < N; i++)
			n += many[i].n;
		CHECK(bs.n_pages * 4096 < n + N * 20 + 140 * 4096);
	}
	blocks_done(&bs);
}

TESTS(TEST(test_random), TEST(test_no_holes))
