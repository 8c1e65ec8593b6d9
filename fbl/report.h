/* report - complaints: what a feedback report says, and how it says it
 *
 * Pure: bytes in, a struct out. A report is foreign text, mostly about a
 * message whose every line its sender chose; nothing in it is true because it
 * stands there. Who reported, and whether the host's own MTA authenticated
 * that, stands in `mail`; whose message it was, owner.h finds out.
 *
 * What was read in the report's own part and what was derived from elsewhere
 * (the embedded message, the words around, the mail that brought it) is kept
 * apart: two sets of the same fields (report.def).
 */
#ifndef FBL_REPORT_H
#define FBL_REPORT_H

#include "base/arena.h"
#include "base/error.h"
#include "base/ip.h"
#include "fbl/header.h"

enum fbl_format {
#define FORMAT(id, name, help) FBL_FORMAT_##id,
#include "fbl/report.def"
	FBL_FORMATS
};

enum fbl_type {
#define TYPE(id, name) FBL_TYPE_##id,
#include "fbl/report.def"
	FBL_TYPES
};

enum fbl_field {
#define FIELD(id, name, field, how, many) FBL_##id,
#include "fbl/report.def"
	FBL_FIELDS
};

enum { FBL_LIST = 100 }; /* values of one field; more are cut */

struct fbl_list {
	struct str *v;
	size_t n;
};

struct fbl_fields {
	struct fbl_list v[FBL_FIELDS];
};

struct fbl_limits {
	/* Of a mail its first so many bytes are read: what is wanted stands in
	 * front. A document in JSON that is longer is refused. */
	size_t bytes;
	size_t parts; /* of a mail */
	size_t depth; /* of parts in parts */
};

/* 1 MB, 100, 10 */
extern const struct fbl_limits fbl_limits_default;

struct fbl_report {
	enum fbl_format format; /* never FBL_FORMAT_NONE */
	enum fbl_type type;
	struct fbl_fields read, derived;
	/* Of the fields above, as values. */
	struct ip source_ip; /* none: not told, or masked */
	int64_t arrived_at;  /* TIME_NEVER: not told, or unreadable */
	uint64_t incidents;  /* 1 when not told; at most FBL_INCIDENTS_MAX */
	/* All fields of the mail that brought it (none: it came by HTTP), of
	 * the report's part, and of the message complained about. */
	struct headers mail, part, original;
	bool has_original;
	bool is_cut; /* something was longer than its limit */
};

enum { FBL_INCIDENTS_MAX = 1000000 };

/* 0 when it is a report. -1 with the reason when it is none, or unreadable:
 * *unread says which. Everything in *out are views into bytes and the arena;
 * memory is at most about 8 times limits->bytes. */
enum fbl_unread {
	FBL_LETTER,	/* something else: a letter, a bounce, a confirmation */
	FBL_UNREADABLE, /* wants to be a report */
};
int fbl_report_parse(struct str bytes, const struct fbl_limits *limits,
    struct arena *a, struct fbl_report *out, enum fbl_unread *unread,
    struct error *err);

/* The first value, from what was read, else from what was derived. p is NULL
 * when neither has one (the null sender is an empty value). */
struct str fbl_report_get(const struct fbl_report *r, enum fbl_field field);
/* All of them, from the same. */
const struct fbl_list *fbl_report_list(
    const struct fbl_report *r, enum fbl_field field);

/* The same for two copies of a report, however they came (all that was read,
 * without the lines that the way added): text to be hashed. */
void fbl_report_identity(const struct fbl_report *r, struct text *out);

/* Names out of the tables. */
struct str fbl_format_text(enum fbl_format format);
struct str fbl_type_text(enum fbl_type type);
struct str fbl_field_text(enum fbl_field field);
/* "abuse", "Opt-Out-List", "phishing" ...; FBL_TYPE_OTHER for what is unknown.
 */
enum fbl_type fbl_type_of(struct str word);

#endif
