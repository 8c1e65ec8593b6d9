/* resolve - a host's addresses, without stopping the loop
 *
 * getaddrinfo may hang for seconds, so it runs in a thread of its own. A
 * question can be cancelled; the thread then ends by itself, unheard.
 */
#ifndef BASE_RESOLVE_H
#define BASE_RESOLVE_H

#include <stddef.h>

struct loop;
struct resolve;

enum { RESOLVE_MAX = 8, RESOLVE_TEXT = 64 };

struct resolve_result {
	size_t n;				 /* 0: none, see error */
	char address[RESOLVE_MAX][RESOLVE_TEXT]; /* literals, best first */
	const char *error;			 /* NULL when n > 0 */
};
typedef void resolve_fn(void *ctx, const struct resolve_result *result);

/* The answer comes exactly once, from the loop, unless it is cancelled. The
 * resolve frees itself after its answer. */
struct resolve *resolve_start(
    struct loop *l, const char *host, resolve_fn *on_done, void *ctx);
/* No answer comes. NULL is fine. */
void resolve_cancel(struct resolve **r);

#endif
