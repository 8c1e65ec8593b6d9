/* case_lines - which lines of a log belong to a case
 *
 * Those of the messages that are given, of the messages that the account
 * submitted, and of those that they became (content filters); some of each
 * message, for one may have thousands of recipients. Pure.
 */
#ifndef DAEMON_CASE_LINES_H
#define DAEMON_CASE_LINES_H

#include "base/text.h"

enum {
	CASE_LINES_IDS = 48,
	CASE_LINES_EACH = 10, /* lines of one message */
	CASE_LINES_ID = 24,
};

struct case_lines {
	const char *account;
	struct {
		char id[CASE_LINES_ID];
		unsigned n;
	} ids[CASE_LINES_IDS];
	size_t n_ids;
	struct text out; /* the caller's: lines, each with its newline */
};

void case_lines_add_id(struct case_lines *l, struct str id);
/* Appends the line if it belongs to the case; a log_ring_fn. Lines come in
 * their order. */
void case_lines_look(void *case_lines, struct str line);

#endif
