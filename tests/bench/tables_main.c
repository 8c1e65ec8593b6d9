/* tables - what a rewrite of the tables of pools costs
 *
 * usage: tables DIRECTORY SENDERS [keep]
 *
 * Writes the table of all senders, made anew, and then that of all places,
 * which is what changes when an own IP is given up; each beside itself, synced
 * and renamed. The best of five. keep: the first stays there. Prints
 * "senders_ms N places_ms N mb N".
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "mta/postfix_table.h"
#include "reputation/steer.h"

enum { RUNS = 5, PLACES = STEER_PLACES * POOLS_KNOWN };

struct source {
	size_t at, n;
	unsigned run; /* another content each time: the same is left alone */
	char key[64], value[32];
};

static bool
next(void *ctx, struct str *key, struct str *value)
{
	struct source *s = ctx;

	if (s->at == s->n)
		return false;
	int n = snprintf(s->key, sizeof(s->key), "user%zu@domain%zu.example",
	    s->at, s->at % 5000);

	*key = str_make(s->key, (size_t)n);
	n = snprintf(s->value, sizeof(s->value), "default.%u",
	    (steer_place_of(*key) + s->run) % STEER_PLACES);
	*value = str_make(s->value, (size_t)n);
	s->at++;
	return true;
}

static double
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double
best_ms(const char *path, size_t n)
{
	double best = 0;

	for (unsigned run = 0; run < RUNS; run++) {
		struct source s = {.n = n, .run = run};
		double begin = clock_ms();
		struct error err;

		if (postfix_table_write(path, 0640, next, &s, &err) < 0) {
			fprintf(stderr, "tables: %s\n", err.text);
			exit(2);
		}
		double took = clock_ms() - begin;

		best = run == 0 || took < best ? took : best;
	}
	return best;
}

int
main(int argc, char **argv)
{
	char path[4096];
	struct stat st;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: tables DIRECTORY SENDERS [keep]\n");
		return 64;
	}
	snprintf(path, sizeof(path), "%s/places.cdb", argv[1]);
	double places = best_ms(path, PLACES);

	remove(path);
	snprintf(path, sizeof(path), "%s/senders.cdb", argv[1]);
	double senders = best_ms(path, strtoul(argv[2], NULL, 10));

	printf("senders_ms %.0f places_ms %.0f mb %.0f\n", senders, places,
	    stat(path, &st) == 0 ? (double)st.st_size / 1e6 : 0);
	if (argc == 3)
		remove(path);
	return 0;
}
