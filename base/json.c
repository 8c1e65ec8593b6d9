/* json - JSON in, by jansson
 *
 * A struct json is jansson's json_t under a name of ours: never defined, only
 * converted.
 */
#include <jansson.h>

/* jansson's macros of these names would hide ours. */
#undef json_is_true
#undef json_is_string
#undef json_is_array
#undef json_is_object
#undef json_is_number

#include "base/json.h"

enum { DEPTH_MAX = 32 };

static json_t *
unwrap(const struct json *v)
{
	union {
		const struct json *in;
		json_t *out;
	} u = {v};

	return u.out;
}

static struct json *
wrap(json_t *v)
{
	return (struct json *)v;
}

static bool
is_type(const struct json *v, json_type type)
{
	return v && json_typeof(unwrap(v)) == type;
}

/* jansson recurses up to 2048 levels and has no setting for it. */
static bool
is_shallow(struct str s)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (in_string) {
			if (c == '\\')
				i++;
			in_string = c != '"';
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			if (++depth > DEPTH_MAX)
				return false;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return true;
}

struct json *
json_parse(struct str text, struct error *err)
{
	json_error_t e;

	if (!is_shallow(text)) {
		error_set(err, "JSON nested deeper than %d", DEPTH_MAX);
		return NULL;
	}
	json_t *doc = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &e);

	if (!doc) {
		/* It quotes the document. */
		char buf[JSON_ERROR_TEXT_LENGTH + 1];
		struct text why;

		text_init(&why, buf, sizeof(buf));
		text_printable(&why, str_from(e.text));
		error_set(err, "no JSON: line %d, column %d: %s", e.line,
		    e.column, buf);
	}
	return wrap(doc);
}

void
json_free(struct json **doc)
{
	json_decref(unwrap(*doc));
	*doc = NULL;
}

struct json *
json_get(const struct json *object, const char *key)
{
	return wrap(json_object_get(unwrap(object), key));
}

size_t
json_count(const struct json *array)
{
	return json_array_size(unwrap(array));
}

struct json *
json_at(const struct json *array, size_t i)
{
	return wrap(json_array_get(unwrap(array), i));
}

void
json_each(const struct json *object, json_member_fn *each, void *ctx)
{
	json_t *o = unwrap(object);

	for (void *i = json_object_iter(o); i; i = json_object_iter_next(o, i))
		each(ctx, str_from(json_object_iter_key(i)),
		    wrap(json_object_iter_value(i)));
}

struct str
json_text(const struct json *v)
{
	if (!json_is_string(v))
		return STR("");
	return str_make(
	    json_string_value(unwrap(v)), json_string_length(unwrap(v)));
}

int64_t
json_number(const struct json *v, int64_t otherwise)
{
	if (is_type(v, JSON_INTEGER))
		return json_integer_value(unwrap(v));
	if (!is_type(v, JSON_REAL))
		return otherwise;
	double d = json_real_value(unwrap(v));

	/* 2^63 itself is no int64_t. */
	return d >= -0x1p63 && d < 0x1p63 ? (int64_t)d : otherwise;
}

bool
json_is_true(const struct json *v)
{
	return is_type(v, JSON_TRUE);
}

bool
json_is_string(const struct json *v)
{
	return is_type(v, JSON_STRING);
}

bool
json_is_array(const struct json *v)
{
	return is_type(v, JSON_ARRAY);
}

bool
json_is_object(const struct json *v)
{
	return is_type(v, JSON_OBJECT);
}

bool
json_is_number(const struct json *v)
{
	return is_type(v, JSON_INTEGER) || is_type(v, JSON_REAL);
}

static int
on_dump(const char *p, size_t n, void *ctx)
{
	text_bytes(ctx, p, n);
	return 0;
}

void
json_print(struct text *t, const struct json *v)
{
	if (!v || json_dump_callback(unwrap(v), on_dump, t,
		      JSON_COMPACT | JSON_ENCODE_ANY) < 0)
		text_add(t, "null");
}
