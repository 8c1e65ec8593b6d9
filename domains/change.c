/* change - what is to become of the records of names, and of it again */
#include "domains/change.h"

#include <limits.h>

#include "base/json.h"

enum { DATA_MAX = 65535 };

static struct str
data_of(struct arena *a, struct str txt)
{
	struct text t;

	text_grow(&t, DATA_MAX);
	update_data(&t, txt);
	struct str data = arena_str(a, text_view(&t));

	text_done(&t);
	return data;
}

static struct str
text_of(struct arena *a, struct str data)
{
	struct text t;

	text_grow(&t, DATA_MAX);
	update_text(&t, data);
	struct str txt = arena_str(a, text_view(&t));

	text_done(&t);
	return txt;
}

void
change_make(struct change *c, struct arena *a, const struct update_set *before,
    const struct str *remove, size_t n, struct str add)
{
	c->before = c->after = *before;
	c->after.n = 0;
	for (size_t i = 0; i < before->n; i++) {
		struct str txt = text_of(a, before->v[i]);
		bool goes = str_is(txt, add); /* comes back, perhaps */

		for (size_t k = 0; k < n; k++)
			goes |= str_is(txt, remove[k]);
		if (!goes || str_is(before->v[i], data_of(a, add)))
			c->after.v[c->after.n++] = before->v[i];
	}
	if (!update_has(&c->after, data_of(a, add)) &&
	    c->after.n < UPDATE_RECORDS)
		c->after.v[c->after.n++] = data_of(a, add);
}

struct dns_answer
change_answer(
    const struct update_set *set, struct arena *a, struct dns_record *v)
{
	struct dns_answer out = {.status = set->n > 0 ? DNS_OK : DNS_NO_TYPE,
	    .ttl = set->ttl,
	    .n = set->n,
	    .v = v};

	for (size_t i = 0; i < set->n; i++)
		v[i] = (struct dns_record){
		    .strings = 1, .text = text_of(a, set->v[i])};
	return out;
}

bool
changes_message(const struct changes *c, bool is_undo, uint16_t id,
    const char *zone, struct update *out)
{
	update_begin(out, id, zone);
	for (size_t i = 0; i < c->n; i++)
		update_expect(out, is_undo ? &c->v[i].after : &c->v[i].before);
	for (size_t i = 0; i < c->n; i++) {
		const struct change *one = &c->v[i];

		update_change(out, is_undo ? &one->after : &one->before,
		    is_undo ? &one->before : &one->after);
	}
	return update_end(out);
}

static void
print_set(struct json_out *j, const char *name, const struct update_set *s)
{
	struct text hex;

	json_open(j, name);
	json_i64(j, "ttl", s->ttl);
	json_open_array(j, "data");
	for (size_t i = 0; i < s->n; i++) {
		text_grow(&hex, (size_t)2 * DATA_MAX + 1);
		text_hex(&hex, s->v[i].p, s->v[i].n);
		json_str(j, NULL, text_view(&hex));
		text_done(&hex);
	}
	json_close_array(j);
	json_close(j);
}

void
changes_print(const struct changes *c, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "domain", c->domain);
	json_str(&j, "zone", c->zone);
	json_str(&j, "by", c->by);
	json_i64(&j, "at", c->at);
	json_open_array(&j, "changes");
	for (size_t i = 0; i < c->n; i++) {
		json_open(&j, NULL);
		json_str(&j, "name", str_from(c->v[i].before.name));
		print_set(&j, "before", &c->v[i].before);
		print_set(&j, "after", &c->v[i].after);
		json_close(&j);
	}
	json_close_array(&j);
	json_close(&j);
	text_char(out, '\n');
}

static int
nibble(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

static bool
read_hex(struct str hex, struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, hex.n / 2 + 1);

	if (hex.n % 2 != 0 || hex.n == 0)
		return false;
	for (size_t i = 0; i < hex.n; i += 2) {
		int high = nibble(hex.p[i]), low = nibble(hex.p[i + 1]);

		if (high < 0 || low < 0)
			return false;
		p[i / 2] = (char)(high << 4 | low);
	}
	*out = str_make(p, hex.n / 2);
	return out->n <= DATA_MAX;
}

static bool
read_set(const struct json *j, const char *name, struct arena *a,
    struct update_set *out)
{
	const struct json *data = json_get(j, "data");
	int64_t ttl = json_number(json_get(j, "ttl"), -1);

	*out = (struct update_set){.name = name, .ttl = (uint32_t)ttl};
	if (ttl < 0 || ttl > INT_MAX || !json_is_array(data) ||
	    json_count(data) > UPDATE_RECORDS)
		return false;
	for (size_t i = 0; i < json_count(data); i++) {
		if (!read_hex(
			json_text(json_at(data, i)), a, &out->v[out->n++]))
			return false;
	}
	return true;
}

static bool
read_changes(const struct json *j, struct arena *a, struct changes *out)
{
	const struct json *list = json_get(j, "changes");
	char name[DNS_NAME];

	if (!json_is_array(list) || json_count(list) > CHANGES_MAX)
		return false;
	for (; out->n < json_count(list); out->n++) {
		const struct json *one = json_at(list, out->n);
		struct change *c = &out->v[out->n];

		if (!dns_name(json_text(json_get(one, "name")), name) || !*name)
			return false;
		const char *kept = arena_dup(a, str_from(name));

		if (!read_set(json_get(one, "before"), kept, a, &c->before) ||
		    !read_set(json_get(one, "after"), kept, a, &c->after))
			return false;
	}
	return out->n > 0;
}

int
changes_read(
    struct str file, struct arena *a, struct changes *out, struct error *err)
{
	struct json *doc = json_parse(file, err);

	if (!doc)
		return -1;
	out->n = 0;
	out->domain = arena_str(a, json_text(json_get(doc, "domain")));
	out->zone = arena_str(a, json_text(json_get(doc, "zone")));
	out->by = arena_str(a, json_text(json_get(doc, "by")));
	out->at = json_number(json_get(doc, "at"), 0);
	bool is_good = read_changes(doc, a, out);

	json_free(&doc);
	return is_good ? 0 : error_set(err, "not what was kept of a change");
}
