/* lookup_server - the socketmap socket
 *
 * A thin shell around mta/socketmap.h. What is wrong with a connection
 * (malformed, too slow, not reading) costs that connection only; of too many
 * the one that was silent for longest goes.
 */
#ifndef DAEMON_LOOKUP_SERVER_H
#define DAEMON_LOOKUP_SERVER_H

#include <sys/types.h>
#include "base/error.h"
#include "base/loop.h"
#include "base/text.h"

/* Writes the value; nothing: not found. It must not block. */
typedef void lookup_fn(
    void *ctx, struct str map, struct str key, struct text *value);

struct lookup_config {
	const char *listen; /* sock.h's forms */
	size_t max_connections;
	int64_t slow_us; /* to finish a question, to take an answer */
	int64_t idle_us;
	lookup_fn *find;
	/* Who else connects to a unix socket is sent away, and told of; NULL:
	 * everybody may. They stay the caller's. */
	const uid_t *askers;
	size_t n_askers;
	void (*refused)(void *ctx, uid_t uid);
	void *ctx;
};

struct lookup_counters {
	uint64_t answered, malformed, slow, evicted;
};

struct lookup_server;

/* NULL with an error. */
struct lookup_server *lookup_server_new(
    struct loop *l, const struct lookup_config *config, struct error *err);
void lookup_server_free(struct lookup_server **s);
/* Another time-out; true: it listens at this address, and goes on. */
bool lookup_server_goes_on(
    struct lookup_server *s, const struct lookup_config *config);
void lookup_server_counters(
    const struct lookup_server *s, struct lookup_counters *out);

#endif
