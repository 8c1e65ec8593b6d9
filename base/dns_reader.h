/* dns_reader - names and records of a DNS packet (RFC 1035), which is foreign
 *
 * For the files that read packets. What leaves the packet's bounds makes the
 * reader bad, and it stays so.
 */
#ifndef BASE_DNS_READER_H
#define BASE_DNS_READER_H

#include "base/bytes.h"
#include "base/text.h"

enum { DNS_NAME_TEXT = 4 * 256 }; /* each byte may become \DDD */

/* What is left of a packet. */
struct dns_reader {
	const uint8_t *p;
	size_t n, at;
	bool is_bad;
};

struct dns_rr {
	char owner[DNS_NAME_TEXT];
	uint16_t type, class;
	uint32_t ttl;
	size_t at, n; /* of its data */
};

static inline uint16_t
dns_get16(const uint8_t *p)
{
	return (uint16_t)bytes_get(p, 2);
}

static inline uint32_t
dns_get32(const uint8_t *p)
{
	return (uint32_t)bytes_get(p, 4);
}

/* The next n bytes; NULL: there are fewer. */
const uint8_t *dns_take(struct dns_reader *r, size_t n);
/* The name at r->at, which moves behind it, as dns_answer.h has it. NULL text:
 * only skipped. */
void dns_read_name(struct dns_reader *r, struct text *out);
bool dns_read_rr(struct dns_reader *r, struct dns_rr *out);
/* A label's bytes, as they stand in such a name. */
void dns_put_label(struct text *t, const uint8_t *p, size_t n);

/* The other way: a number of so many bytes; a name that is dns_name's. */
void dns_put(struct text *t, size_t bytes, uint64_t v);
void dns_put_name(struct text *t, const char *name);

#endif
