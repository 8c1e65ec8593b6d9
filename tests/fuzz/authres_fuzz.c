/* authres_fuzz - Authentication-Results in a header that anybody wrote
 *
 * Domains are views into the fields, and none is vouched for by a field that
 * isn't of our own.
 */
#include <stdlib.h>

#include "fbl/authres.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Does a field begin with our name? */
static bool
is_ours(const struct headers *h)
{
	size_t i = 0;
	const struct header *one;

	while ((one = header_next(h, STR("Authentication-Results"), &i))) {
		if (str_find_nocase(one->value, STR("mx.example.com")) >= 0)
			return true;
	}
	return false;
}

/* What a report says of signatures: as if it stood in either place. */
static void
check_signed(const struct headers *h)
{
	struct authres_signed v[AUTHRES_DOMAINS];
	struct headers none = {0};
	size_t n = authres_signed(h, &none, v);

	if (n > AUTHRES_DOMAINS ||
	    authres_signed(&none, h, v) > n + AUTHRES_DOMAINS)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (v[i].result > AUTHRES_NONE)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = {"mx.example.com"};
	static const char *const any[] = {"isp.example"};
	const struct setting_list ids = {names, 1}, domains = {any, 1};
	struct str rest = str_make((const char *)data, n);
	struct authres a;
	struct headers h;
	struct arena arena;

	arena_init(&arena);
	header_read(&rest, &arena, &h);
	authres_read(&h, &ids, 1, &a);
	check_signed(&h);
	if (a.n > AUTHRES_DOMAINS || (a.n > 0 && !is_ours(&h)))
		abort();
	for (size_t i = 0; i < a.n; i++) {
		if (a.v[i].n > HEADER_VALUE)
			abort();
	}
	if (authres_vouches(&a, &domains) && a.n == 0)
		abort();
	arena_done(&arena);
	return 0;
}
