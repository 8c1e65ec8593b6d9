/* line_text - one line of the made-up log, as Postfix would write it */
#ifndef SIM_LINE_TEXT_H
#define SIM_LINE_TEXT_H

#include "tests/sim/lines.h"

enum step {
	STEP_CONNECT,
	STEP_CLIENT,
	STEP_PICKUP,
	STEP_MESSAGE_ID,
	STEP_ACTIVE,
	STEP_DISCONNECT,
	STEP_LOST,
	STEP_MILTER,
	STEP_FAILED,
	STEP_TO_FILTER,
	STEP_REMOVED_FIRST,
	STEP_BACK_CLIENT,
	STEP_BACK_ID,
	STEP_BACK_ACTIVE,
	STEP_DEFERRED,
	STEP_AGAIN,
	STEP_DELIVERED,
	STEP_BOUNCE,
	STEP_BOUNCE_ID,
	STEP_BOUNCE_ACTIVE,
	STEP_BOUNCE_DELIVERED,
	STEP_BOUNCE_REMOVED,
	STEP_REMOVED,
};

struct line {
	int64_t at;
	uint32_t message;
	uint16_t step, recipient;
};

/* Into the buffer of gen_text.h, with its end. */
void line_write(
    const struct world *w, const struct lines_options *o, const struct line *l);

#endif
