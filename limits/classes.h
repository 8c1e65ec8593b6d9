/* classes - which class an account belongs to: patterns, first match wins
 *
 * Plain names stand in a map, patterns with * in a list; both know at which
 * place they were given, so that the first of all wins. Everything is kept in
 * the caller's arena.
 */
#ifndef LIMITS_CLASSES_H
#define LIMITS_CLASSES_H

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"

struct class_pattern {
	struct str text;
	size_t class_index;
	size_t order;
};

struct classes {
	struct arena *arena;
	struct map plain;
	struct class_pattern *globs;
	size_t n_globs, cap_globs;
	size_t n; /* patterns so far */
};

enum { CLASSES_GLOBS = 10000, CLASSES_PATTERN = 320 };

void classes_init(struct classes *c, struct arena *a);
void classes_done(struct classes *c);
int classes_add(struct classes *c, struct str pattern, size_t class_index,
    struct error *err);
/* One pattern a line; # begins a comment. */
int classes_add_lines(
    struct classes *c, struct str lines, size_t class_index, struct error *err);
/* `otherwise` when none matches. */
size_t classes_find(
    const struct classes *c, struct str account, size_t otherwise);

/* * stands for any bytes; linear in the text for each *. */
bool classes_glob(struct str pattern, struct str text);

/* "fwd:", "uid:" or "ip:" with which the account begins; else empty. */
struct str classes_prefix(struct str account);

#endif
