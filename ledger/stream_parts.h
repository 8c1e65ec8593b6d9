/* stream_parts - what the files of the stream share, and nobody else sees */
#ifndef LEDGER_STREAM_PARTS_H
#define LEDGER_STREAM_PARTS_H

#include "ledger/epoch.h"
#include "ledger/outbox.h"
#include "ledger/recent.h"
#include "ledger/stream.h"

enum { STREAM_ID = 48 };

struct stream {
	struct stream_options options;
	struct stream_hooks hooks;
	struct loop *loop;
	struct redis *writer, *reader;
	struct loop_timer *tick;
	struct outbox outbox;
	char node[17];
	char place[STREAM_ID]; /* the last entry read; "0" at first */
	char epoch[EPOCH];     /* of the Redis that place belongs to; "" */
	char asked_place[STREAM_ID]; /* when a check began */
	char end[STREAM_ID];	     /* of the stream, when first seen */
	bool is_place_saved;
	bool is_untold; /* on_lost was called, and not all is put back */
	bool is_reading, is_checking, is_checked;
	bool is_stale; /* what is being read began at a place of the past */
	bool is_empty, is_short; /* the stream; lacks what we have read */
	bool is_current;	 /* all that was there at the start was read */
	unsigned ticks;
	size_t in_flight;
	uint64_t written, read, skipped;
	struct recent seen;
};

#endif
