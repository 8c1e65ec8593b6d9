/* letter - the mail that an account's owner gets, as RFC 5322 text
 *
 * One for a suspension, one for its lift, one if it was a mistake. It says what
 * was stopped and what still works, why, until when, and what to do now. While
 * Outpost observes, the abuse desk gets one a day. Pure: text out.
 */
#ifndef NOTIFY_LETTER_H
#define NOTIFY_LETTER_H

#include "ledger/event.h"
#include "notify/settings.h"

enum { LETTER_SIZE = 16 * 1024 };

/* Is this an event whose owner is written to: a suspension that has an effect,
 * or its lift, its end or its undoing? */
bool letter_is_due(const struct event *e);

/* A plain address: nothing in it could end a header or an SMTP command. */
bool letter_is_address(struct str s);

/* The address to write to; false: none is known (the account is no address). */
bool letter_address(
    const struct notify_settings *s, const struct event *e, struct text *out);

/* The whole message with CRLF line ends. `to` is an address that
 * letter_address gave. */
void letter_write(const struct notify_settings *s, const struct event *e,
    const char *to, int64_t now, struct text *out);

#endif
