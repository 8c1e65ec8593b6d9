/* reading - one report while it is read (for the files of this room) */
#ifndef FBL_READING_H
#define FBL_READING_H

#include "fbl/fields.h"
#include "fbl/mime.h"

struct reading {
	struct fbl_report *r;
	struct arena *a;
	const struct fbl_limits *limits;
	const struct mime *mime; /* NULL: the bytes are no mail */
	struct error *err;
};

enum taken {
	TAKEN_NOT, /* not of this format */
	TAKEN,
	TAKEN_BROKEN, /* of this format, but unreadable: err says how */
};

/* Each looks whether the mail is of its format, and reads it. */
enum taken arf_take(struct reading *g);
enum taken jmrp_take(struct reading *g);
enum taken unsubscribe_take(struct reading *g);
enum taken dmarc_words_take(struct reading *g);
enum taken xarf_take(struct reading *g);
enum taken xarf_yaml_take(struct reading *g);

/* A document as XARF, JSON. TAKEN_NOT: JSON of another kind. */
enum taken xarf_take_json(struct reading *g, struct str json);

/* The first part of this type from *i on (NULL, 0: from the first); its index.
 * NULL when there is none. */
const struct mime_part *reading_find(
    const struct reading *g, struct str type, size_t from);

#endif
