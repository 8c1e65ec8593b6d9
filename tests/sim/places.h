/* places - where clients sit: countries, providers, networks
 *
 * A country has its providers, each a /16 of some hundred customers' networks;
 * some providers rent out servers. Customers live in the host's country, nearly
 * all of them; so do some of the machines that thieves use.
 */
#ifndef SIM_PLACES_H
#define SIM_PLACES_H

#include <stdint.h>

#include "tests/sim/rng.h"

/* A client address: IPv4 in the lower 32 bits, or bit 63 and an IPv6 /64 and
 * host, hashed. */
typedef uint64_t client;
#define CLIENT_V6 (UINT64_C(1) << 63)

client places_home(struct rng *r);    /* a customer's, at home */
client places_country(struct rng *r); /* anybody's in the same country */
client places_abroad(struct rng *r);
client places_server(struct rng *r); /* a rented one, in any country */
/* Another network of the same provider. */
client places_neighbour(struct rng *r, client of);
/* The next address that the provider gives the same customer: one of its thirty
 * networks where he lives. */
client places_renewed(client home, uint64_t lease);
/* A telephone: the network of its carrier, IPv6 or behind few IPv4 addresses,
 * another each time. */
client places_mobile(struct rng *r, client owner);
/* Five addresses for all who are behind them. */
client places_cgnat(struct rng *r);

/* "dsl-7.isp3.example[80.3.1.7]", as Postfix names a client. */
void places_put(client c);

#endif
