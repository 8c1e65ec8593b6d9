/* test_answers - answers from a zone's text, for unit tests without a network
 */
#ifndef DOMAINS_TEST_ANSWERS_H
#define DOMAINS_TEST_ANSWERS_H

#include "base/test_dns_zone.h"
#include "domains/answers.h"

/* No answer is DNS_FAILED. Views into s. */
static inline struct dns_answer
test_answers_ask(const struct test_dns_zone *z, const char *name,
    enum dns_type type, struct dns_scratch *s)
{
	static uint8_t out[TEST_DNS_PACKET];
	uint8_t question[DNS_QUERY];
	size_t n = dns_question(0, name, type, question);

	n = test_dns_zone_answer(
	    z, str_make((char *)question, n), true, 0, out);
	if (n == 0)
		return dns_answer_failed("no answer in time");
	return dns_answer_read(str_make((char *)out, n), name, type, s);
}

/* Answers all that is wanted; false: nothing was. */
static inline bool
test_answers_fill(struct answers *a, const struct test_dns_zone *z)
{
	static struct dns_scratch scratch;
	const char *name;
	enum dns_type type;
	bool was_wanted = false;

	while (answers_wanted(a, &name, &type)) {
		struct dns_answer one =
		    test_answers_ask(z, name, type, &scratch);

		answers_put(a, name, type, &one);
		was_wanted = true;
	}
	return was_wanted;
}

#endif
