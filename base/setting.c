/* setting - settings declared once */
#include "base/setting.h"

#include <assert.h>

#include "base/time.h"

static const char *const types[] = {
    [SETTING_BOOL] = "true or false",
    [SETTING_INT] = "a whole number",
    [SETTING_SECONDS] = "a duration such as \"10m\", \"1h\", \"7d\"",
    [SETTING_BYTES] = "a size such as \"64K\", \"16M\", \"1G\"",
    [SETTING_STRING] = "a text",
    [SETTING_STRINGS] = "a list of texts",
    [SETTING_NETS] = "a list of networks such as \"192.0.2.0/24\"",
};

const struct setting *
setting_find(const struct setting_table *t, struct str section, struct str name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (str_is(str_from(t->v[i].section), section) &&
		    str_is(str_from(t->v[i].name), name))
			return &t->v[i];
	}
	return NULL;
}

static bool
parse_bool(struct str v, bool *out)
{
	if (!str_is(v, STR("true")) && !str_is(v, STR("false")))
		return false;
	*out = str_is(v, STR("true"));
	return true;
}

static bool
parse_bytes(struct str v, int64_t *out)
{
	static const char units[] = "KMGT";
	int shift = 0;

	if (v.n > 0) {
		const char *unit = strchr(units, v.p[v.n - 1]);

		if (unit && *unit) {
			shift = 10 * (int)(unit - units + 1);
			v.n--;
		}
	}
	int64_t n;

	if (!str_to_i64(v, &n) || n < 0 || n > (INT64_MAX >> shift))
		return false;
	*out = n << shift;
	return true;
}

/* The next element of a list; false at its end. */
static bool
next_element(struct str *list, struct str *element)
{
	static const char separators[] = ", \t\r\n";
	size_t n = 0;

	while (list->n > 0 && strchr(separators, *list->p))
		*list = str_skip(*list, 1);
	while (n < list->n && !strchr(separators, list->p[n]))
		n++;
	*element = str_head(*list, n);
	*list = str_skip(*list, n);
	return n > 0;
}

static size_t
count_elements(struct str list)
{
	struct str element;
	size_t n = 0;

	while (next_element(&list, &element))
		n++;
	return n;
}

static struct setting_list
parse_strings(struct str v, struct arena *a)
{
	size_t n = count_elements(v);
	const char **list = arena_alloc(a, (n + 1) * sizeof(*list));
	struct str element;

	for (size_t i = 0; next_element(&v, &element); i++)
		list[i] = arena_dup(a, element);
	return (struct setting_list){list, n};
}

static int
parse_nets(
    struct str v, struct arena *a, struct ip_nets *out, struct error *err)
{
	size_t n = count_elements(v);
	struct ip_net *nets = arena_alloc(a, (n + 1) * sizeof(*nets));
	struct str element;

	for (size_t i = 0; next_element(&v, &element); i++) {
		if (!ip_net_parse(element, &nets[i]))
			return error_set(err,
			    "\"%.*s\" is no network (or has host bits set)",
			    STR_ARG(element));
	}
	*out = (struct ip_nets){nets, n};
	return 0;
}

static int
put_number(
    const struct setting *s, int64_t v, int64_t *field, struct error *err)
{
	if ((s->min || s->max) && (v < s->min || v > s->max))
		return error_set(err, "%s must be from %lld to %lld", s->name,
		    (long long)s->min, (long long)s->max);
	*field = v;
	return 0;
}

int
setting_put(const struct setting *s, struct str value, struct arena *a,
    void *out, struct error *err)
{
	void *field = (char *)out + s->offset;
	int64_t n = 0;
	bool ok = true;

	switch (s->type) {
	case SETTING_BOOL:
		ok = parse_bool(value, field);
		break;
	case SETTING_INT:
		ok = str_to_i64(value, &n);
		break;
	case SETTING_SECONDS:
		ok = time_parse_duration(value, &n);
		break;
	case SETTING_BYTES:
		ok = parse_bytes(value, &n);
		break;
	case SETTING_STRING:
		*(const char **)field = arena_dup(a, value);
		break;
	case SETTING_STRINGS:
		*(struct setting_list *)field = parse_strings(value, a);
		break;
	case SETTING_NETS:
		return parse_nets(value, a, field, err);
	}
	if (!ok)
		return error_set(err, "%s must be %s, not \"%.*s\"", s->name,
		    types[s->type], STR_ARG(value));
	if (s->type == SETTING_INT || s->type == SETTING_SECONDS ||
	    s->type == SETTING_BYTES)
		return put_number(s, n, field, err);
	return 0;
}

void
setting_put_defaults(const struct setting_table *t, struct arena *a, void *out)
{
	for (size_t i = 0; i < t->n; i++) {
		struct error err;

		if (setting_put(
			&t->v[i], str_from(t->v[i].fallback), a, out, &err) < 0)
			fatal("default of %s: %s", t->v[i].name, err.text);
	}
}

static void
print_quoted(struct text *out, struct str s)
{
	text_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			text_char(out, '\\');
		text_char(out, s.p[i]);
	}
	text_char(out, '"');
}

static void
print_nets(struct text *out, const struct ip_nets *nets)
{
	text_char(out, '(');
	for (size_t i = 0; i < nets->n; i++) {
		text_add(out, i ? ", \"" : "\"");
		ip_net_format(out, &nets->v[i]);
		text_char(out, '"');
	}
	text_char(out, ')');
}

static void
print_strings(struct text *out, const struct setting_list *list)
{
	text_char(out, '(');
	for (size_t i = 0; i < list->n; i++) {
		text_add(out, i ? ", " : "");
		print_quoted(out, str_from(list->v[i]));
	}
	text_char(out, ')');
}

static void
print_bytes(struct text *out, int64_t v)
{
	static const char units[] = "KMGT";
	int unit = -1;

	while (unit < 3 && v >= 1024 && v % 1024 == 0) {
		v /= 1024;
		unit++;
	}
	if (unit < 0)
		text_i64(out, v);
	else
		text_printf(out, "\"%lld%c\"", (long long)v, units[unit]);
}

void
setting_print(const struct setting *s, const void *in, struct text *out)
{
	const void *field = (const char *)in + s->offset;

	switch (s->type) {
	case SETTING_BOOL:
		text_add(out, *(const bool *)field ? "true" : "false");
		break;
	case SETTING_INT:
		text_i64(out, *(const int64_t *)field);
		break;
	case SETTING_SECONDS:
		text_char(out, '"');
		time_duration(out, *(const int64_t *)field);
		text_char(out, '"');
		break;
	case SETTING_BYTES:
		print_bytes(out, *(const int64_t *)field);
		break;
	case SETTING_STRING:
		print_quoted(out, str_from(*(const char *const *)field));
		break;
	case SETTING_STRINGS:
		print_strings(out, field);
		break;
	case SETTING_NETS:
		print_nets(out, field);
		break;
	}
}
