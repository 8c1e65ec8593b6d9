/* domain_fuzz - records of a domain that anybody wrote: SPF, DKIM, DMARC
 *
 * The bytes are what every TXT question gets; the check comes to an end, asks
 * within bounds, and says something of each.
 */
#include <stdlib.h>

#include "domains/health.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
answer_all(struct answers *a, struct str txt)
{
	struct dns_record r = {.text = txt, .strings = 1};
	const char *name;
	enum dns_type type;

	while (answers_wanted(a, &name, &type)) {
		struct dns_answer one = {.status = DNS_NO_TYPE};

		if (type == DNS_TXT) {
			one.status = DNS_OK;
			one.n = 1;
			one.v = &r;
		}
		answers_put(a, name, type, &one);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct health_address address = {
	    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}},
	    "mx.ex"};
	static const struct health_selector selector = {"s", NULL};
	static const struct health_site site = {&address, 1, &selector, 1, "",
	    "", {HEALTH_SIGNED_BAD, 1795300000, "isp.example"}};
	struct answers *a = answers_new();
	struct health *h;
	int rounds = 0;

	while (!(h = health_check(a, "a.ex", &site))) {
		answer_all(a, str_make((const char *)data, n));
		if (++rounds > 500)
			abort();
	}
	if (answers_count(a) > 1000 || h->n_findings == 0)
		abort();
	for (int i = 0; i < HEALTH_JUDGED; i++) {
		if (h->colours[i] == HEALTH_INFO)
			abort();
	}
	health_free(&h);
	answers_free(&a);
	return 0;
}
