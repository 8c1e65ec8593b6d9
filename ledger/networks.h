/* networks - the last networks a subject sent from */
#ifndef LEDGER_NETWORKS_H
#define LEDGER_NETWORKS_H

#include "base/ip.h"
#include "ledger/bits.h"

enum { NETWORKS = 16, NETWORKS_KNOWN_AFTER = 86400, NETWORKS_NEWS = 600 };

struct networks_one {
	uint64_t prefix; /* its first 64 bits, or 1 << 32 | the IPv4's 24 */
	uint32_t first_seen, last_seen; /* seconds since RECORD_EPOCH */
};

/* All zero is none; the newest first. */
struct networks {
	struct networks_one *v;
	uint8_t n, cap;
};

void networks_done(struct networks *w);
/* Small moves of last_seen are kept, but not told; LATER: it is worth telling
 * others. NEW: one came, or came again after so long that more may have been
 * seen within some time, of NETWORKS_NEWS or longer, than were until now. */
enum networks_news { NETWORKS_SAME, NETWORKS_LATER, NETWORKS_NEW };
enum networks_news networks_add(
    struct networks *w, const struct ip *client, int64_t at);
/* Is this client's network new to who has others? Those first seen at `before`
 * or earlier are known, and so is the neighbourhood (IPv4
 * /16, IPv6 /32) of each: providers give out other addresses every day. Who has
 * none that is known has none that is new. Of what several nodes saw the
 * greatest holds. */
enum networks_place { NETWORKS_NOWHERE, NETWORKS_ABROAD, NETWORKS_HOME };
enum networks_place networks_place(
    const struct networks *w, const struct ip *client, int64_t before);
/* How many were seen after `since` that are abroad. */
uint64_t networks_foreign(
    const struct networks *w, int64_t since, int64_t before);
struct ip_net networks_net(const struct networks_one *one);
/* Another's networks counted in. */
void networks_merge(struct networks *w, const struct networks *from);
/* How many were seen after `since`. */
uint64_t networks_count(const struct networks *w, int64_t since);

/* Forget those not seen for as long as counts are kept. */
void networks_fold(struct networks *w, int64_t now);

void networks_pack(const struct networks *w, struct text *out);
/* Replaces w; takes all of `packed`. False, and w empty, when damaged. */
bool networks_unpack(struct networks *w, struct str packed);
/* The same, of one or more, in two thirds of the bytes. */
void networks_pack_small(const struct networks *w, struct bits_out *out);
bool networks_take_small(struct networks *w, struct bits_in *in);

#endif
