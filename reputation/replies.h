/* replies - what a receiver's answer means: its class, whom it concerns, what
 * to do
 *
 * The words decide, not the code or the enhanced status, which receivers use
 * as they like: the rules are those of the list replies of providers.conf. The
 * first one whose text is found holds. Pure.
 */
#ifndef REPUTATION_REPLIES_H
#define REPUTATION_REPLIES_H

#include "reputation/providers.h"

enum reply_class {
#define CLASS(NAME, text, scope, advice) REPLY_##NAME,
#include "reputation/reply_classes.def"
#undef CLASS
	REPLY_CLASSES
};

enum reply_scope {
#define SCOPE(NAME, text) REPLY_SCOPE_##NAME,
#include "reputation/reply_classes.def"
#undef SCOPE
	REPLY_SCOPES
};

const char *reply_class_text(enum reply_class class);
const char *reply_scope_text(enum reply_scope scope);

struct reply_spec {
#define SETTING SETTING_FIELD
#include "reputation/reply_fields.def"
#undef SETTING
};

extern const struct setting_table replies_fields; /* of reply_spec */

enum { REPLIES_NAME = 40, REPLIES_MAX = 5000 };

struct replies;

struct replies *replies_new(void);
void replies_free(struct replies **r);

/* The error names what is wrong: a bad name, one that two have, an unknown
 * class or scope, no or a bad pattern, no example. */
int replies_add(
    struct replies *r, const struct reply_spec *spec, struct error *err);

struct reply {
	enum reply_class class;
	enum reply_scope scope;
	bool is_temporary;
	/* No words are known: the enhanced status or the code told. */
	bool is_by_status;
	/* A receiver said it, and no rule is for its words. */
	bool is_unmatched;
	int64_t retry_after;  /* seconds; 0: not known */
	const char *provider; /* NULL: not known */
	const char *rule;     /* NULL: none matched */
	const char *advice;
	const char *contact; /* "": not known */
};

/* host: who said it; may be empty, then what the text tells. dsn: Postfix's
 * dsn=, may be empty. text: what stands in the brackets of a delivery line, or
 * a reply alone. Views live as long as the rules and providers. */
void replies_read(struct replies *r, const struct providers *p, struct str host,
    struct str dsn, struct str text, struct reply *out);

/* In the order in which they were added; NULL beyond the last. */
struct replies_rule {
	const char *name, *provider, *example;
	enum reply_class class;
};
bool replies_at(const struct replies *r, size_t i, struct replies_rule *out);

#endif
