/* sketch_dense - a sketch's registers, spelt out; for sketch*.c alone */
#ifndef LEDGER_SKETCH_DENSE_H
#define LEDGER_SKETCH_DENSE_H

#include "ledger/sketch.h"

enum { REGISTERS = 1024, BITS = 10, HOURS = 0, DAYS = 2, SLOTS = 4 };
enum { SKETCH_LISTED = 1024 };

/* Slots 0 and 1 are an even and an odd hour, 2 and 3 days. */
struct sketch_dense {
	uint32_t period[SLOTS]; /* which hour or day it holds */
	uint8_t rank[SLOTS][REGISTERS];
};

#endif
