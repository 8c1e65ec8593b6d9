/* fields - filling the fields of a report (for the files of this room) */
#ifndef FBL_FIELDS_H
#define FBL_FIELDS_H

#include "fbl/report.h"

struct fbl_field_rule {
	const char *name, *part; /* part: "Arrival-Date,Received-Date" */
	enum { FBL_TEXT, FBL_ADDRESS, FBL_ITEM, FBL_IP } how;
	enum { FBL_ONE, FBL_MANY } many;
};

extern const struct fbl_field_rule fbl_field_rules[FBL_FIELDS];

/* The value in the rule's form, unless the field is full or has it already. */
void fields_add(struct fbl_fields *f, struct arena *a, enum fbl_field field,
    struct str value);

/* The fields of a report's part. */
void fields_take(
    struct fbl_fields *f, struct arena *a, const struct headers *part);

/* Is it the name of one of these fields in a report's part? */
bool fields_known(struct str name);

/* Empty, "x.x.x.x", "redacted" ...: false. "192.0.2.1 (name)", "[192.0.2.1]":
 * true. */
bool fields_ip(struct str value, struct ip *out);

#endif
