/* owners - the patterns of the settings: who is written to about whom */
#include "base/text.h"
#include "notify/directory_parts.h"

/* Linear for each *. */
bool
owner_is_like(struct str pattern, struct str s)
{
	struct str star = {NULL, 0}, from = {NULL, 0};

	while (s.n > 0) {
		if (pattern.n > 0 && *pattern.p == '*') {
			star = pattern = str_skip(pattern, 1);
			from = s;
		} else if (pattern.n > 0 && str_is_nocase(str_head(pattern, 1),
						str_head(s, 1))) {
			pattern = str_skip(pattern, 1);
			s = str_skip(s, 1);
		} else if (star.p) {
			pattern = star;
			s = from = str_skip(from, 1);
		} else {
			return false;
		}
	}
	while (pattern.n > 0 && *pattern.p == '*')
		pattern = str_skip(pattern, 1);
	return pattern.n == 0;
}

static bool
is_of(const struct owner_settings *o, struct str account)
{
	for (size_t i = 0; i < o->accounts.n; i++) {
		if (owner_is_like(str_from(o->accounts.v[i]), account))
			return true;
	}
	return false;
}

/* What doesn't expand to an address is left out. */
static void
add_address(struct owner_entry *e, const char *pattern, struct str account)
{
	char buf[512];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (owner_expand(str_from(pattern), account, false, &t) && t.n > 0)
		owner_add_address(e, text_view(&t));
}

static void
put(struct owner_entry *e, const char *name, const char *value)
{
	if (*value)
		owner_read_field(e, str_from(name), str_from(value), NULL);
}

bool
owners_find(const struct notify_settings *s, struct str account,
    struct owner_entry *out)
{
	for (size_t i = 0; i < s->n_owners; i++) {
		const struct owner_settings *o = &s->owners[i];

		if (!is_of(o, account))
			continue;
		for (size_t k = 0; k < o->to.n; k++)
			add_address(out, o->to.v[k], account);
		put(out, "language", o->language);
		put(out, "name", o->name);
		put(out, "plan", o->plan);
		put(out, "password_page", o->password_page);
		return true;
	}
	return false;
}
