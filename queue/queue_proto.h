/* queue_proto - what outpost-queue is asked, and answers
 *
 * Lines of name=value, an empty line ends both. A question:
 *
 *   verb=release
 *   operator=alice         of whom asks on behalf of another; escaped
 *   reason=...             return and delete need one; escaped
 *   message=...            as queue_message.h; at most QUEUE_BATCH
 *
 * An answer, in the question's order; the last line is done or failed:
 *
 *   message=...            with RESULT
 *   text=...               headers: a line of them, escaped
 *   done=N | failed=SENTENCE
 *
 * A name that isn't known, or stands twice, is an error: a program that runs as
 * root doesn't guess. Pure.
 */
#ifndef QUEUE_QUEUE_PROTO_H
#define QUEUE_QUEUE_PROTO_H

#include "base/error.h"
#include "queue/queue_message.h"

enum queue_verb {
#define VERB(name, text, rights, help) QUEUE_VERB_##name,
#include "queue/queue_verbs.def"
#undef VERB
	QUEUE_VERBS
};

/* Who may: LOOK and HOLDS also outpostd's user, ORDER only people. */
enum queue_rights { QUEUE_NOTHING, QUEUE_LOOK, QUEUE_HOLDS, QUEUE_ORDERS };

const char *queue_verb_text(enum queue_verb v);
enum queue_rights queue_verb_rights(enum queue_verb v);
bool queue_verb_needs_reason(enum queue_verb v);
bool queue_verb_parse(struct str s, enum queue_verb *out);

enum {
	QUEUE_BATCH = 500,
	QUEUE_REASON_MAX = 256,
	QUEUE_REQUEST_MAX = 1024 * 1024, /* bytes */
	QUEUE_ANSWER_MAX = 32 * 1024 * 1024,
};

struct queue_request {
	enum queue_verb verb;
	struct str operator, reason;
	struct queue_message messages[QUEUE_BATCH];
	size_t n;
	char words[QUEUE_TEXT_MAX + QUEUE_REASON_MAX];
	char texts[QUEUE_BATCH][2 * QUEUE_TEXT_MAX]; /* behind the views */
};

/* Is the question there, its empty line included? */
bool queue_request_is_whole(struct str bytes);
/* Views are into the bytes and into out. */
bool queue_request_parse(
    struct str bytes, struct queue_request *out, struct error *err);
void queue_request_print(const struct queue_request *q, struct text *out);

/* Answers, line by line. */
enum queue_line {
	QUEUE_LINE_MESSAGE,
	QUEUE_LINE_TEXT,
	QUEUE_LINE_DONE,
	QUEUE_LINE_FAILED,
	QUEUE_LINE_BAD,
};
struct queue_answer {
	struct queue_message message;
	struct str text; /* of TEXT and FAILED */
	int64_t done;
	char buf[2 * QUEUE_TEXT_MAX];
};
enum queue_line queue_answer_parse(struct str line, struct queue_answer *out);
void queue_answer_message(struct text *out, const struct queue_message *m);
void queue_answer_text(struct text *out, struct str line);
void queue_answer_done(struct text *out, size_t n);
void queue_answer_failed(struct text *out, struct str sentence);

#endif
