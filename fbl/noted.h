/* noted - what is kept of a report for people to see
 *
 * Pure. Who said what about whose message, and how far it is believed; of the
 * message two header fields, nothing of its body. Every byte of it was written
 * by outsiders: what is printed is printable, and bounded.
 */
#ifndef FBL_NOTED_H
#define FBL_NOTED_H

#include "fbl/complaint.h"
#include "fbl/owner.h"

enum noted_field {
#define NOTED(id, name, max) NOTED_##id,
#include "fbl/noted.def"
#undef NOTED
	NOTED_FIELDS
};

struct noted {
	int64_t message_at; /* as complaint_time told */
	struct str v[NOTED_FIELDS];
};

const char *noted_field_text(enum noted_field f);

/* provider may be NULL: not known. */
void noted_print(const struct fbl_report *r, const struct complaint *c,
    const struct owner *o, int64_t message_at, const char *provider,
    struct text *out);
/* Views into text. false: it is no record. */
bool noted_parse(struct str text, struct noted *out);
/* Is it about this account? Costs a tenth of noted_parse. */
bool noted_is_of(struct str text, struct str account);

/* Can the complainer be written to? Some reporters put something else in the
 * place of the address (RFC 6590), or "redacted" in front of the domain. */
bool noted_is_address(struct str complainer);

#endif
