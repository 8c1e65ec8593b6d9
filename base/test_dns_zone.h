/* test_dns_zone - the zone of test_dns, and its answers as packets */
#ifndef BASE_TEST_DNS_ZONE_H
#define BASE_TEST_DNS_ZONE_H

#include "base/error.h"
#include "base/str.h"

struct test_dns_zone;

struct test_dns_zone *test_dns_zone_read(struct str text, struct error *err);
void test_dns_zone_free(struct test_dns_zone **z);

enum { TEST_DNS_PACKET = 65535 };
/* The answer's bytes in out (TEST_DNS_PACKET); 0: none is given. */
size_t test_dns_zone_answer(const struct test_dns_zone *z, struct str question,
    bool is_tcp, unsigned queries, uint8_t *out);

#endif
