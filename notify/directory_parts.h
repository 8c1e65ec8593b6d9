/* directory_parts - what the files of directory.h share */
#ifndef NOTIFY_DIRECTORY_PARTS_H
#define NOTIFY_DIRECTORY_PARTS_H

#include "notify/directory.h"

/* The first of the settings' owners whose patterns match; false: none does. */
bool owners_find(const struct notify_settings *s, struct str account,
    struct owner_entry *out);

/* One of the sources; NULL: none is configured. */
struct directory_source;
struct directory_asking;
struct directory_source *directory_source_new(struct loop *l,
    const struct notify_settings *s, struct redis *redis, directory_run_fn *run,
    void *run_ctx);
void directory_source_free(struct directory_source **src);
/* Is it the one of these settings? (NULL: is it none?) Then they may be set. */
bool directory_source_is(
    const struct directory_source *src, const struct notify_settings *s);
void directory_source_set(
    struct directory_source *src, const struct notify_settings *s);

/* why NULL: e is what is known, the patterns' included. Never before the ask
 * returns; cancelled: not at all. The asking is gone then. */
typedef void directory_told_fn(
    void *ctx, bool is_known, const struct owner_entry *e, const char *why);
struct directory_asking *directory_source_ask(struct directory_source *src,
    struct str account, const struct owner_entry *e, directory_told_fn *told,
    void *ctx);
void directory_source_cancel(struct directory_asking **q);

#endif
