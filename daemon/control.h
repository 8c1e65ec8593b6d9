/* control - the protocol between the outpost command and outpostd
 *
 * One connection, one question: a line of JSON
 *   {"command":"suspend","args":["alice@example.com"],
 *    "options":{"for":"1h","reason":"..."},"json":false,"width":100}
 * and one line back
 *   {"exit":0,"out":"...","err":"..."}
 * out and err are what the command prints; "last" is there for events --follow,
 * which asks again with it, and for pages (desk_page.h). Pure: bytes in, text
 * out.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "base/error.h"
#include "base/json.h"
#include "daemon/command.h"

enum {
	CONTROL_REQUEST = 64 * 1024,	  /* longest line in */
	CONTROL_REPLY = 32 * 1024 * 1024, /* longest text out */
	CONTROL_ARGS = 64,
};

struct control_request {
	enum command_id command;
	struct str args[CONTROL_ARGS];
	size_t n_args;
	const struct json *options;
	bool is_json; /* print for a program */
	int64_t width;
	const char *user; /* who asks, from the socket's peer */
	bool may_change;
};

struct control_reply {
	struct text out, err; /* growing */
	char last[96];	      /* events --follow, pages: where to go on */
	enum exit_status exit;
	bool is_order; /* something was changed: it must outlive a crash */
};

/* false with what is wrong with it; *doc (json_free) keeps the views alive. */
bool control_parse(struct str line, struct control_request *q,
    struct json **doc, struct error *err);
/* An option's text; empty when absent. */
struct str control_option(const struct control_request *q, const char *name);
bool control_has(const struct control_request *q, const char *name);

void control_reply_init(struct control_reply *r);
void control_reply_done(struct control_reply *r);
/* Fails the reply with a sentence; returns false. */
bool control_fail(struct control_reply *r, enum exit_status exit,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The line back, newline included. */
void control_print(const struct control_reply *r, struct text *line);

#endif
