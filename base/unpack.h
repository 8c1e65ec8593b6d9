/* unpack - what is in a gzip or zip archive (zlib, libzip), bounded
 *
 * In pieces, so that nobody holds what an attacker made grow a thousandfold.
 * One level: what is in it is not looked into again.
 */
#ifndef BASE_UNPACK_H
#define BASE_UNPACK_H

#include "base/error.h"
#include "base/str.h"

enum { UNPACK_FILES = 100 }; /* of a zip archive; one with more is refused */

/* The next bytes; false: no more are wanted. */
typedef bool unpack_fn(void *ctx, struct str bytes);
/* By what the bytes begin with; what is neither comes as it is. Of a zip
 * archive its first file. 0: all came, or no more were wanted; -1: broken, or
 * more than max came out. */
int unpack(struct str bytes, size_t max, unpack_fn *each, void *ctx,
    struct error *err);

#endif
