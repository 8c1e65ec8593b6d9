/* selfmail - a message to oneself, to see whether what leaves is signed
 *
 * It has a field of its own by which it is known when it comes back; nobody
 * else can write one. Pure.
 */
#ifndef DOMAINS_SELFMAIL_H
#define DOMAINS_SELFMAIL_H

#include "base/crypto.h"
#include "base/dns_answer.h"

enum { SELFMAIL_FOR = 86400, SELFMAIL_BYTES = 4096 };

void selfmail_key(const struct crypto_key *secret, struct crypto_key *out);
/* From an address of the domain (dns_name's) to this one; CRLF line ends. */
void selfmail_write(const struct crypto_key *key, const char *domain,
    const char *to, const char *date, int64_t now, struct text *out);
/* Is the mail such a message of ours, of the last day? Then of which domain. */
bool selfmail_read(const struct crypto_key *key, struct str mail, int64_t now,
    char domain[DNS_NAME]);

#endif
