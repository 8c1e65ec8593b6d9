/* template_set - the files of templates, in all languages */
#include "notify/template_set.h"

#include <stdlib.h>

#include "base/map.h"
#include "notify/template_parts.h"

enum { LANGUAGES = 64, WORDS = 1000 };

static const char shared[] = "shared"; /* no language: too long a name */

struct word {
	struct str key, value;
	const char *file;
	int line;
};

struct language {
	char name[16];
	const struct template **v; /* one a spec; NULL: it has none */
	struct map words;
	bool has_words; /* of the specs' kind: it takes part in shared */
};

struct template_set {
	struct arena arena;
	struct template_places places;
	const struct template_spec *specs;
	size_t n_specs, n;
	struct language v[LANGUAGES];
	size_t fallback, english; /* of v */
};

static const char *
installed(const struct template_set *s)
{
	return s->places.installed ? s->places.installed : "built-in";
}

/* --- languages --- */

static bool
is_language(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
		n++;
	if (n < 2 || n > 3 || s.n >= sizeof(((struct language *)0)->name))
		return false;
	for (size_t i = n; i < s.n; i++) {
		char c = s.p[i];

		if (i == n
			? c != '-' || s.n < n + 3
			: !((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			      (c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

static ptrdiff_t
find_exactly(const struct template_set *s, struct str name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (str_is_nocase(str_from(s->v[i].name), name))
			return (ptrdiff_t)i;
	}
	return -1;
}

/* "de_AT.UTF-8": de-AT, else de. -1: there is none. */
static ptrdiff_t
find_language(const struct template_set *s, struct str wanted)
{
	char name[16];
	struct text t;

	text_init(&t, name, sizeof(name));
	for (size_t i = 0; i < wanted.n && wanted.p[i] != '.'; i++)
		text_char(&t, (char)(wanted.p[i] == '_' ? '-' : wanted.p[i]));
	ptrdiff_t at = find_exactly(s, text_view(&t));
	ptrdiff_t dash = str_find_char(text_view(&t), '-');

	if (at >= 0 || dash < 0)
		return at;
	return find_exactly(s, str_head(text_view(&t), (size_t)dash));
}

struct search {
	struct template_set *set;
	const struct language *language;
	const char *dir;
	struct error *err;
};

static int
add_language(void *ctx, struct str name)
{
	struct search *w = ctx;
	struct template_set *s = w->set;

	if (!is_language(name) || find_exactly(s, name) >= 0)
		return 0;
	if (s->n == LANGUAGES)
		return error_set(
		    w->err, "%s: more than %d languages", w->dir, LANGUAGES);
	memcpy(s->v[s->n++].name, name.p, name.n);
	return 0;
}

static int
add_languages(struct template_set *s, const char *dir, struct error *err)
{
	struct search w = {.set = s, .dir = dir, .err = err};

	if (dir && !*dir)
		return 0;
	return template_files_names(dir, "", add_language, &w, err);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct language *)a)->name,
	    ((const struct language *)b)->name);
}

static int
find_languages(struct template_set *s, struct error *err)
{
	if (add_languages(s, s->places.installed, err) != 0 ||
	    add_languages(s, s->places.own, err) != 0)
		return -1;
	qsort(s->v, s->n, sizeof(s->v[0]), by_name);
	ptrdiff_t english = find_exactly(s, STR("en"));
	ptrdiff_t own = find_language(s, str_from(s->places.language));

	if (english < 0)
		return error_set(
		    err, "%s/en: there is no such folder", installed(s));
	if (own < 0 && *s->places.language)
		return error_set(err, "there are no templates in \"%s\"",
		    s->places.language);
	s->english = (size_t)english;
	s->fallback = own < 0 ? s->english : (size_t)own;
	return 0;
}

/* --- templates --- */

static bool
is_name(struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '/' || name.p[i] <= ' ')
			return false;
	}
	return name.n > 0 && *name.p != '.';
}

/* One that has words of its own isn't mixed with another. */
static bool
find_words(const struct search *w, struct str key, struct template_source *out)
{
	const struct template_set *s = w->set;
	const struct word *word = map_find(&w->language->words, key);

	if (str_is(key, STR("language"))) {
		*out = (struct template_source){.file = w->language->name,
		    .text = str_from(w->language->name)};
		return true;
	}
	if (!word && !w->language->has_words)
		word = map_find(&s->v[s->fallback].words, key);
	if (!word && !w->language->has_words)
		word = map_find(&s->v[s->english].words, key);
	if (word)
		*out = (struct template_source){
		    word->file, word->value, word->line};
	return word != NULL;
}

static bool
find_part(
    void *ctx, struct str name, bool is_words, struct template_source *out)
{
	struct search *w = ctx;
	const struct template_places *p = &w->set->places;
	struct template_bytes f;

	if (is_words)
		return find_words(w, name, out);
	if (!is_name(name))
		return false;
	if (template_files_read(p, w->language->name, name, &f, NULL) != 1 &&
	    template_files_read(p, shared, name, &f, NULL) != 1 &&
	    template_files_read(
		p, w->set->v[w->set->fallback].name, name, &f, NULL) != 1 &&
	    template_files_read(p, "en", name, &f, NULL) != 1)
		return false;
	out->file = arena_dup(&w->set->arena, str_from(f.path));
	out->text = arena_str(&w->set->arena, text_view(&f.text));
	text_done(&f.text);
	return true;
}

static int
load_one(
    struct template_set *s, struct language *l, size_t i, struct error *err)
{
	struct str name = str_from(s->specs[i].name);
	struct search w = {.set = s, .language = l, .err = err};
	struct template_bytes f;
	int got = template_files_read(&s->places, l->name, name, &f, err);
	bool is_shared = got == 0 && l->has_words;

	if (is_shared)
		got = template_files_read(&s->places, shared, name, &f, err);
	if (got <= 0)
		return got;
	struct template_source source = {
	    .file = arena_dup(&s->arena, str_from(f.path)),
	    .text = text_view(&f.text)};

	l->v[i] = template_parse(&s->arena,
	    str_ends(name, STR(".html")) ? TEMPLATE_HTML : TEMPLATE_TEXT,
	    s->specs[i].fields, &source, find_part, &w, err);
	text_done(&f.text);
	if (l->v[i])
		return 0;
	if (is_shared) {
		struct error why = *err;

		error_set(err, "templates in \"%s\": %s", l->name, why.text);
	}
	return -1;
}

static struct str
stem(const char *name)
{
	struct str s = str_from(name);
	ptrdiff_t dot = str_find_last(s, STR("."));

	return dot < 0 ? s : str_head(s, (size_t)dot);
}

/* Whoever has half of a letter would write it in two languages. */
static int
check_whole(
    const struct template_set *s, const struct language *l, struct error *err)
{
	for (size_t i = 0; i < s->n_specs; i++) {
		for (size_t k = 0; k < s->n_specs; k++) {
			if (!l->v[i] || l->v[k] ||
			    !str_is(
				stem(s->specs[i].name), stem(s->specs[k].name)))
				continue;
			return error_set(err,
			    "templates in \"%s\": there is %s, but no %s",
			    l->name, s->specs[i].name, s->specs[k].name);
		}
		if (l == &s->v[s->english] && !l->v[i])
			return error_set(err, "%s/en/%s: is missing",
			    installed(s), s->specs[i].name);
	}
	return 0;
}

/* Begins it as the specs do? */
static bool
is_of_kind(const struct template_set *s, struct str name)
{
	struct str first = str_from(s->specs[0].name), mine, its;

	return str_cut(&first, '.', &mine) && str_cut(&name, '.', &its) &&
	       str_is(mine, its);
}

static bool
is_known(const struct template_set *s, struct str name)
{
	if (!is_of_kind(s, name) ||
	    (!str_ends(name, STR(".txt")) && !str_ends(name, STR(".html"))))
		return true;
	for (size_t i = 0; i < s->n_specs; i++) {
		if (str_is(name, str_from(s->specs[i].name)))
			return true;
	}
	return false;
}

static int
check_name(void *ctx, struct str name)
{
	const struct search *w = ctx;

	if (is_known(w->set, name))
		return 0;
	return error_set(w->err, "%s/%s/%.*s: there is no such template",
	    w->dir, w->language ? w->language->name : shared, STR_ARG(name));
}

/* A slip in a file's name would leave the installed one in use. l NULL: those
 * that are shared. */
static int
check_names(struct template_set *s, const struct language *l, struct error *err)
{
	struct search w = {
	    .set = s, .language = l, .dir = s->places.own, .err = err};

	return *w.dir ? template_files_names(
			    w.dir, l ? l->name : shared, check_name, &w, err)
		      : 0;
}

/* --- words --- */

static int
put_word(struct template_set *s, struct language *l, struct str line,
    const struct word *at)
{
	struct str key;

	line = str_trim(line);
	if (line.n == 0 || *line.p == '#')
		return 0;
	if (!str_cut(&line, '=', &key) || str_trim(key).n == 0)
		return -1;
	struct word *w = arena_alloc(&s->arena, sizeof(*w));

	*w = *at;
	w->key = arena_str(&s->arena, str_trim(key));
	w->value = arena_str(&s->arena, str_trim(line));
	map_put(&l->words, w->key, w);
	l->has_words |= is_of_kind(s, w->key);
	return 0;
}

static int
load_words(struct template_set *s, struct language *l, const char *dir,
    struct error *err)
{
	struct template_bytes f;
	int got = template_files_read_in(dir, l->name, STR("words"), &f, err),
	    n = 0, rc = 0;

	if (got <= 0)
		return got;
	struct str rest = text_view(&f.text), line;
	struct word at = {.file = arena_dup(&s->arena, str_from(f.path))};

	while (rc == 0 && rest.n > 0) {
		if (!str_cut(&rest, '\n', &line)) {
			line = rest;
			rest = (struct str){"", 0};
		}
		at.line = ++n;
		if (put_word(s, l, line, &at) != 0 || l->words.n > WORDS)
			rc = error_set(err, "%s:%d: %s", f.path, n,
			    l->words.n > WORDS ? "too many words"
					       : "no \"key = value\"");
	}
	text_done(&f.text);
	return rc;
}

/* --- the set --- */

static int
load_language(struct template_set *s, struct language *l, struct error *err)
{
	l->v = arena_alloc(
	    &s->arena, (s->n_specs + 1) * sizeof(struct template *));
	for (size_t i = 0; i < s->n_specs; i++) {
		if (load_one(s, l, i, err) != 0)
			return -1;
	}
	if (check_whole(s, l, err) != 0)
		return -1;
	return check_names(s, l, err);
}

/* The operator's words replace the installed. */
static int
load_all_words(struct template_set *s, struct error *err)
{
	for (size_t i = 0; i < s->n; i++) {
		struct language *l = &s->v[i];

		if (load_words(s, l, s->places.installed, err) != 0 ||
		    load_words(s, l, s->places.own, err) != 0)
			return -1;
	}
	return 0;
}

struct template_set *
template_set_load(const struct template_places *p,
    const struct template_spec *specs, size_t n, struct error *err)
{
	struct template_set *s = xalloc(1, sizeof(*s));
	int rc;

	arena_init(&s->arena);
	s->places = (struct template_places){
	    p->installed ? arena_dup(&s->arena, str_from(p->installed)) : NULL,
	    arena_dup(&s->arena, str_from(p->own)),
	    arena_dup(&s->arena, str_from(p->language))};
	s->specs = specs;
	s->n_specs = n;
	rc = find_languages(s, err);
	for (size_t i = 0; i < s->n; i++)
		map_init(&s->v[i].words);
	if (rc == 0)
		rc = load_all_words(s, err);
	if (rc == 0)
		rc = check_names(s, NULL, err);
	for (size_t i = 0; i < s->n && rc == 0; i++)
		rc = load_language(s, &s->v[i], err);
	if (rc != 0)
		template_set_free(&s);
	return s;
}

void
template_set_free(struct template_set **sp)
{
	struct template_set *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	for (size_t i = 0; i < s->n; i++)
		map_done(&s->v[i].words);
	arena_done(&s->arena);
	free(s);
}

bool
template_set_has(const struct template_set *s, struct str language)
{
	return find_language(s, language) >= 0;
}

static size_t
choose(const struct template_set *s, struct str language)
{
	ptrdiff_t at = find_language(s, language);

	return at < 0 ? s->fallback : (size_t)at;
}

const struct template *
template_set_get(const struct template_set *s, size_t spec, struct str language)
{
	const struct template *t = s->v[choose(s, language)].v[spec];

	if (!t)
		t = s->v[s->fallback].v[spec];
	return t ? t : s->v[s->english].v[spec];
}

size_t
template_set_languages(const struct template_set *s)
{
	return s->n;
}

struct str
template_set_language(const struct template_set *s, size_t i)
{
	return str_from(s->v[i].name);
}

struct str
template_set_choose(const struct template_set *s, struct str language)
{
	return str_from(s->v[choose(s, language)].name);
}

struct str
template_set_word(
    const struct template_set *s, struct str language, const char *key)
{
	struct str k = str_from(key);
	const struct word *w = map_find(&s->v[choose(s, language)].words, k);

	if (!w)
		w = map_find(&s->v[s->fallback].words, k);
	if (!w)
		w = map_find(&s->v[s->english].words, k);
	return w ? w->value : (struct str){"", 0};
}
