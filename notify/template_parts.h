/* template_parts - what the files of template.h share */
#ifndef NOTIFY_TEMPLATE_PARTS_H
#define NOTIFY_TEMPLATE_PARTS_H

#include "notify/template.h"

enum template_op {
	TEMPLATE_LITERAL,
	TEMPLATE_FIELD,
	TEMPLATE_SECTION,
	TEMPLATE_INVERSE
};

struct template_node {
	enum template_op op;
	const struct template_field *field;
	struct str text; /* a literal's */
	size_t end;	 /* a section's: the node behind it */
	uint16_t index;	 /* of the field in its table */
	uint8_t up;	 /* how many lists further out that table is */
	bool is_value;	 /* in an attribute of HTML */
};

struct template
{
	enum template_kind kind;
	const struct template_field *fields;
	struct template_node *v;
	size_t n, cap;
};

struct template_value {
	struct str text;
	bool is_set;
	struct template_data *first, *last; /* a list's items */
};

struct template_data {
	struct arena *arena;
	const struct template_field *fields;
	struct template_value *v; /* as many as the table has fields */
	struct template_data *next;
};

/* Where in HTML the next byte stands. */
enum template_place {
	PLACE_TEXT,
	PLACE_NAME, /* behind '<' */
	PLACE_TAG,
	PLACE_VALUE, /* in quotes */
	PLACE_RAW,   /* script, style */
	PLACE_REMARK
};

struct template_html {
	enum template_place place;
	char quote;
	bool is_first; /* nothing of the value was written yet */
	bool is_ended; /* the attribute's name is complete */
	bool has_equals;
	uint8_t n_tag, n_word;
	char tag[16], word[32]; /* lower case, cut */
};

void template_html_feed(struct template_html *h, struct str s);
/* NULL: a field of this type may stand here; else why not. */
const char *template_html_refuses(
    const struct template_html *h, enum template_type type);

/* The texts that are built in (etc/templates.sh); ends with {0}. */
struct template_builtin {
	const char *language, *name;
	const unsigned char *p;
	size_t n;
};
extern const struct template_builtin template_builtin[];

/* One file, as it is read. */
struct template_places;
struct template_bytes {
	char path[1024];
	struct text text; /* text_done, when it was read */
};

/* DIR/LANGUAGE/NAME; dir NULL: what is built in. 1: read; 0: there is none; -1:
 * *err. */
int template_files_read_in(const char *dir, const char *language,
    struct str name, struct template_bytes *out, struct error *err);
/* The operator's, else the installed. */
int template_files_read(const struct template_places *p, const char *language,
    struct str name, struct template_bytes *out, struct error *err);
/* Calls each for every name in DIR or DIR/LANGUAGE until one isn't 0. A folder
 * that isn't there is an error without a language. */
typedef int template_name_fn(void *ctx, struct str name);
int template_files_names(const char *dir, const char *language,
    template_name_fn *each, void *ctx, struct error *err);

#endif
