/* classes - which class an account belongs to: patterns, first match wins */
#include "limits/classes.h"

void
classes_init(struct classes *c, struct arena *a)
{
	*c = (struct classes){.arena = a};
	map_init(&c->plain);
}

void
classes_done(struct classes *c)
{
	map_done(&c->plain);
}

bool
classes_glob(struct str pattern, struct str text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, from = 0;

	while (t < text.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = t;
		} else if (p < pattern.n && pattern.p[p] == text.p[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

struct str
classes_prefix(struct str account)
{
	static const char *const prefixes[] = {"fwd:", "uid:", "ip:"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		struct str prefix = str_from(prefixes[i]);

		if (str_starts(account, prefix))
			return prefix;
	}
	return STR("");
}

static struct str
lower(struct arena *a, struct str s)
{
	char *p = arena_dup(a, s);

	for (size_t i = 0; i < s.n; i++) {
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	}
	return str_make(p, s.n);
}

static int
add_glob(struct classes *c, const struct class_pattern *p, struct error *err)
{
	if (c->n_globs >= CLASSES_GLOBS)
		return error_set(
		    err, "more than %d patterns with *", (int)CLASSES_GLOBS);
	if (c->n_globs == c->cap_globs) {
		size_t cap = c->cap_globs ? 2 * c->cap_globs : 16;
		struct class_pattern *v =
		    arena_alloc(c->arena, cap * sizeof(*v));

		if (c->n_globs)
			memcpy(v, c->globs, c->n_globs * sizeof(*v));
		c->globs = v;
		c->cap_globs = cap;
	}
	c->globs[c->n_globs++] = *p;
	return 0;
}

int
classes_add(struct classes *c, struct str pattern, size_t class_index,
    struct error *err)
{
	struct class_pattern p = {.class_index = class_index, .order = c->n};

	if (pattern.n == 0 || pattern.n > CLASSES_PATTERN)
		return error_set(err,
		    "a pattern of accounts must have 1 to %d bytes",
		    (int)CLASSES_PATTERN);
	p.text = lower(c->arena, pattern);
	c->n++;
	if (str_find_char(p.text, '*') >= 0)
		return add_glob(c, &p, err);
	if (map_find(&c->plain, p.text))
		return 0;
	struct class_pattern *kept = arena_alloc(c->arena, sizeof(*kept));

	*kept = p;
	map_put(&c->plain, kept->text, kept);
	return 0;
}

/* A # begins a comment at the line's start or after a blank: a login may hold
 * one. */
static struct str
without_comment(struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '#' &&
		    (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			return str_trim(str_head(line, i));
	}
	return str_trim(line);
}

int
classes_add_lines(
    struct classes *c, struct str lines, size_t class_index, struct error *err)
{
	for (int number = 1; lines.n > 0; number++) {
		struct str line = lines;

		if (!str_cut(&lines, '\n', &line))
			lines.n = 0;
		line = without_comment(line);
		if (line.n > 0 && classes_add(c, line, class_index, err) < 0)
			return error_prefix(err, "line %d", number);
	}
	return 0;
}

size_t
classes_find(const struct classes *c, struct str account, size_t otherwise)
{
	const struct class_pattern *best =
	    c->plain.n ? map_find(&c->plain, account) : NULL;
	struct str prefix = c->n_globs ? classes_prefix(account) : STR("");

	for (size_t i = 0; i < c->n_globs; i++) {
		const struct class_pattern *p = &c->globs[i];

		if (best && best->order < p->order)
			break;
		if (str_starts(p->text, prefix) &&
		    classes_glob(p->text, account))
			return p->class_index;
	}
	return best ? best->class_index : otherwise;
}
