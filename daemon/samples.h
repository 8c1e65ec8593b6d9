/* samples - the last messages of each account, for `outpost show`
 *
 * Of those that sent last, and for longer of those that were stopped: bounded
 * in number, gone with the process. Pure.
 */
#ifndef DAEMON_SAMPLES_H
#define DAEMON_SAMPLES_H

#include "ledger/fact.h"

enum {
	SAMPLES = 6,
	SAMPLE_NAMED = 3, /* recipients whose addresses are kept */
	SAMPLE_ADDRESS = 96,
};

struct sample {
	int64_t at;
	struct ip client;
	uint64_t size_bytes;
	uint32_t recipients, tried, n_named;
	char instance[48], queue_id[24];
	char sender[SAMPLE_ADDRESS];
	char named[SAMPLE_NAMED][SAMPLE_ADDRESS];
};

struct samples;

/* max: accounts; as many stopped ones besides. */
struct samples *samples_new(size_t max);
void samples_free(struct samples **s);

void samples_fact(struct samples *s, const struct fact *f);
/* It was stopped: what is known of it stays until there are too many such. */
void samples_keep(struct samples *s, struct str account);
/* Nothing is known of it any more. */
void samples_forget(struct samples *s, struct str account);
/* Oldest first. */
size_t samples_list(const struct samples *s, struct str account,
    const struct sample *out[SAMPLES]);

#endif
