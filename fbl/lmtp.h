/* lmtp - the server's side of LMTP, by which Postfix delivers reports
 *
 * RFC 2033 with the commands of RFC 5321: bytes of the client in, answers out,
 * and a whole message to whoever keeps it. A message is acknowledged for each
 * of its recipients with one answer, when that is known. Pure; all that a
 * client can make grow is bounded.
 */
#ifndef FBL_LMTP_H
#define FBL_LMTP_H

#include "base/text.h"

enum { LMTP_LINE = 2048, LMTP_RECIPIENTS = 100, LMTP_ERRORS = 20 };

struct lmtp {
	enum {
		LMTP_NEW, /* nobody said LHLO yet */
		LMTP_IDLE,
		LMTP_MAIL,
		LMTP_RCPT,
		LMTP_DATA,
		LMTP_ASKED, /* a message waits for lmtp_answer */
		LMTP_OVER,
	} state;
	enum { AT_BEGIN, AT_TEXT, AT_CR, AT_DOT, AT_DOT_CR } at; /* in DATA */
	size_t max_bytes;
	struct text line; /* a command so far */
	struct text data; /* the message, dots taken away, CRLF kept */
	size_t recipients;
	unsigned errors;
};

/* Greets. The host's name is for the greeting; a longer message than max_bytes
 * is refused (552). */
void lmtp_init(
    struct lmtp *l, struct str host, size_t max_bytes, struct text *out);
void lmtp_done(struct lmtp *l);

/* Takes bytes from the front of *in as far as it can, and appends answers.
 * LMTP_MORE: all were taken. LMTP_TAKEN: l->data is a message; nothing more is
 * taken before lmtp_answer. LMTP_CLOSE: answer, and close. */
enum lmtp_turn { LMTP_MORE, LMTP_TAKEN, LMTP_CLOSE };
enum lmtp_turn lmtp_feed(struct lmtp *l, struct str *in, struct text *out);

/* The message's fate ("250 2.0.0 taken"), for each recipient. */
void lmtp_answer(struct lmtp *l, const char *reply, struct text *out);

#endif
