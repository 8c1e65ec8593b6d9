/* directory - how to reach the owner of an account
 *
 * First the patterns of the settings (owners), then one source that knows more:
 * a Redis hash, a command, or an HTTP address. It is asked a few at a time,
 * each with a time limit, and what it said is kept for a while; an answer that
 * failed or is broken is not. Who asks for the same account waits for the same
 * answer.
 */
#ifndef NOTIFY_DIRECTORY_H
#define NOTIFY_DIRECTORY_H

#include "base/loop.h"
#include "base/redis.h"
#include "notify/owner.h"
#include "notify/settings.h"

enum { DIRECTORY_WAITING = 1000, DIRECTORY_ANSWER = 64 * 1024 };

enum directory_outcome {
	DIRECTORY_KNOWN,
	DIRECTORY_UNKNOWN, /* there is a directory, and it knows no such account
			    */
	DIRECTORY_FAILED,  /* try later; *why */
};

/* The entry is a view; never NULL, of KNOWN and UNKNOWN with what the patterns
 * say. */
typedef void directory_fn(void *ctx, enum directory_outcome outcome,
    const struct owner_entry *e, const char *why);

/* Runs a command: argv (NULL-terminated) ends with the account. Its output
 * comes once, by done, never before run returns; error NULL: it ended well. */
typedef void directory_ran_fn(void *ctx, struct str output, const char *error);
typedef void directory_run_fn(void *run_ctx, const char *const *argv,
    int timeout_s, directory_ran_fn *done, void *ctx);

struct directory;
struct directory_question;

/* on_change is told what to log: that the source began to fail, with why, and
 * (why NULL) that it answers again. redis may be NULL; used by
 * directory_redis_key without an address of its own. */
typedef void directory_change_fn(void *ctx, const char *why);
struct directory *directory_new(struct loop *l, const struct notify_settings *s,
    struct redis *redis, directory_run_fn *run, void *run_ctx,
    directory_change_fn *on_change, void *ctx);
/* Questions that wait are answered: failed. */
/* What it answered about an account is asked again. */
void directory_forget(struct directory *d, struct str account);
void directory_free(struct directory **d);
/* A reload: what was kept is forgotten when the directory is another one. */
void directory_set(struct directory *d, const struct notify_settings *s);

/* The answer comes exactly once, never before this returns. */
struct directory_question *directory_ask(
    struct directory *d, struct str account, directory_fn *done, void *ctx);
/* No answer comes any more. */
void directory_cancel(struct directory_question *q);

/* What is kept, without asking; NULL: nothing is. */
const struct owner_entry *directory_cached(
    struct directory *d, struct str account);
/* Asks in order to have it kept, when there is room. */
void directory_want(struct directory *d, struct str account);
/* Is there a source that may know more than the patterns? */
bool directory_has_source(const struct directory *d);

#endif
