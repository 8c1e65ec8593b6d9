/* app_dmarc_spread - DMARC reports that came to one node are told to all
 *
 * Through a stream in Redis, which every node reads; a report that is known is
 * known (dmarc_book_add), so reading it all again does no harm. What came while
 * Redis was down waits in memory. Those of the last two weeks stay in the
 * stream: a node that was away longer has not all. Of what nobody vouches for
 * so much is told in a day as Redis has room for.
 */
#ifndef DAEMON_APP_DMARC_SPREAD_H
#define DAEMON_APP_DMARC_SPREAD_H

#include "base/loop.h"
#include "base/redis.h"
#include "domains/dmarc_book.h"

struct app_dmarc_spread;

struct app_dmarc_spread *app_dmarc_spread_new(struct dmarc_book *b);
/* What it asked Redis for is answered later, or when the connection goes. */
void app_dmarc_spread_free(struct app_dmarc_spread **s);
/* One that came here. */
void app_dmarc_spread_tell(struct app_dmarc_spread *s,
    const struct dmarc_report *r, struct str reporter, bool is_vouched);
/* Bytes that Redis is still to take. */
size_t app_dmarc_spread_waiting(const struct app_dmarc_spread *s);
/* Once a second. redis may be NULL; days: how many are kept. */
void app_dmarc_spread_tick(
    struct app_dmarc_spread *s, struct redis *redis, int64_t now, int64_t days);

#endif
