/* replies - what a receiver's answer means */
#include "reputation/replies.h"

#include <stdlib.h>

#include "base/map.h"
#include "reputation/patterns.h"
#include "reputation/reply_text.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT reply_spec
static const struct setting rows[] = {
#include "reputation/reply_fields.def"
};
#undef SETTING_STRUCT
#undef SETTING

const struct setting_table replies_fields = {
    "replies", rows, sizeof(rows) / sizeof(rows[0])};

static const struct {
	const char *text;
	enum reply_scope scope;
	const char *advice;
} classes[] = {
#define CLASS(NAME, text, scope, advice) {text, REPLY_SCOPE_##scope, advice},
#include "reputation/reply_classes.def"
#undef CLASS
};

static const char *const scopes[] = {
#define SCOPE(NAME, text) text,
#include "reputation/reply_classes.def"
#undef SCOPE
};

/* Rules of this name look at the status; they stand last. */
#define BY_STATUS "status-"

enum lasts { AS_CODED, TEMPORARY, PERMANENT };

struct rule {
	enum reply_class class;
	enum reply_scope scope;
	enum lasts lasts;
	int64_t retry_after;
	const char *name, *provider, *advice, *contact, *example;
};

/* What was said lately, and which rule it was: most replies are alike. */
enum { LATELY = 512 };
struct lately {
	uint64_t hash; /* keyed: receivers choose what they say */
	uint32_t rule; /* 1: the first one; 0: none */
	const char *provider;
};

struct replies {
	struct arena arena;
	struct patterns *patterns;
	struct map names;
	struct rule *v[REPLIES_MAX];
	size_t n;
	struct lately lately[LATELY];
};

const char *reply_class_text(enum reply_class class)
{
	return classes[class].text;
}

const char *
reply_scope_text(enum reply_scope scope)
{
	return scopes[scope];
}

struct replies *
replies_new(void)
{
	struct replies *r = xalloc(1, sizeof(*r));

	arena_init(&r->arena);
	map_init(&r->names);
	r->patterns = patterns_new();
	return r;
}

void
replies_free(struct replies **rp)
{
	struct replies *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	patterns_free(&r->patterns);
	map_done(&r->names);
	arena_done(&r->arena);
	free(r);
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return false;
	}
	return s.n > 0 && s.n < REPLIES_NAME;
}

static int
take_class(const char *text, struct rule *rule, struct error *err)
{
	for (int i = 0; i < REPLY_CLASSES; i++) {
		if (strcmp(text, classes[i].text) == 0) {
			rule->class = (enum reply_class)i;
			return 0;
		}
	}
	return error_set(
	    err, "\"%s\" is no class (unknown_user, blocked ...)", text);
}

static int
take_scope(const char *text, struct rule *rule, struct error *err)
{
	rule->scope = classes[rule->class].scope;
	if (!*text)
		return 0;
	for (int i = 0; i < REPLY_SCOPES; i++) {
		if (strcmp(text, scopes[i]) == 0) {
			rule->scope = (enum reply_scope)i;
			return 0;
		}
	}
	return error_set(err,
	    "\"%s\" is no scope (recipient, content, ip, domain, account, "
	    "session or tenant)",
	    text);
}

static int
take_lasts(const char *text, struct rule *rule, struct error *err)
{
	static const char *const words[] = {"", "true", "false"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(text, words[i]) == 0) {
			rule->lasts = (enum lasts)i;
			return 0;
		}
	}
	return error_set(err, "temporary is true or false, not \"%s\"", text);
}

static const char *
keep(struct replies *r, const char *text)
{
	return arena_dup(&r->arena, str_from(text));
}

int
replies_add(struct replies *r, const struct reply_spec *spec, struct error *err)
{
	struct rule rule = {.retry_after = spec->retry_after};
	struct str name = str_from(spec->name);

	if (!is_name(name))
		return error_set(err,
		    "\"%s\" is no name of a rule (a-z, 0-9, \"-\"; at most "
		    "%d)",
		    spec->name, REPLIES_NAME - 1);
	if (map_find(&r->names, name))
		return error_set(err, "two rules named \"%s\"", spec->name);
	if (r->n == REPLIES_MAX)
		return error_set(err, "more than %d rules", REPLIES_MAX);
	if (!*spec->example)
		return error_set(err, "rule %s has no example", spec->name);
	if (take_class(spec->class, &rule, err) < 0 ||
	    take_scope(spec->scope, &rule, err) < 0 ||
	    take_lasts(spec->temporary, &rule, err) < 0 ||
	    patterns_add(
		r->patterns, str_from(spec->text), (uint32_t)r->n, err) < 0)
		return error_prefix(err, "rule %s", spec->name);
	rule.name = keep(r, spec->name);
	rule.provider = *spec->provider ? keep(r, spec->provider) : NULL;
	rule.advice =
	    *spec->advice ? keep(r, spec->advice) : classes[rule.class].advice;
	rule.contact = keep(r, spec->contact);
	rule.example = keep(r, spec->example);
	struct rule *kept = arena_alloc(&r->arena, sizeof(*kept));

	*kept = rule;
	map_put(&r->names, str_from(kept->name), kept);
	r->v[r->n++] = kept;
	memset(r->lately, 0, sizeof(r->lately));
	return 0;
}

struct asked {
	const struct replies *replies;
	const struct providers *providers;
	const char *provider;
};

/* A rule about one provider isn't for another one's replies. Who isn't known
 * may be anybody: a domain's own name for a provider's host. */
static bool
is_asked(void *ctx, uint32_t id)
{
	const struct asked *a = ctx;
	const char *whose = a->replies->v[id]->provider;

	return !whose || !a->provider || strcmp(whose, a->provider) == 0 ||
	       !providers_find(a->providers, str_from(whose));
}

static void
tell(const struct rule *rule, struct reply *out)
{
	out->rule = rule->name;
	out->class = rule->class;
	out->scope = rule->scope;
	out->retry_after = rule->retry_after;
	out->advice = rule->advice;
	out->contact = rule->contact;
	out->is_by_status = str_starts(str_from(rule->name), STR(BY_STATUS));
	if (rule->lasts != AS_CODED)
		out->is_temporary = rule->lasts == TEMPORARY;
	if (!out->provider && rule->provider)
		out->provider = rule->provider;
}

static const struct rule *
find_rule(struct replies *r, const struct providers *p, const char *provider,
    struct str text)
{
	struct asked asked = {r, p, provider};
	uint64_t hash = map_hash(text);
	struct lately *l = &r->lately[hash % LATELY];
	uint32_t id;

	if (l->hash != hash || l->provider != provider) {
		l->hash = hash;
		l->provider = provider;
		l->rule =
		    patterns_find(r->patterns, text, is_asked, &asked, &id)
			? id + 1
			: 0;
	}
	return l->rule ? r->v[l->rule - 1] : NULL;
}

void
replies_read(struct replies *r, const struct providers *p, struct str host,
    struct str dsn, struct str text, struct reply *out)
{
	struct reply_text said;
	const struct rule *rule;

	reply_text_read(&said, dsn, text);
	if (host.n == 0)
		host = said.host;

	*out = (struct reply){
	    .class = REPLY_OTHER,
	    .scope = classes[REPLY_OTHER].scope,
	    .is_temporary = said.n > 0 && said.plain[0] == '4',
	    .provider = providers_of_host(p, host),
	    .advice = classes[REPLY_OTHER].advice,
	    .contact = "",
	};
	rule = find_rule(r, p, out->provider, str_make(said.plain, said.n));
	if (rule)
		tell(rule, out);
	out->is_unmatched =
	    said.code >= 400 && (!out->rule || out->is_by_status);
	if (!*out->contact && out->provider)
		out->contact = providers_contact(p, str_from(out->provider));
}

bool
replies_at(const struct replies *r, size_t i, struct replies_rule *out)
{
	if (i >= r->n)
		return false;
	const struct rule *rule = r->v[i];

	*out = (struct replies_rule){
	    rule->name, rule->provider, rule->example, rule->class};
	return true;
}
