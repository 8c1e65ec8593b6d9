/* json - JSON out, written straight into a text; JSON in, by jansson
 *
 * Writing needs no tree: explain, replay and metrics print millions of
 * objects. The writer keeps commas right; names are literals from our code.
 * Strings are escaped; bytes that are no UTF-8 become U+FFFD.
 * Reading is jansson's (this is the only file that includes it); the reader
 * keeps the document's limits: depth 32, size as given.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/error.h"
#include "base/text.h"

struct json_out {
	struct text *t;
	bool has_value[32]; /* per depth: a comma is due */
	uint8_t depth;
};

void json_out_init(struct json_out *j, struct text *t);

/* key NULL: an element of an array, or the top. */
void json_open(struct json_out *j, const char *key);	   /* { */
void json_close(struct json_out *j);			   /* } */
void json_open_array(struct json_out *j, const char *key); /* [ */
void json_close_array(struct json_out *j);		   /* ] */
void json_str(struct json_out *j, const char *key, struct str v);
void json_i64(struct json_out *j, const char *key, int64_t v);
void json_bool(struct json_out *j, const char *key, bool v);
/* Writes null. (json_null is a symbol of jansson's, which calls it.) */
void json_nil(struct json_out *j, const char *key);
/* Already JSON. */
void json_raw(struct json_out *j, const char *key, struct str v);
/* RFC 3339; TIME_NEVER becomes null. */
void json_time(struct json_out *j, const char *key, int64_t at);

/* Reading. A json is a node in a document; NULL stands for "absent" and every
 * getter takes it. Strings live as long as the document. */
struct json;
/* An object or an array; a member that stands twice is an error. NULL on
 * errors; json_free frees. */
struct json *json_parse(struct str text, struct error *err);
void json_free(struct json **doc);
struct json *json_get(const struct json *object, const char *key);
size_t json_count(const struct json *array);
struct json *json_at(const struct json *array, size_t i);
/* Calls each for every member in the document's order. */
typedef void json_member_fn(void *ctx, struct str key, struct json *value);
void json_each(const struct json *object, json_member_fn *each, void *ctx);
struct str json_text(const struct json *v); /* empty unless a string */
int64_t json_number(const struct json *v, int64_t otherwise);
bool json_is_true(const struct json *v);
bool json_is_string(const struct json *v);
bool json_is_array(const struct json *v);
bool json_is_object(const struct json *v);
bool json_is_number(const struct json *v);
/* Prints the node, compact. */
void json_print(struct text *t, const struct json *v);

#endif
