/* socketmap - Postfix's socketmap_table(5): a question and its answer
 *
 * Netstrings: "12:senders a@b.c," asks, "9:OK out1:," answers. Pure.
 */
#ifndef MTA_SOCKETMAP_H
#define MTA_SOCKETMAP_H

#include "base/text.h"

enum { SOCKETMAP_ASK_MAX = 2048, SOCKETMAP_ANSWER_MAX = 1024 };

enum socketmap_parsed {
	SOCKETMAP_MORE, /* it isn't whole */
	SOCKETMAP_ASKED,
	SOCKETMAP_BROKEN
};

/* The first question of `in`: the map's name and the key, views into it, and
 * how many bytes it is. A key may hold anything, also nothing. */
enum socketmap_parsed socketmap_parse(
    struct str in, struct str *map, struct str *key, size_t *used);

/* value: empty: not found. Cut to what Postfix may be told. */
void socketmap_print(struct text *out, struct str value);

#endif
