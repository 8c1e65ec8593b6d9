/* redis_process - starts a redis-server on a directory, or finds the one there
 *
 * Never two on one directory: the server inherits the descriptor of a locked
 * file and holds the lock by that as long as it lives, outpostd or not. Who
 * answers on its socket is taken for it, whoever started it.
 */
#ifndef DAEMON_REDIS_PROCESS_H
#define DAEMON_REDIS_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"

enum redis_found { REDIS_STARTED = 1, REDIS_ADOPTED = 2 };

/* Makes the directory (its parent exists), writes redis.conf, starts `program`
 * on it. Returns an enum redis_found with *pid, and a pidfd of it that the
 * caller closes; or -1. The server's own words go to redis.log. */
int redis_process_start(const char *program, const char *dir, pid_t *pid,
    int *pidfd, struct error *err);

/* The last line of redis.log, printable; empty when there is none. */
void redis_process_last_words(const char *dir, struct text *t);

/* For a server that ended as soon as it was started: if its last words are
 * that it can't read its own files, these are set aside (appendonlydir.damaged
 * takes the place of what was set aside before; redis-check-aof may look at
 * it), for nothing is in them that the nodes don't post again. false: it's not
 * that. */
bool redis_process_set_aside(const char *dir);

#endif
