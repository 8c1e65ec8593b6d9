/* queue_message - one queued message, as outpost-queue is asked about it
 *
 * The same line stands in questions, in answers and in the file of what is
 * held:
 *
 *   INSTANCE ID RESULT FROM TO DUE SIZE ACCOUNT SENDER CLIENT ORIGIN
 *
 * RESULT is "ask" in a question; in the file "ask" until it is known to be on
 * hold, then "held". The message arrived
 * within FROM..TO (in answers and in the file the same second twice): queue ids
 * are used again, and a message is the one that is meant only if its sender and
 * its arrival agree. Texts have %XX for what is no visible ASCII, and for "%";
 * an empty one is "-". CLIENT is the address that handed it in ("-": none is
 * known, or it was submitted locally), ORIGIN what speaks against it; a line
 * without these two is an older one, of which nothing is told. Pure.
 */
#ifndef QUEUE_QUEUE_MESSAGE_H
#define QUEUE_QUEUE_MESSAGE_H

#include "base/ip.h"

enum queue_result {
#define RESULT(name, text, help) QUEUE_##name,
#include "queue/queue_results.def"
#undef RESULT
	QUEUE_RESULTS
};

/* What speaks against a message: see limits/evidence.h. */
enum queue_origin {
#define ORIGIN(name, text, help) QUEUE_ORIGIN_##name,
#include "queue/queue_origins.def"
#undef ORIGIN
	QUEUE_ORIGINS
};

const char *queue_origin_text(enum queue_origin o);
const char *queue_origin_help(enum queue_origin o);

const char *queue_result_text(enum queue_result r);
const char *queue_result_help(enum queue_result r);

enum {
	QUEUE_ID_MIN = 6,
	QUEUE_ID_MAX = 24,
	QUEUE_INSTANCE_MAX = 64,
	QUEUE_TEXT_MAX = 512, /* an account, a sender */
	QUEUE_LINE_MAX = 4096,
};

struct queue_message {
	struct str instance, id, account, sender;
	enum queue_result result;
	int64_t from, to; /* when it arrived, seconds */
	int64_t due;	  /* until when it may be held */
	int64_t size_bytes;
	struct ip client; /* none: not known */
	enum queue_origin origin;
};

/* "4jXD4k4KlLz1jQTk", "C3CD21F3E90"; never "ALL", which postsuper obeys. */
bool queue_id_is_good(struct str id);
/* A syslog_name: letters, digits, "-", "_", "."; no option. */
bool queue_instance_is_good(struct str name);

/* The line, without its newline. */
void queue_message_print(const struct queue_message *m, struct text *out);
/* Views of account and sender are in buf; false: it is no such line. */
bool queue_message_parse(
    struct str line, char buf[2 * QUEUE_TEXT_MAX], struct queue_message *out);

void queue_escape(struct text *out, struct str s);
/* At most cap bytes; false when it is none, or longer. */
bool queue_unescape(struct str s, char *buf, size_t cap, struct str *out);

/* The log shows addresses quoted, and "?" for what it can't print; so do the
 * tools, each in its own way. */
bool queue_sender_is(struct str a, struct str b);
/* Is this envelope sender the account's own, so that what it sent may go back
 * there? The account's name, "+extension" or not. Of an account that is no
 * address (a local user, a client) none is known to be. */
bool queue_sender_is_own(struct str account, struct str sender);

#endif
