/* policy_parts - inside the policy server: its connections and their turn
 *
 * Only policy_server.c and policy_turn.c include this. What is ready in one
 * turn of the loop is first read, then answered, then sent: each of the three
 * stays in the cache, and whoever asks is woken once for many answers.
 */
#ifndef DAEMON_POLICY_PARTS_H
#define DAEMON_POLICY_PARTS_H

#include "daemon/policy_server.h"

enum {
	POLICY_OUT = 4096, /* answers that wait for a client to read */
	POLICY_TURN = 64,  /* connections that are read before answering */
	POLICY_AHEAD = 16, /* of these, parsed before answering */
	POLICY_TURN_IN = 65536,
	POLICY_TURN_OUT = 4 * POLICY_OUT,
	POLICY_FRESH = 128,
};

struct policy_conn {
	struct policy_server *server;
	struct policy_conn *older, *newer; /* by since_us */
	struct loop_watch *watch;	   /* NULL: fresh */
	int fd;
	int64_t since_us; /* the last answer, or what is unfinished began */
	struct policy_conn *next; /* in the turn */
	struct str arrived;	  /* all that is not answered, in either `in` */
	size_t from, n; /* the turn's answers, in the server's `out` */
	struct policy_waiting *waiting;	       /* its first request is */
	bool has_waited;		       /* and needs to no more */
	bool is_in_turn, is_over, is_answered; /* is_answered: ever */
	size_t fresh_at;
	size_t have; /* bytes in `in`: the begin of a request */
	size_t owed; /* bytes in `out`: answers that were not taken */
	struct policy_parser parser;
	char out[POLICY_OUT];
	char in[];
};

struct policy_listener;

/* The first request of a connection in the turn, before its time. */
struct policy_ahead {
	struct policy_request request;
	enum policy_parsed got;
	size_t used;
};

struct policy_server {
	struct loop *loop;
	struct policy_config config;
	struct policy_listener *listeners;
	struct loop_timer *tick;
	struct policy_conn *oldest, *newest;
	size_t n_conns;
	struct policy_conn *spare; /* linked by newer */
	size_t n_spare;
	/* Just accepted. With its answer most of Postfix's connections are
	 * over: they are not watched, but looked at a moment later. */
	struct policy_conn *fresh[POLICY_FRESH];
	size_t n_fresh;
	struct loop_timer *fresh_end;
	bool is_fresh_timed;
	/* The turn: who has asked. A connection's own buffers are for what is
	 * left over. */
	struct policy_conn *first, *last;
	struct loop_timer *turn_end;
	size_t n_turn, n_in, n_out;
	struct policy_waiting *unused;		 /* or NULL */
	struct policy_ahead ahead[POLICY_AHEAD]; /* of who is answered next */
	char out[POLICY_TURN_OUT];
	char *in; /* POLICY_TURN_IN, and one request more */
};

void policy_turn_init(struct policy_server *s);
void policy_turn_done(struct policy_server *s);

/* A fresh one. */
struct policy_conn *policy_conn_add(struct policy_server *s, int fd);
/* It is not in the turn. */
void policy_conn_drop(struct policy_conn *c);
/* It is ready: reads what there is and puts it into the turn, or sends what is
 * owed. false: it is to be dropped. It is not in the turn; others may be
 * dropped, if they are. */
bool policy_conn_serve(struct policy_conn *c);
/* It is fresh no more: from now on it is served when it is ready. */
void policy_conn_watch(struct policy_conn *c);

/* Answers all that are in the turn, and drops those that are over. By itself at
 * the end of the loop's turn. */
void policy_turn_run(struct policy_server *s);

#endif
