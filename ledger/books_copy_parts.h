/* books_copy_parts - what books_copy.c and books_import.c share */
#ifndef LEDGER_BOOKS_COPY_PARTS_H
#define LEDGER_BOOKS_COPY_PARTS_H

#include "ledger/pack.h"

/* Of the lines so far, and one more (without its newline). */
static inline uint64_t
books_copy_sum(uint64_t sum, struct str line)
{
	return (sum ^ pack_checksum(line)) * 0x9e3779b97f4a7c15u;
}

#endif
