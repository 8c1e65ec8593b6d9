/* app_refs - whose a hashed reference is, told from node to node
 *
 * A login too long for the reference goes as its keyed hash. Who writes such a
 * reference says once a day in Redis which account that is; who reads one asks
 * there. What Redis answers is checked with the hash's key.
 */
#ifndef DAEMON_APP_REFS_H
#define DAEMON_APP_REFS_H

#include "base/redis.h"
#include "base/setting.h"
#include "mta/ref.h"

struct app_refs;

/* The keys of the settings' files (ref_secrets); of `secret` (may be NULL) when
 * there are none. A file that can't be read is logged and left out: its
 * references name nobody. */
void app_refs_read(struct ref_keys *keys, const struct setting_list *files,
    const struct crypto_key *secret);

struct app_refs *app_refs_new(const struct ref_keys *keys);
void app_refs_free(struct app_refs **r);
/* The connection; NULL before and after it lives. */
void app_refs_connect(struct app_refs *r, struct redis *redis);

/* A chain_ref_fn: false, and the question is on its way, when not known yet. */
bool app_refs_find(void *ctx, const struct ref *ref, struct text *out);
/* A hashed reference was written for this account. */
void app_refs_tell(struct app_refs *r, struct str account, int64_t now);

#endif
