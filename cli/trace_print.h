/* trace_print - a message's story for a person or a program
 *
 * All that comes from the log is made printable: it is foreign bytes.
 */
#ifndef CLI_TRACE_PRINT_H
#define CLI_TRACE_PRINT_H

#include "base/json.h"
#include "mta/story.h"

struct trace_shape {
	size_t width;	  /* of a line; 0: nothing is folded */
	size_t lines_max; /* of each story; beyond, they are only counted */
};

/* "alice@example.com sent it from 192.0.2.7 at ..., 3 recipients: ...": one
 * sentence, without a line feed. */
void trace_print_summary(const struct story *story, struct text *out);
void trace_print(
    const struct story *story, const struct trace_shape *s, struct text *out);
/* trace_json.c: an object. */
void trace_print_json(
    const struct story *story, const struct trace_shape *s, struct json_out *j);

#endif
