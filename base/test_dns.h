/* test_dns - a DNS server on loopback that also does what servers shouldn't
 *
 * Its zone is text, one record a line: NAME [TTL] TYPE DATA, TTL 60 by default,
 * # begins a comment. A, AAAA, MX (10 name), NS, PTR, CNAME, TXT ("..." "..."
 * with \" and \\, or one bare string) are what they are called; *.x matches
 *what has no line of its own. Names without a line don't exist, unless
 *something stands below them. Other words in TYPE's place are behaviour:
 *	SERVFAIL REFUSED	that answer
 *	SILENT			no answer
 *	CUT			cut short by UDP, whole by TCP
 *	ALWAYSCUT		by TCP, too
 *	LIE			an answer to another question
 *	GARBAGE			bytes
 *	SECURE			answers have the AD bit
 *	LONG N			a TXT record of N bytes (of 255 each, all 'x')
 * TXT queries.test. tells how many questions came so far.
 */
#ifndef BASE_TEST_DNS_H
#define BASE_TEST_DNS_H

#include "base/error.h"
#include "base/str.h"

struct test_dns;

/* Serves from a thread, on a port of 127.0.0.1 that is free (0) or this one.
 * NULL: the zone can't be read, or the port is taken. */
struct test_dns *test_dns_start(
    struct str zone, uint16_t port, struct error *err);
void test_dns_stop(struct test_dns **s);
uint16_t test_dns_port(const struct test_dns *s);
/* "127.0.0.1:PORT", lives as long as the server. */
const char *test_dns_server(const struct test_dns *s);
unsigned test_dns_queries(const struct test_dns *s);
/* Another zone from now on; the old one stays when this can't be read. */
int test_dns_load(struct test_dns *s, struct str zone, struct error *err);

#endif
