/* names - the keys of subjects in fewer bits
 *
 * Addresses and domains are of few letters, some of which are frequent: each
 * has a code of four to ten bits (Huffman's). A name takes three fifths of its
 * bytes. One that has other bytes stays as it is, with a byte before it that no
 * coded one begins with. The same name is always the same bytes.
 */
#ifndef LEDGER_NAMES_H
#define LEDGER_NAMES_H

#include "base/str.h"

/* Returns how many bytes it takes: at most one more than the name has. out has
 * room for two more. */
size_t names_pack(struct str name, char *out);
/* Of what names_pack wrote. Returns how long the name is: at most `room`, which
 * is no less than it was. */
size_t names_unpack(struct str packed, char *out, size_t room);

#endif
