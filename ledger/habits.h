/* habits - how an account's messages usually are: to how many at once, under
 * which domains, how large
 *
 * - Wide: a message to more than twice as many as any of the days before.
 *   A record day is forgotten by and by (1/64 a day).
 * - Disguised: its envelope sender is of a domain that is neither the
 *   account's nor one that it used before. The last HABITS_SENDERS foreign
 *   domains are remembered.
 * - Alike: one of several that are as large as each other (1/16), or have the
 *   same subject where the log has it; what is different in between takes off
 *   again (Misra and Gries: who is more than a quarter of all is found out).
 *
 * Nothing is wide or disguised before the account is known for a day at least
 * (until then it is learnt), nor what was used for the first time so lately:
 * days begin at midnight UTC, and the second one counts. 52 bytes an account,
 * packed about 9.
 */
#ifndef LEDGER_HABITS_H
#define LEDGER_HABITS_H

#include "ledger/bits.h"

enum {
	HABITS_SENDERS = 3,
	HABITS_SHAPES = 3,
	HABITS_WIDE = 5,  /* to fewer isn't wide */
	HABITS_ALIKE = 4, /* so many are alike: the fourth is the first */
	HABITS_AFTER = 2, /* days, begun ones */
	HABITS_DAYS = 90, /* a domain that was silent for so long is gone */
};

struct habits {
	uint16_t since, today;	       /* days since RECORD_EPOCH; 0: never */
	uint16_t widest, widest_today; /* before today; today */
	uint16_t sizes[HABITS_SHAPES]; /* in 32 bytes */
	uint8_t sizes_n[HABITS_SHAPES], subjects_n[HABITS_SHAPES];
	uint32_t subjects[HABITS_SHAPES];
	struct {
		uint32_t domain; /* its hash; 0: none */
		uint16_t first, last;
	} senders[HABITS_SENDERS];
	bool is_unsaved; /* something that must survive changed */
};

struct habits_message {
	int64_t at;
	uint32_t recipients;
	uint64_t size_bytes;
	uint32_t subject; /* a hash; 0: not known */
	uint32_t domain;  /* a hash; 0: the sender is its own, or nobody */
};

/* A message is sent. Tells what is unusual of it: bits. */
enum { HABITS_IS_WIDE = 1, HABITS_IS_DISGUISED = 2, HABITS_IS_ALIKE = 4 };
unsigned habits_meet(struct habits *h, const struct habits_message *m);
/* Another node's habits: is that usual there? Then its bits. */
unsigned habits_usual(const struct habits *h, const struct habits_message *m);

void habits_pack(const struct habits *h, struct text *out);
/* Replaces h; takes all. False, and h empty, when damaged. */
bool habits_unpack(struct habits *h, struct str packed);
/* The same, of habits that began, in two thirds of the bytes. */
void habits_pack_small(const struct habits *h, struct bits_out *out);
bool habits_take_small(struct habits *h, struct bits_in *in);

#endif
