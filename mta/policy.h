/* policy - the questions Postfix asks a policy service, and the answers
 *
 * The policy delegation protocol of SMTPD_POLICY_README: a request is lines of
 * name=value ended by an empty line, an answer is action=... and an empty
 * line. Pure: the caller owns the bytes.
 *
 * Every value comes from outside. Postfix sends no newline in a value, but any
 * other byte may stand in sender, helo_name and the like.
 */
#ifndef MTA_POLICY_H
#define MTA_POLICY_H

#include "base/text.h"

enum policy_state {
	POLICY_OTHER, /* missing, or one that this Outpost doesn't know */
	POLICY_CONNECT,
	POLICY_HELO, /* HELO and EHLO */
	POLICY_MAIL,
	POLICY_RCPT,
	POLICY_DATA,
	POLICY_END_OF_MESSAGE,
	POLICY_VRFY,
	POLICY_ETRN
};

/* The views live as long as the bytes they were parsed from, and until their
 * parser is used again. What Postfix left out or sent empty ("not available")
 * is the empty view, or 0. */
struct policy_request {
	enum policy_state state; /* of protocol_state */
#define POLICY_TEXT(name) struct str name;
#define POLICY_NUMBER(name) uint64_t name;
#include "mta/policy.def"
#undef POLICY_TEXT
#undef POLICY_NUMBER
};

enum policy_parsed {
	POLICY_MORE,  /* no whole request yet: read on */
	POLICY_ASKED, /* *out is a request, *used its bytes; else undefined */
	POLICY_BROKEN /* malformed or over max_bytes: close the connection */
};

/* Lines at the begin or the end of a request, and their values, which are views
 * of these bytes. */
enum { POLICY_RUN_BYTES = 640, POLICY_RUN_FIELDS = 12 };
struct policy_run {
	size_t n; /* bytes; 0: none */
	uint64_t seen;
	struct str fields[POLICY_RUN_FIELDS];
	char bytes[POLICY_RUN_BYTES];
};

/* Where the search for a request's end goes on, so that a client that sends
 * byte by byte costs no more than another; and what the last requests began and
 * ended with, which in a session is mostly the same again. It stays where it
 * is. */
struct policy_parser {
	size_t searched;
	bool has_read;
	struct policy_run client, session;
};

/* Zeroed by hand it is so, too. */
static inline void
policy_parser_init(struct policy_parser *p)
{
	p->searched = p->client.n = p->session.n = 0;
	p->has_read = false;
}

/* Parse the first request of `bytes`: all that was received and not yet used,
 * from the same start until *used was dropped from it. Attributes that are not
 * known are skipped. Malformed: a line without '=' or name, a NUL byte, a
 * known attribute twice, a number that is none, a request= that isn't
 * smtpd_access_policy, an empty request. */
enum policy_parsed policy_parse(struct policy_parser *p, struct str bytes,
    size_t max_bytes, struct policy_request *out, size_t *used);

/* Longer actions are cut: with its own prefix Postfix still makes one line of
 * SMTP (512 bytes, RFC 5321 4.5.3.1.5) of it. */
enum { POLICY_ACTION_MAX = 400, POLICY_ANSWER_MAX = POLICY_ACTION_MAX + 16 };

/* Print the answer for an action of access(5) ("DUNNO", "REJECT 5.7.1 ...").
 * Control characters and invalid UTF-8 become '?', so nothing that stands in
 * an action can end it; an empty action is DUNNO. */
void policy_print_answer(struct text *out, struct str action);

#endif
