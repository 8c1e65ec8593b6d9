/* memory_test - hints change nothing of what is in memory */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/test.h"

enum { SIZE = 5 << 20, SMALL = 100 };

static void
what_is_there_stays(void)
{
	char *large = malloc(SIZE), *small = malloc(SMALL);

	memset(large, 'x', SIZE);
	memset(small, 'y', SMALL);
	memory_large_pages(large, SIZE);
	memory_large_pages(large, 0);
	memory_large_pages(small, SMALL);
	memory_large_heap();
	memory_large_heap();
	char *zeros = calloc(1, SIZE);

	CHECK(large[0] == 'x' && memcmp(large, large + 1, SIZE - 1) == 0);
	CHECK(small[0] == 'y' && memcmp(small, small + 1, SMALL - 1) == 0);
	CHECK(zeros[0] == 0 && memcmp(zeros, zeros + 1, SIZE - 1) == 0);
	free(large);
	free(small);
	free(zeros);
}

TESTS(TEST(what_is_there_stays))
