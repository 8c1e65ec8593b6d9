/* app_msgids - whose message a Message-ID or a queue id is, kept in Redis
 * (fbl/msgids.h)
 *
 * Told with each message, from the log; asked for by complaints that bring back
 * no reference. While Redis is down nothing is told, and what was sent
 * meanwhile is later not known: the reference doesn't need it.
 */
#ifndef DAEMON_APP_MSGIDS_H
#define DAEMON_APP_MSGIDS_H

#include "base/crypto.h"
#include "base/redis.h"
#include "base/text.h"

struct app_msgids;

struct app_msgids *app_msgids_new(const struct crypto_key *secret);
/* After the connection went: what is under way must be answered first. */
void app_msgids_free(struct app_msgids **m);
/* The connection; NULL before and after it lives. */
void app_msgids_connect(struct app_msgids *m, struct redis *redis);

/* A chain_message_fn, but for the first two. kept: seconds; 0 tells nothing. */
void app_msgids_tell(struct app_msgids *m, int64_t kept, struct str account,
    struct str message_id, int64_t at);

/* The same of its queue id; host: as syslog has it. */
void app_msgids_tell_queue(struct app_msgids *m, int64_t kept,
    struct str account, struct str host, struct str queue_id, int64_t at);

/* Whose? at: when about it was sent; TIME_NEVER: not told. True when it wrote
 * the account. false: nobody's; or, with *is_later set, the question is on its
 * way: ask again in a moment. */
bool app_msgids_find(struct app_msgids *m, int64_t kept, struct str message_id,
    int64_t at, int64_t now, struct text *account, bool *is_later);
/* The same; host, at: as Received has them. TIME_NEVER: nobody's. */
bool app_msgids_find_queue(struct app_msgids *m, int64_t kept, struct str host,
    struct str queue_id, int64_t at, int64_t now, struct text *account,
    bool *is_later);

#endif
