/* owner - what the directory says about an account's owner */
#include "notify/owner.h"

#include "base/json.h"
#include "base/time.h"
#include "notify/letter.h"
#include "notify/template.h"

static int
put(char *field, size_t size, const char *name, struct str value,
    struct error *err)
{
	if (value.n >= size)
		return error_set(
		    err, "%s is longer than %zu bytes", name, size - 1);
	for (size_t i = 0; i < value.n; i++) {
		if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
			return error_set(
			    err, "%s has a control character", name);
	}
	memcpy(field, value.p, value.n);
	field[value.n] = '\0';
	return 0;
}

static int
add_address(struct owner_entry *e, struct str s, struct error *err)
{
	if (!letter_is_address(s))
		return error_set(err, "addresses has what is no address");
	if (e->n == OWNER_ADDRESSES)
		return error_set(
		    err, "addresses has more than %d", OWNER_ADDRESSES);
	return put(
	    e->addresses[e->n++], sizeof(e->addresses[0]), "addresses", s, err);
}

bool
owner_add_address(struct owner_entry *e, struct str address)
{
	return add_address(e, address, NULL) == 0;
}

static int
put_addresses(struct owner_entry *e, struct str list, struct error *err)
{
	e->n = 0;
	while (list.n > 0) {
		struct str one;

		if (!str_cut(&list, ',', &one)) {
			one = list;
			list = STR("");
		}
		one = str_trim(one);
		if (one.n > 0 && add_address(e, one, err) != 0)
			return -1;
	}
	return 0;
}

/* "2024-03-01", or with a time. */
static int
put_created(struct owner_entry *e, struct str value, struct error *err)
{
	char buf[64];
	struct text t;
	int64_t at_us;

	text_init(&t, buf, sizeof(buf));
	text_str(&t, value);
	if (value.n == 10)
		text_add(&t, "T00:00:00Z");
	if (value.n == 0)
		return 0;
	if (!time_parse_rfc3339(text_view(&t), &at_us) || at_us <= 0)
		return error_set(err, "created is no date like 2024-03-01");
	e->created = at_us / TIME_US;
	return 0;
}

static int
put_page(struct owner_entry *e, struct str value, struct error *err)
{
	if (value.n > 0 && !str_starts(value, STR("https://")) &&
	    !str_starts(value, STR("http://")))
		return error_set(err, "password_page is no https://...");
	if (value.n > 0 && !template_is_url(value))
		return error_set(err, "password_page is no https://...");
	return put(e->password_page, sizeof(e->password_page), "password_page",
	    value, err);
}

int
owner_read_field(
    struct owner_entry *e, struct str name, struct str value, struct error *err)
{
	if (str_is(name, STR("addresses")))
		return put_addresses(e, value, err);
	if (str_is(name, STR("language")))
		return put(
		    e->language, sizeof(e->language), "language", value, err);
	if (str_is(name, STR("name")))
		return put(e->name, sizeof(e->name), "name", value, err);
	if (str_is(name, STR("plan")))
		return put(e->plan, sizeof(e->plan), "plan", value, err);
	if (str_is(name, STR("created")))
		return put_created(e, value, err);
	if (str_is(name, STR("password_page")))
		return put_page(e, value, err);
	return 0;
}

struct reading {
	struct owner_entry *e;
	bool is_known;
	int rc;
	struct error *err;
};

static int
read_addresses(struct reading *r, const struct json *array)
{
	r->e->n = 0;
	for (size_t i = 0; i < json_count(array); i++) {
		if (add_address(r->e, json_text(json_at(array, i)), r->err))
			return -1;
	}
	return 0;
}

/* null (or false): as if it weren't there. */
static bool
is_nothing(const struct json *v)
{
	return !json_is_string(v) && !json_is_array(v) && !json_is_object(v) &&
	       !json_is_number(v) && !json_is_true(v);
}

static void
on_member(void *ctx, struct str key, struct json *value)
{
	static const char *const known[] = {"addresses", "language", "name",
	    "plan", "created", "password_page"};
	struct reading *r = ctx;
	size_t i = 0;

	while (i < 6 && !str_is(key, str_from(known[i])))
		i++;
	if (r->rc != 0 || i == 6 || is_nothing(value))
		return;
	r->is_known = true;
	if (i == 0 && json_is_array(value))
		r->rc = read_addresses(r, value);
	else if (i > 0 && json_is_string(value))
		r->rc = owner_read_field(r->e, key, json_text(value), r->err);
	else
		r->rc = error_set(r->err, "%s is no %s", known[i],
		    i == 0 ? "list of texts" : "text");
}

int
owner_read_json(
    struct owner_entry *e, struct str json, bool *is_known, struct error *err)
{
	struct owner_entry all = *e;
	struct reading r = {.e = &all, .err = err};
	struct error why = {""};
	struct json *doc = json_parse(json, &why);

	if (!doc || !json_is_object(doc))
		r.rc = error_set(err, "no JSON object");
	else
		json_each(doc, on_member, &r);
	json_free(&doc);
	if (r.rc != 0)
		return -1;
	*e = all;
	*is_known = r.is_known;
	return 0;
}

static void
put_part(struct text *out, struct str s, bool is_url)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (!is_url || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '.' || c == '_' || c == '~')
			text_char(out, (char)c);
		else
			text_printf(out, "%%%02X", c);
	}
}

bool
owner_expand(
    struct str pattern, struct str account, bool is_url, struct text *out)
{
	struct str domain = account, local = account;

	if (!str_cut(&domain, '@', &local))
		domain = STR("");
	for (size_t i = 0; i < pattern.n; i++) {
		char c = pattern.p[i];

		if (c != '%') {
			text_char(out, c);
			continue;
		}
		c = ++i < pattern.n ? pattern.p[i] : 0;
		if (c == 'a')
			put_part(out, account, is_url);
		else if (c == 'u')
			put_part(out, local, is_url);
		else if (c == 'd')
			put_part(out, domain, is_url);
		else if (c == '%')
			text_char(out, '%');
		else
			return false;
	}
	return !out->is_cut;
}
