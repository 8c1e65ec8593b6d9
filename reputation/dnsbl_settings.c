/* dnsbl_settings - which lists are asked */
#include "reputation/dnsbl.h"
#include "reputation/settings.h"

#define USUAL "usual"

static bool
take_key(const char *entry, struct str *name, struct str *file)
{
	*file = str_from(entry);
	return str_cut(file, '=', name) && name->n > 0 && file->n > 0;
}

int
dnsbl_settings_check(const struct reputation_settings *s, struct error *err)
{
	struct str name, file;

	for (size_t i = 0; i < s->dnsbl_keys.n; i++) {
		if (!take_key(s->dnsbl_keys.v[i], &name, &file) ||
		    *file.p != '/')
			return error_set(err,
			    "dnsbl_keys: \"%s\" isn't NAME=/FILE",
			    s->dnsbl_keys.v[i]);
	}
	return 0;
}

int
dnsbl_settings_check_names(const struct reputation_settings *s,
    const struct dnsbls *lists, struct error *err)
{
	struct str name, file;

	for (size_t i = 0; i < s->dnsbl_lists.n; i++) {
		name = str_from(s->dnsbl_lists.v[i]);
		str_take(&name, STR("-"));
		if (!str_is(name, STR(USUAL)) && !dnsbls_find(lists, name))
			return error_set(err,
			    "dnsbl_lists: there is no list \"%.*s\"",
			    STR_ARG(name));
	}
	for (size_t i = 0; i < s->client_dnsbls.n; i++) {
		name = str_from(s->client_dnsbls.v[i]);
		if (!dnsbls_find(lists, name))
			return error_set(err,
			    "client_dnsbls: there is no list \"%.*s\"",
			    STR_ARG(name));
	}
	for (size_t i = 0; i < s->dnsbl_keys.n; i++) {
		take_key(s->dnsbl_keys.v[i], &name, &file);
		const struct dnsbl *one = dnsbls_find(lists, name);

		if (!one || !one->has_key)
			return error_set(err,
			    one ? "dnsbl_keys: %.*s has no key in its zone"
				: "dnsbl_keys: there is no list \"%.*s\"",
			    STR_ARG(name));
	}
	return 0;
}

const char *
dnsbl_key_file(const struct reputation_settings *s, const struct dnsbl *one)
{
	struct str name, file;

	for (size_t i = 0; i < s->dnsbl_keys.n; i++) {
		if (take_key(s->dnsbl_keys.v[i], &name, &file) &&
		    str_is(name, str_from(one->name)))
			return file.p;
	}
	return NULL;
}

/* -1: no; 0: nothing is said of it; 1: yes. */
static int
is_named(const struct reputation_settings *s, const struct dnsbl *one)
{
	int named = 0;

	for (size_t i = 0; i < s->dnsbl_lists.n; i++) {
		struct str name = str_from(s->dnsbl_lists.v[i]);
		bool is_out = str_take(&name, STR("-"));

		if (str_is(name, str_from(one->name)))
			named = is_out ? -1 : 1;
	}
	return named;
}

static bool
has_usual(const struct reputation_settings *s)
{
	for (size_t i = 0; i < s->dnsbl_lists.n; i++) {
		if (strcmp(s->dnsbl_lists.v[i], USUAL) == 0)
			return true;
	}
	return false;
}

/* Another one tells the same, with a key. */
static bool
is_replaced(const struct reputation_settings *s, const struct dnsbls *lists,
    const struct dnsbl *one)
{
	const struct dnsbl *other;

	for (size_t i = 0; (other = dnsbls_at(lists, i)); i++) {
		if (strcmp(other->instead, one->name) == 0 &&
		    dnsbl_is_wanted(s, lists, other))
			return true;
	}
	return false;
}

bool
dnsbl_is_wanted(const struct reputation_settings *s, const struct dnsbls *lists,
    const struct dnsbl *one)
{
	int named = is_named(s, one);
	bool has_key = one->has_key && dnsbl_key_file(s, one);

	if (named != 0)
		return named > 0;
	if (one->is_of_clients || !has_usual(s) ||
	    !(one->has_key ? has_key : one->is_usual))
		return false;
	return !is_replaced(s, lists, one);
}
