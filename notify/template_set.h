/* template_set - the files of templates, in all languages
 *
 * DIR/LANGUAGE/NAME: NAME is "letter.suspended.txt", "page.case.html", a part
 * ("part.head.html"), or "words": lines "key = value", what code chooses
 * (months, countries) and what {{=key}} puts into a template. DIR/shared/NAME
 * is for every language that has no file NAME of its own, but words for such
 * templates (letter.*): it must have all of them that are used. A second
 * folder, the operator's, may replace each file and word, and add languages. A
 * language that lacks a text gets it in the language of the settings, else in
 * English, which must have all; one that has a text as .txt and not as .html,
 * or the reverse, is an error.
 */
#ifndef NOTIFY_TEMPLATE_SET_H
#define NOTIFY_TEMPLATE_SET_H

#include "notify/template.h"

/* The name's end (.txt, .html) is the kind. */
struct template_spec {
	const char *name;
	const struct template_field *fields;
};

struct template_places {
	const char *installed; /* NULL: the built-in ones */
	const char *own;       /* the operator's; "": none */
	const char *language;  /* where one lacks a text; "": English */
};

struct template_set;

/* Reads and checks all. NULL and *err, which names file and line. The specs
 * must outlive it, and share what stands before the first dot: of the
 * operator's files of that beginning none may be unknown. */
struct template_set *template_set_load(const struct template_places *p,
    const struct template_spec *specs, size_t n, struct error *err);
void template_set_free(struct template_set **s);

/* Never NULL. The language is one tag ("de", "fr-CH", "de_AT.UTF-8"). */
const struct template *template_set_get(
    const struct template_set *s, size_t spec, struct str language);

/* The languages there are, in the order of their names; and the one that is
 * written in when this one is wanted. */
size_t template_set_languages(const struct template_set *s);
struct str template_set_language(const struct template_set *s, size_t i);
struct str template_set_choose(
    const struct template_set *s, struct str language);
/* Is there this language, or (fr for fr-CH) its stem? */
bool template_set_has(const struct template_set *s, struct str language);

/* A word; empty where not even English has it. */
struct str template_set_word(
    const struct template_set *s, struct str language, const char *key);

#endif
