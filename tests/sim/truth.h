/* truth - what week wrote beside its log, and when each account was stopped */
#ifndef SIM_TRUTH_H
#define SIM_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct truth_message {
	int64_t at; /* milliseconds since 1970 */
	uint32_t recipients;
	bool is_thief;
};

struct truth_account {
	char name[64], kind[24], attack[24]; /* attack empty: innocent */
	int64_t attack_at;
	struct truth_message *messages; /* in time order */
	size_t n, max;
	/* Verdicts on the judged days; 0: none. A hijacked account's count
	 * from its attack on, what came before is the owner's. */
	int64_t held, suspended, owner_held, owner_suspended;
	/* The owner's: how often and how long in one go, and until when as far
	 * as is known now. */
	unsigned throttles;
	int64_t held_longest, held_since, held_until;
};

struct truth {
	struct truth_account *accounts; /* sorted by name */
	size_t n, max;
	int64_t begins; /* of the first message on a judged day */
};

/* Prints what is wrong, with its line, and exits with 2. */
void truth_read(struct truth *t, const char *path);
/* The lines of `outpost replay --json`, in time order. */
void truth_verdicts(struct truth *t, const char *path);
void truth_free(struct truth *t);

/* When a fixed limit of so many recipients in a window would have stopped the
 * account; 0: never. */
int64_t truth_limit(
    const struct truth_account *a, uint32_t recipients, int64_t window_ms);
/* Recipients of the thief up to that moment (0: all), and all of his. */
uint64_t truth_leaked(const struct truth_account *a, int64_t stopped);

#endif
