/* dns_answer - questions to a resolver and what its packets say (RFC 1035)
 *
 * Pure. A packet is foreign: whatever doesn't hold together makes the whole
 * answer a failure, and more than the bounds below is cut, and told.
 */
#ifndef BASE_DNS_ANSWER_H
#define BASE_DNS_ANSWER_H

#include "base/ip.h"

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52,
	DNS_SPF = 99,
};

/* DNS_FAILED: nothing is known (a time-out, no server, SERVFAIL, a packet that
 * can't be read); ask again later. The others are answers. */
enum dns_status { DNS_OK, DNS_NO_NAME, DNS_NO_TYPE, DNS_FAILED };

enum {
	DNS_NAME = 254,	   /* a name as text: 253 and the NUL */
	DNS_RECORDS = 512, /* of one answer; more are dropped: is_cut */
	DNS_BYTES = 160 * 1024,
	DNS_QUERY = 300,     /* bytes of a question */
	DNS_UDP_SIZE = 1232, /* what we take by UDP; more comes by TCP */
};

struct dns_record {
	struct ip ip;	     /* A, AAAA */
	uint16_t preference; /* MX */
	uint16_t strings;    /* TXT: of how many it is joined */
	/* TXT, SPF: the strings joined. NS, CNAME, PTR, MX: a name, lower-case,
	 * without the final dot ("" is the root); a dot, backslash or byte that
	 * isn't printable inside a label stands as \DDD. Other types: the bytes
	 * as they came. */
	struct str text;
};

struct dns_answer {
	enum dns_status status;
	const char *why; /* DNS_FAILED: a few words, a literal; else NULL */
	bool is_secure;	 /* the resolver says that it validated (AD) */
	bool is_cut;	 /* there was more */
	uint8_t cnames;	 /* how many were followed */
	uint32_t ttl;	 /* seconds; of a negative answer its SOA's; 0: none */
	size_t n;	 /* 0 unless DNS_OK */
	const struct dns_record *v;
};

/* Lower-case, no final dot. false: no name that can be asked for (an empty or
 * too long label, too long as a whole). "" and "." are the root. */
bool dns_name(struct str name, char out[DNS_NAME]);

/* Bytes of the question in out (at least DNS_QUERY); recursion is desired, and
 * DNSSEC's verdict (AD). The name is dns_name's. */
size_t dns_question(
    uint16_t id, const char *name, enum dns_type type, uint8_t *out);

/* Where an answer's parts lie while it is read. */
struct dns_scratch {
	struct dns_record v[DNS_RECORDS];
	char bytes[DNS_BYTES];
};

/* What the packet says to this question; views into s. The name is dns_name's.
 * CNAMEs in it are followed, at most 16. */
struct dns_answer dns_answer_read(struct str packet, const char *name,
    enum dns_type type, struct dns_scratch *s);

/* A copy in one piece of memory (free() it), how large it is in *size. */
struct dns_answer *dns_answer_copy(const struct dns_answer *a, size_t *size);

struct dns_answer dns_answer_failed(const char *why);

/* The name of an address below in-addr.arpa or ip6.arpa; with another zone,
 * that of a DNSBL's. */
void dns_reverse(const struct ip *ip, const char *zone, char out[DNS_NAME]);

#endif
