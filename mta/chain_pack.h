/* chain_pack - a flight as bytes, for the books */
#ifndef MTA_CHAIN_PACK_H
#define MTA_CHAIN_PACK_H

#include "mta/chain_flight.h"

/* All that a flight is, its parent by its id. */
void flight_pack(struct chains *c, const struct flight *f, struct text *out);
/* Takes a flight off *s. The result is in no table and no list; its parent's
 * id is in *parent. False, and nothing is left behind, when it is damaged. */
bool flight_unpack(
    struct chains *c, struct str *s, struct flight *out, uint64_t *parent);
/* Frees what it has. */
void flight_clear(struct chains *c, struct flight *f);

#endif
