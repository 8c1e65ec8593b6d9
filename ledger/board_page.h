/* board_page - where a node's page of a subject stands in Redis, and how it
 * reads
 *
 * Subjects share hashes: each node has BOARD_PAGE_BUCKETS of them, and a
 * subject is in the bucket, and under the field, that its name's hash tells (64
 * bits; the same on every node). With a million subjects some sixteen share a
 * hash, which Redis then keeps as one packed list: a page costs little more
 * than its bytes, where a key of its own, its expiry and two long fields cost
 * 220 more.
 *
 * Since a hash belongs to one node, a node's pages go by themselves when it is
 * gone: it posts into every bucket now and then, which puts the expiry off.
 */
#ifndef LEDGER_BOARD_PAGE_H
#define LEDGER_BOARD_PAGE_H

#include "ledger/others.h"

enum {
	BOARD_PAGE_BITS = 16, /* of the hash choose the bucket */
	BOARD_PAGE_BUCKETS = 1 << BOARD_PAGE_BITS,
	BOARD_PAGE_FIELD = 6,
	BOARD_PAGE_KEY = 48,
	/* First byte of every value, low half. 4: sketches as the books' format
	 * 5 had them, ledger_take_seen_5; lower ones stand in hashes of their
	 * subject's own (KEYS_COUNTS). */
	BOARD_PAGE_FORMAT = 5,
	BOARD_PAGE_FORMAT_LONG = 4,
	BOARD_PAGE_FORMAT_OWN = 3,
	BOARD_PAGE_HEAD = 64, /* the most that stands before a record */
};

struct board_page_place {
	uint32_t bucket;
	char fields[2 * BOARD_PAGE_FIELD +
		    1]; /* see board_page_record, board_page_sketches */
};

void board_page_find(enum subject_kind kind, struct str key, int bits,
    struct board_page_place *out);
/* The fields of the record, and of the sketches. */
struct str board_page_record(const struct board_page_place *p);
struct str board_page_sketches(const struct board_page_place *p);
/* The key of a node's bucket; less than BOARD_PAGE_KEY bytes. */
void board_page_print_key(uint32_t bucket, struct str node, struct text *out);

struct board_page {
	struct others_version version;
	int64_t at; /* seconds: it was posted */
	int64_t recipients, messages;
	struct str record; /* see ledger_changed_fn */
};

/* out has room for the record and BOARD_PAGE_HEAD. */
void board_page_print(const struct board_page *p, struct text *out);
void board_page_print_sketches(
    struct others_version version, struct str sketches, struct text *out);
/* Of every format. The record is in `room`, which is emptied first and must
 * hold as much as value and BOARD_PAGE_HEAD. false: damaged or newer. */
bool board_page_take(
    struct str value, struct text *room, struct board_page *out);
bool board_page_take_sketches(struct str value, struct others_sketches *out);
/* The version alone, of either; steps over it. */
bool board_page_take_version(struct str *value, struct others_version *version);

#endif
