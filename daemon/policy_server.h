/* policy_server - Postfix's policy connections: accept, parse, ask, answer
 *
 * A thin shell around mta/policy.h. Answers come from memory, so a request is
 * read, answered and written in one turn of the loop, unless it has to wait.
 * Whatever is wrong with a connection (malformed, too long, too slow, not
 * reading) costs that connection only: it is closed without an answer, and
 * Postfix goes on with its default_action.
 */
#ifndef DAEMON_POLICY_SERVER_H
#define DAEMON_POLICY_SERVER_H

#include <sys/types.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/metric.h"
#include "mta/policy.h"

/* Writes the action of access(5) for a request: "DUNNO", "REJECT 5.7.1 ...".
 * Nothing written is DUNNO. Called once per request, never for a malformed
 * one; it must not block, and must not free the server. */
typedef void policy_answer_fn(
    void *ctx, const struct policy_request *request, struct text *action);

/* Asked before a request is answered: true when its answer must wait; done is
 * called once then, later, and the request is answered at once. */
typedef bool policy_wait_fn(void *ctx, const struct policy_request *request,
    loop_fn *done, void *done_ctx);

/* It is answered soon, unless it has to wait: told of a few before the first of
 * them is answered, so that what they need can be fetched meanwhile. */
typedef void policy_expect_fn(void *ctx, const struct policy_request *request);

/* Asked before connections are accepted, and some times a second; while it is
 * false none are. */
typedef bool policy_duty_fn(void *ctx);

/* Each may be NULL. */
struct policy_metrics {
	struct metric *requests;
	struct metric *connections; /* accepted, counter */
	struct metric *open;	    /* gauge */
	struct metric *malformed;   /* closed: malformed or too long */
	struct metric *slow;	/* closed: request or answer took too long */
	struct metric *evicted; /* closed: too many, silent for longest */
	struct metric *refused; /* closed: not one of the askers */
};

/* Told of a local user who isn't one of the askers and was sent away. */
typedef void policy_refused_fn(void *ctx, uid_t uid);

struct policy_config {
	size_t max_connections; /* over it, the longest silent one goes */
	size_t max_request_bytes;
	/* An idle one must outlive smtpd_policy_service_max_idle (300 s): a
	 * connection closed under Postfix is a request unseen. */
	int64_t idle_us;
	int64_t slow_us; /* to finish a request once begun, to take an answer */
	policy_answer_fn *answer;
	void *ctx;
	policy_wait_fn *wait;	  /* NULL: never; with ctx */
	policy_expect_fn *expect; /* NULL: nobody wants to know; with ctx */
	policy_duty_fn *duty;	  /* NULL: always on duty */
	void *duty_ctx;
	/* Who may ask through unix sockets, so that no local user can speak for
	 * an account; NULL: everybody. Not copied. */
	const uid_t *askers;
	size_t n_askers;
	policy_refused_fn *refused; /* may be NULL; with ctx */
	struct policy_metrics metrics;
};

struct policy_server;

/* The config is copied. */
struct policy_server *policy_server_new(
    struct loop *loop, const struct policy_config *config);
/* Closes everything; a unix socket's path stays, for systemd or the next. */
void policy_server_free(struct policy_server **s);

/* Serve one more address (base/sock.h's forms); -1 with an error. */
int policy_server_listen(struct policy_server *s, const char *address,
    unsigned mode, struct error *err);
/* Serve a listener made elsewhere (inherited); the server closes it. */
void policy_server_adopt(struct policy_server *s, int listener);

/* New limits and answers from a reload; open connections are kept, also those
 * over a lower maximum until they end. max_request_bytes stays as it was. */
void policy_server_configure(
    struct policy_server *s, const struct policy_config *config);

#endif
