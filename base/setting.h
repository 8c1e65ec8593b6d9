/* setting - settings declared once: a room's settings.def makes its struct,
 * the parser, --print-settings, the sample file and the manual
 *
 *   SETTING(type, section, name, default, min, max, "prose")
 *
 * default is a literal as it would stand in the file: true, 10, "10m", "a, b".
 * A room writes settings.h with SETTING_FIELD and settings.c with SETTING_ROW.
 */
#ifndef BASE_SETTING_H
#define BASE_SETTING_H

#include "base/arena.h"
#include "base/error.h"
#include "base/ip.h"
#include "base/text.h"

enum setting_type {
	SETTING_BOOL,	 /* bool */
	SETTING_INT,	 /* int64_t */
	SETTING_SECONDS, /* int64_t; "10m" or a number of seconds */
	SETTING_BYTES,	 /* int64_t; "64M" or a number */
	SETTING_STRING,	 /* const char *, never NULL */
	SETTING_STRINGS, /* struct setting_list; ("a", "b") or "a, b" */
	SETTING_NETS,	 /* struct ip_nets */
};

struct setting_list {
	const char *const *v;
	size_t n;
};

struct setting {
	enum setting_type type;
	const char *section, *name;
	const char *fallback; /* the default, as text */
	int64_t min, max;     /* of numbers; both 0: unbounded */
	const char *help;
	size_t offset; /* of the field in the room's struct */
};

#define SETTING_TYPE_BOOL bool
#define SETTING_TYPE_INT int64_t
#define SETTING_TYPE_SECONDS int64_t
#define SETTING_TYPE_BYTES int64_t
#define SETTING_TYPE_STRING const char *
#define SETTING_TYPE_STRINGS struct setting_list
#define SETTING_TYPE_NETS struct ip_nets

/* For the struct: #define SETTING SETTING_FIELD, include the .def, #undef. */
#define SETTING_FIELD(type, section, name, fallback, min, max, help) \
	SETTING_TYPE_##type name;

/* For the table; SETTING_STRUCT is the struct's tag, defined before. */
#define SETTING_ROW(type, section, name, fallback, min, max, help) \
	{SETTING_##type, section, #name, fallback, min, max, help, \
	    offsetof(struct SETTING_STRUCT, name)},

/* A room's settings, as config/settings.c composes them. */
struct setting_table {
	const char *room;
	const struct setting *v;
	size_t n;
};

/* NULL when unknown. */
const struct setting *setting_find(
    const struct setting_table *t, struct str section, struct str name);

/* Set one field of `out` from its text; an error says what is expected. Memory
 * comes from the arena. Lists are separated by commas or blanks. */
int setting_put(const struct setting *s, struct str value, struct arena *a,
    void *out, struct error *err);

/* All fields get their defaults (a default that doesn't parse is our bug). */
void setting_put_defaults(
    const struct setting_table *t, struct arena *a, void *out);

/* The value as it would stand in the file: true, 10, "10m", ("a", "b"). */
void setting_print(const struct setting *s, const void *in, struct text *out);

#endif
