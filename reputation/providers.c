/* providers - who receives mail: groups of receiving hosts run by one party */
#include "reputation/providers.h"

#include <stdlib.h>

#include "base/map.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT provider_spec
static const struct setting rows[] = {
#include "reputation/provider_fields.def"
};
#undef SETTING_STRUCT
#undef SETTING

const struct setting_table providers_fields = {
    "providers", rows, sizeof(rows) / sizeof(rows[0])};

enum { HOST_MAX = 255, FAR = 3 };

struct provider {
	char name[PROVIDERS_NAME];
	struct provider_playbook playbook;
};

/* A host's or domain's name, and whose it is. */
struct named {
	struct provider *provider;
	struct str name;
};

struct providers {
	struct arena arena;
	uint64_t id;
	struct provider *v[PROVIDERS_MAX];
	size_t n;
	struct map hosts, domains; /* struct named */
};

struct providers *
providers_new(void)
{
	static uint64_t made;
	struct providers *p = xalloc(1, sizeof(*p));

	p->id = ++made;
	arena_init(&p->arena);
	map_init(&p->hosts);
	map_init(&p->domains);
	return p;
}

void
providers_free(struct providers **pp)
{
	struct providers *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	map_done(&p->hosts);
	map_done(&p->domains);
	arena_done(&p->arena);
	free(p);
}

static bool
is_name(struct str s, const char *others)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') &&
		    !strchr(others, c))
			return false;
	}
	return s.n > 0;
}

static int
put_names(struct providers *p, struct map *m, struct provider *owner,
    const struct setting_list *names, struct error *err)
{
	for (size_t i = 0; i < names->n; i++) {
		struct str name = str_from(names->v[i]);

		if (!is_name(name, "-._") || name.n > HOST_MAX ||
		    *name.p == '.' || str_ends(name, STR(".")))
			return error_set(err,
			    "\"%s\" is no host or domain (lower case, no dot "
			    "at either end)",
			    names->v[i]);
		const struct named *other = map_find(m, name);

		if (other)
			return error_set(err, "%s is %s's already", names->v[i],
			    other->provider->name);
		struct named *one = arena_alloc(&p->arena, sizeof(*one));

		*one = (struct named){owner, arena_str(&p->arena, name)};
		map_put(m, one->name, one);
	}
	return 0;
}

static const struct {
	const char *name, *text;
} checks[] = {
#define CHECK_FIRST(name, text) {name, text},
#include "reputation/provider_checks.def"
#undef CHECK_FIRST
};

const char *
providers_check_text(struct str check)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (str_is(check, str_from(checks[i].name)))
			return checks[i].text;
	}
	return NULL;
}

static int
put_playbook(struct providers *p, struct provider *one,
    const struct provider_spec *spec, struct error *err)
{
	const char **v =
	    arena_alloc(&p->arena, (spec->check.n + 1) * sizeof(*v));

	for (size_t i = 0; i < spec->check.n; i++) {
		if (!providers_check_text(str_from(spec->check.v[i])))
			return error_set(err,
			    "provider %s: there is no check \"%s\"", spec->name,
			    spec->check.v[i]);
		v[i] = arena_dup(&p->arena, str_from(spec->check.v[i]));
	}
	one->playbook = (struct provider_playbook){{v, spec->check.n},
	    spec->wait,
	    arena_dup(&p->arena, str_from(spec->advice ? spec->advice : "")),
	    arena_dup(&p->arena, str_from(spec->contact))};
	return 0;
}

int
providers_add(
    struct providers *p, const struct provider_spec *spec, struct error *err)
{
	struct str name = str_from(spec->name);
	struct text t;

	if (!is_name(name, "-") || name.n >= PROVIDERS_NAME)
		return error_set(err,
		    "\"%s\" is no name of a provider (a-z, 0-9, \"-\"; at most "
		    "%d)",
		    spec->name, PROVIDERS_NAME - 1);
	if (providers_find(p, name))
		return error_set(err, "two providers named \"%s\"", spec->name);
	if (spec->mx.n == 0)
		return error_set(err, "provider %s has no mx", spec->name);
	if (p->n == PROVIDERS_MAX)
		return error_set(err, "more than %d providers", PROVIDERS_MAX);
	struct provider *one = arena_alloc(&p->arena, sizeof(*one));

	text_init(&t, one->name, sizeof(one->name));
	text_str(&t, name);
	if (put_playbook(p, one, spec, err) < 0)
		return -1;
	if (put_names(p, &p->hosts, one, &spec->mx, err) < 0 ||
	    put_names(p, &p->domains, one, &spec->domains, err) < 0)
		return -1;
	p->v[p->n++] = one;
	return 0;
}

uint64_t
providers_id(const struct providers *p)
{
	return p->id;
}

const char *
providers_at(const struct providers *p, size_t i)
{
	return i < p->n ? p->v[i]->name : NULL;
}

const char *
providers_find(const struct providers *p, struct str name)
{
	for (size_t i = 0; i < p->n; i++) {
		if (str_is_nocase(str_from(p->v[i]->name), name))
			return p->v[i]->name;
	}
	return NULL;
}

const char *
providers_contact(const struct providers *p, struct str name)
{
	for (size_t i = 0; i < p->n; i++) {
		if (str_is_nocase(str_from(p->v[i]->name), name))
			return p->v[i]->playbook.contact;
	}
	return "";
}

bool
providers_playbook(
    const struct providers *p, struct str name, struct provider_playbook *out)
{
	for (size_t i = 0; i < p->n; i++) {
		if (!str_is_nocase(str_from(p->v[i]->name), name))
			continue;
		*out = p->v[i]->playbook;
		return true;
	}
	return false;
}

const char *
providers_near(const struct providers *p, struct str name)
{
	const char *near = NULL;
	unsigned least = FAR;

	for (size_t i = 0; i < p->n; i++) {
		unsigned n = str_distance(str_from(p->v[i]->name), name, FAR);

		if (n < least) {
			least = n;
			near = p->v[i]->name;
		}
	}
	return near;
}

const char *
providers_of_host(const struct providers *p, struct str host)
{
	char lower[HOST_MAX];
	struct str rest, label;

	if (host.n > 0 && host.p[host.n - 1] == '.')
		host.n--;
	if (host.n > HOST_MAX)
		return NULL;
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	rest = str_make(lower, host.n);
	do {
		const struct named *found = map_find(&p->hosts, rest);

		if (found)
			return found->provider->name;
	} while (str_cut(&rest, '.', &label));
	return NULL;
}

const char *
providers_of_domain(const struct providers *p, struct str domain)
{
	const struct named *found = map_find(&p->domains, domain);

	return found ? found->provider->name : NULL;
}

void
providers_each_domain(const struct providers *p, struct str name,
    providers_domain_fn *each, void *ctx)
{
	const struct named *one;

	for (size_t i = 0; (one = map_next(&p->domains, &i));) {
		if (str_is(str_from(one->provider->name), name))
			each(ctx, one->name);
	}
}
