/* template - text with fields: what letters and pages are written from
 *
 *   {{name}}               the field, escaped as the file's kind asks
 *   {{#name}}...{{/name}}  for each item of a list; once when a flag is set, or
 *                          when a text is not empty
 *   {{^name}}...{{/name}}  when there is none, it is not set, or is empty
 *   {{>part.name}}         another file of the same folder, at this place
 *   {{=key}}               the language's words of this key, at this place:
 * with fields and sections of their own, but no markup
 *   {{! remark}}
 *
 * Inside a list its items' fields stand before those around it. A line with
 * nothing but a section's tag, a part or a remark leaves no line. Nothing is
 * ever written unescaped. Which fields there are is declared in a table; a
 * template that uses another, or lacks a needed one, is an error that names
 * file and line, when it is loaded. Of HTML it is known where a field stands:
 * in a tag only in quotes, first in an address only an URL, never in a script,
 * a style or a remark. Pure: bytes in, bytes out; no word is ours.
 */
#ifndef NOTIFY_TEMPLATE_H
#define NOTIFY_TEMPLATE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

enum template_kind { TEMPLATE_TEXT, TEMPLATE_HTML };

enum template_type {
	TEMPLATE_WORDS, /* one line: a newline in it becomes a blank */
	TEMPLATE_LINES, /* its newlines stay (in HTML as <br>) */
	TEMPLATE_URL,	/* http, https, mailto, tel, or a path; else "#" */
	TEMPLATE_FLAG,	/* only for sections */
	TEMPLATE_LIST,	/* only for sections */
};

/* Tables end with {0}. */
struct template_field {
	const char *name; /* a-z, 0-9 and _ */
	enum template_type type;
	bool is_needed;			 /* a template without it is an error */
	const struct template_field *of; /* a list's items */
};

enum {
	TEMPLATE_DEPTH = 8,	    /* sections in sections */
	TEMPLATE_PARTS = 4,	    /* parts in parts */
	TEMPLATE_FILE = 128 * 1024, /* bytes of one file */
	TEMPLATE_NODES = 8 * 1024,  /* pieces of one template */
};

struct template_source {
	const char *file; /* for errors */
	struct str text;
	int line; /* where it begins there; 0: 1 */
};

/* Finds the part, or the words of this key; false: there are none. What it
 * gives lives until template_parse has returned. */
typedef bool template_find_fn(
    void *ctx, struct str name, bool is_words, struct template_source *out);

struct template;

/* NULL and *err ("FILE:LINE: ...") when it is no good. Lives in the arena, with
 * a copy of the text; the fields' table must live as long. find may be NULL. */
const struct template *template_parse(struct arena *a, enum template_kind kind,
    const struct template_field *fields, const struct template_source *source,
    template_find_fn *find, void *ctx, struct error *err);

/* Does whatever it writes begin so? */
bool template_begins(const struct template *t, struct str words);

/* What is written: made for a table of fields, filled, thrown away with its
 * arena. A name that the table lacks is our bug. Texts are copied; what nobody
 * put is empty, not set, without items. */
struct template_data;
struct template_data *template_data_new(
    struct arena *a, const struct template_field *fields);
void template_put(struct template_data *d, const char *name, struct str value);
void template_printf(struct template_data *d, const char *name, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
void template_put_flag(struct template_data *d, const char *name, bool is_set);
struct template_data *template_add_item(
    struct template_data *d, const char *name);

/* data must be of the table the template was parsed with. */
void template_write(const struct template *t, const struct template_data *data,
    struct text *out);

/* The escapes by themselves. Control characters, what overrides the direction
 * of writing, and bytes that are no UTF-8 become U+FFFD; in HTML & < > " ' are
 * written as references. has_lines: newlines stay. */
void template_escape(
    enum template_kind kind, struct str s, bool has_lines, struct text *out);
/* May this stand in an href? */
bool template_is_url(struct str s);

#endif
