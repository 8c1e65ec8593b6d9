/* dns_fuzz - a resolver's packet: type (2 bytes), then what came
 *
 * What it says lies in the scratch and within its bounds, and a copy says the
 * same.
 */
#include <stdlib.h>

#include "base/dns_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check(const struct dns_answer *a, const struct dns_scratch *s)
{
	if (a->n > DNS_RECORDS || (a->n > 0) != (a->status == DNS_OK) ||
	    (a->why != NULL) != (a->status == DNS_FAILED))
		abort();
	for (size_t i = 0; i < a->n; i++) {
		struct str t = a->v[i].text;

		if (t.n > 0 &&
		    (t.p < s->bytes || t.p + t.n > s->bytes + sizeof(s->bytes)))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct dns_scratch s;
	struct dns_answer a, *copy;
	size_t size;

	if (n < 2)
		return 0;
	a = dns_answer_read(str_make((const char *)data + 2, n - 2), "a.b",
	    (enum dns_type)(data[0] << 8 | data[1]), &s);
	check(&a, &s);
	copy = dns_answer_copy(&a, &size);
	for (size_t i = 0; i < a.n; i++) {
		if (!str_is(copy->v[i].text, a.v[i].text))
			abort();
	}
	free(copy);
	return 0;
}
