/* epoch - which Redis is this?
 *
 * A random value that the first node writes (SET NX). Another value than before
 * means that Redis lost its data, or that it is another one.
 */
#ifndef LEDGER_EPOCH_H
#define LEDGER_EPOCH_H

#include "base/redis.h"

enum { EPOCH = 33 }; /* hex digits and a NUL */

/* on_epoch gets the value as a string, or something else when there is none.
 */
void epoch_ask(struct redis *r, redis_reply_fn *on_epoch, void *ctx);
/* Fresh hex digits. */
void epoch_draw(char out[EPOCH]);

#endif
