/* domain - `outpost domain check NAME`: asks the DNS itself, needs no daemon */
#ifndef CLI_DOMAIN_H
#define CLI_DOMAIN_H

#include "cli/client.h"
#include "domains/health.h"

struct settings;

/* What is known of a name's TXT records, and not asked. */
struct domain_seed {
	const char *name;
	struct dns_answer answer;
};
/* What it cost. */
struct domain_effort {
	size_t questions;
	int64_t turn_us; /* processor time of the longest turn of the loop */
};
/* Asks the DNS for all the rest; health_free. NULL: it can't be asked. */
struct health *domain_health(const struct client_line *l,
    const struct settings *s, const char *domain,
    const struct domain_seed *seeds, size_t n, struct domain_effort *effort,
    struct error *err);

/* EXIT_OK: nothing is red; EXIT_WARNED: something is red or amber, or could
 * not be told. */
enum exit_status domain_run(
    const struct client_line *l, const struct settings *s);

/* cli/domains.c: `outpost domains`, a line for each of many, worst first; the
 * same status. */
enum exit_status domains_run(
    const struct client_line *l, const struct settings *s);

#endif
