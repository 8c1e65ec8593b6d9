/* postfix - what a Postfix log line says
 *
 * Postfix 2.x to 3.12. Each line is parsed in the order in which Postfix
 * writes it, anchored at what Postfix itself wrote: text that a client, a
 * remote server or a message put into it (HELO, addresses, Message-ID,
 * replies) makes no field. Where such text leaves two readings, the fields in
 * doubt are left out; see postfix_parse.
 */
#ifndef MTA_POSTFIX_H
#define MTA_POSTFIX_H

#include "mta/logline.h"

enum line_kind {
#define KIND(name, text, help) LINE_##name,
#include "mta/lines.def"
#undef KIND
	LINE_KINDS
};

enum line_status {
	LINE_STATUS_NONE, /* no delivery line, or its status is in doubt */
#define STATUS(name, text) LINE_##name,
#include "mta/lines.def"
#undef STATUS
	LINE_STATUSES
};

enum line_field {
#define FIELD(name, text, type) FIELD_##name,
#include "mta/lines.def"
#undef FIELD
	LINE_FIELDS
};

enum line_field_type { FIELD_IS_TEXT, FIELD_IS_NUMBER, FIELD_IS_DECIMAL };

/* Read fields by line_get and line_has: a field not in `has` is undefined. */
struct postfix_line {
	enum line_kind kind;
	enum line_status status;
	uint32_t repeats;    /* 1; n for syslog's "message repeated n times" */
	uint64_t has;	     /* bit per field */
	struct str queue_id; /* empty: none, or NOQUEUE */
	struct str field[LINE_FIELDS];
};

static inline bool
line_has(const struct postfix_line *l, enum line_field f)
{
	return (l->has >> f & 1) != 0;
}

/* The empty view when the line doesn't have it. */
static inline struct str
line_get(const struct postfix_line *l, enum line_field f)
{
	return line_has(l, f) ? l->field[f] : (struct str){"", 0};
}

/* 0 when absent or too large. */
uint64_t line_number(const struct postfix_line *l, enum line_field f);

/* Says what the line says; *out holds views into it. Never fails: what isn't
 * understood is LINE_OTHER, what isn't Postfix's is LINE_FOREIGN. Known to be
 * Postfix's: a tag with a "/" that ends in the name of one of its programs.
 *
 * Notes on fields:
 * - Addresses and the Message-ID come without their <>, else as written.
 * - relay_address is only set when relay= has the form NAME[IP]; a relay
 *   without one ("local", "none", "dovecot") has relay_name alone, a unix
 *   socket relay_path. The null address is a field that is present and empty.
 * - queued_as is what a reply "Ok: queued as ID" says, in Postfix's own and
 *   amavis' words. A remote server can say so too: only relay_address tells
 *   whether it was one of ours.
 * - orig_queue_id and orig_client are only logged for clients that may use
 *   XFORWARD.
 * - sasl_username of login_failed is whatever the client claims.
 * - A delivery line that can be read in two ways (the recipient's address or
 *   the reply imitate the rest of it) keeps queue_id and to, has no status
 *   and no relay. A reject line whose tail can be read in two ways has no
 *   from, to, proto, helo and sasl_*.
 * - client_* of a check line stand behind the header's text, which is the
 *   sender's: show them, don't trust them.
 */
void postfix_parse(const struct logline *in, struct postfix_line *out);

/* Seen at a glance, for half of all lines: a connection that comes or goes, is
 * encrypted, or a Message-ID. No such line makes a fact or tells of a queue id
 * what chains ask. false says nothing. What is behind the first words isn't
 * looked at: postfix_parse doesn't understand such a line that was cut. */
bool postfix_is_idle(const struct logline *in);

/* The queue id that the line's text begins with, if it is Postfix's; empty. */
struct str postfix_queue_id(const struct logline *in);

/* "unknown[192.0.2.1]", "host[2001:db8::1]:25", "[192.0.2.1]:50082": name,
 * address, port (empty when absent). False when s has another form. */
bool postfix_peer(
    struct str s, struct str *name, struct str *address, struct str *port);

const char *line_kind_text(enum line_kind kind);
const char *line_field_text(enum line_field f);
enum line_field_type line_field_type(enum line_field f);

#endif
