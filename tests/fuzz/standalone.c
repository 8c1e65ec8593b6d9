/* standalone - runs a fuzz target over its corpus, without libFuzzer
 *
 * usage: TARGET FILE...
 *
 * Each input is given as it is, cut at every length (the first 600 bytes),
 * and with each of these bytes changed; each time in memory of exactly its
 * size, so that the sanitizers see a read beyond. Prints the number of runs.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 1 << 20, CUTS_MAX = 600 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t runs;

static void
run(const uint8_t *data, size_t n, size_t at, uint8_t change)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);

	if (copy == NULL)
		abort();
	if (n > 0)
		memcpy(copy, data, n);
	if (at < n)
		copy[at] ^= change;
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	runs++;
}

int
main(int argc, char **argv)
{
	static uint8_t data[INPUT_MAX];

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		size_t n;

		if (f == NULL) {
			perror(argv[i]);
			return 1;
		}
		n = fread(data, 1, sizeof(data), f);
		fclose(f);
		run(data, n, n, 0);
		for (size_t cut = 0; cut < n && cut < CUTS_MAX; cut++) {
			run(data, cut, cut, 0);
			run(data, n, cut, (uint8_t)(1U << cut % 8));
			run(data, n, cut, data[cut] ^ '\n');
		}
	}
	printf("%zu\n", runs);
	return 0;
}
