/* error - one sentence about what the world did wrong
 *
 * A function that can fail because of the world returns -1 and writes a
 * sentence that names the thing and the place ("/etc/outpost.conf:12: unknown
 * key \"limt\""). The caller passes it on or the program logs it, once.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stddef.h>

struct error {
	char text[512];
};

/* Writes the sentence and returns -1. err may be NULL. */
int error_set(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the sentence; returns -1. */
int error_prefix(struct error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A bad start or no memory: says so on stderr and exits with 1. */
void fatal(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

/* Never NULL; no memory is fatal. The memory of xalloc is zeroed. */
void *xalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);

#endif
