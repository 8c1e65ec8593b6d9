/* gen_steps - what a made-up message writes into the log, line by line */
#ifndef BENCH_GEN_STEPS_H
#define BENCH_GEN_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEPS_TRIES_MAX = 3, STEPS_INODES_MAX = 1 << 20 };

enum kind { SUBMISSION, INBOUND, LOCAL, LOGIN_FAILED, REJECTED, IMAP };

struct account {
	char name[64], login[64], client[128];
	uint64_t messages, recipients, delivered, deferred, bounced;
};

struct message {
	enum kind kind;
	unsigned step, attempt, nrcpt, at, pid;
	uint64_t key;
	struct account *account;
	int64_t arrival, due;
	uint32_t inode, child, usec;
	bool bounced, deferred;
};

/* What the lines are made of, and when they are written. */
struct steps {
	struct account *accounts, *locals[2];
	size_t n_accounts;
	double now;
	uint32_t inodes[STEPS_INODES_MAX];
	size_t free_inodes;
};

extern struct steps steps;

void steps_init(void);
uint32_t steps_take_inode(void);

/* Writes the message's next line, or none. False when it has no more (then
 * it is over, or deferred). */
bool steps_next(struct message *m);

/* Makes a deferred message begin its next attempt. */
void steps_retry(struct message *m);

#endif
