/* error - one sentence about what the world did wrong */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
error_set(struct error *err, const char *fmt, ...)
{
	if (!err)
		return -1;
	/* An argument may be err's own text. */
	char sentence[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(sentence, sizeof(sentence), fmt, ap) < 0)
		sentence[0] = '\0';
	va_end(ap);
	memcpy(err->text, sentence, sizeof(sentence));
	return -1;
}

int
error_prefix(struct error *err, const char *fmt, ...)
{
	if (!err)
		return -1;
	char prefix[sizeof(err->text)], sentence[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(prefix, sizeof(prefix), fmt, ap) < 0)
		prefix[0] = '\0';
	va_end(ap);
	memcpy(sentence, err->text, sizeof(sentence));
	if (snprintf(err->text, sizeof(err->text), "%s: %s", prefix, sentence) <
	    0)
		err->text[0] = '\0';
	return -1;
}

void
fatal(const char *fmt, ...)
{
	char sentence[1024];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(sentence, sizeof(sentence), fmt, ap) < 0)
		sentence[0] = '\0';
	va_end(ap);
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, sentence);
	exit(1);
}

void *
xalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		fatal("no memory for %zu times %zu bytes", n, size);
	return p;
}

void *
xrealloc(void *p, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		fatal("no memory for %zu times %zu bytes", n, size);
	void *moved = realloc(p, n && size ? n * size : 1);

	if (!moved)
		fatal("no memory for %zu times %zu bytes", n, size);
	return moved;
}
