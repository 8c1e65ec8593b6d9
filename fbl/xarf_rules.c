/* xarf_rules - is a document valid XARF? */
#include "fbl/xarf_rules.h"

#include "fbl/xarf_check.h"

struct rule {
	const char *set, *member;
	enum xarf_check check;
	bool is_needed;
	const char *among;
};

#define MUST true
#define MAY false

static const struct rule rules[] = {
#define RULE(set, member, check, need, among) \
	{#set, member, XARF_##check, need, among},
#include "fbl/xarf.def"
};

static const char *const closed[] = {
#define CLOSED(set) #set,
#include "fbl/xarf.def"
};

enum source { IP, ANY, NEITHER };

static const struct type {
	const char *class, *type;
	int since;
	enum source source;
	const char *needs;
} types[] = {
#define TYPE(class, type, since, source, needs) \
	{class, type, since, source, needs},
#include "fbl/xarf.def"
};

enum { RULES = sizeof(rules) / sizeof(rules[0]), DEEPEST = 6 };

struct walk {
	const char *set;
	unsigned depth;
	struct error *err;
	int status;
};

static int check_set(
    const struct json *v, const char *set, unsigned depth, struct error *err);

static bool
is_closed(const char *set)
{
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++) {
		if (strcmp(closed[i], set) == 0)
			return true;
	}
	return false;
}

static int
fail(struct error *err, struct str member, const char *what)
{
	char buf[80];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printable(&t, member);
	return error_set(err, "not valid XARF: %s %s", buf, what);
}

static int
check_list(const struct json *list, const struct rule *rule, unsigned depth,
    struct error *err)
{
	if (!json_is_array(list) || json_count(list) == 0)
		return fail(
		    err, str_from(rule->member), "is no list of objects");
	for (size_t i = 0; i < json_count(list); i++) {
		if (check_set(json_at(list, i), rule->among, depth, err) < 0)
			return -1;
	}
	return 0;
}

static int
check_member(const struct json *v, const struct rule *rule, unsigned depth,
    struct error *err)
{
	if (rule->check == XARF_OBJECTS)
		return check_list(v, rule, depth, err);
	if (rule->check == XARF_TEXT_OR && json_is_string(v))
		return 0;
	if (rule->check == XARF_OBJECT || rule->check == XARF_TEXT_OR)
		return check_set(v, rule->among, depth, err);
	if (!xarf_check(rule->check, v, rule->among))
		return fail(
		    err, str_from(rule->member), "is not what it must be");
	return 0;
}

static const struct rule *
find_rule(const char *set, struct str member)
{
	for (size_t i = 0; i < RULES; i++) {
		if (strcmp(rules[i].set, set) == 0 &&
		    str_is(member, str_from(rules[i].member)))
			return &rules[i];
	}
	return NULL;
}

static void
on_member(void *ctx, struct str member, struct json *v)
{
	struct walk *w = ctx;
	const struct rule *rule = find_rule(w->set, member);

	if (w->status < 0)
		return;
	if (rule)
		w->status = check_member(v, rule, w->depth + 1, w->err);
	else if (is_closed(w->set))
		w->status = fail(w->err, member, "may not stand there");
}

static int
check_set(
    const struct json *v, const char *set, unsigned depth, struct error *err)
{
	struct walk w = {set, depth, err, 0};

	if (!json_is_object(v) || depth > DEEPEST)
		return error_set(err,
		    "not valid XARF: a member that must be an "
		    "object is none");
	json_each(v, on_member, &w);
	for (size_t i = 0; w.status == 0 && i < RULES; i++) {
		if (rules[i].is_needed && strcmp(rules[i].set, set) == 0 &&
		    !json_get(v, rules[i].member))
			w.status =
			    fail(err, str_from(rules[i].member), "is missing");
	}
	return w.status;
}

/* Who isn't a person has a name, a domain and an address. */
static int
check_party(const struct json *v, const char *kind, const char *const needs[3],
    struct error *err)
{
	if (!v || str_is(json_text(json_get(v, kind)), STR("Person")))
		return 0;
	for (size_t i = 0; i < 3; i++) {
		if (!json_get(v, needs[i]))
			return fail(err, str_from(needs[i]), "is missing");
	}
	return 0;
}

static int
check_parties(const struct json *doc, struct error *err)
{
	static const char *const reporter[3] = {
	    "ReporterOrg", "ReporterOrgDomain", "ReporterOrgEmail"};
	static const char *const other[3] = {
	    "ComplainantOrg", "ComplainantOrgDomain", "ComplainantOrgEmail"};

	if (check_party(json_get(doc, "ReporterInfo"), "ReporterType", reporter,
		err) < 0)
		return -1;
	return check_party(
	    json_get(doc, "OnBehalfOf"), "ComplainantType", other, err);
}

static void
on_any(void *ctx, struct str member, struct json *v)
{
	(void)member;
	(void)v;
	*(bool *)ctx = false;
}

static bool
is_empty(const struct json *object)
{
	bool answer = true;

	json_each(object, on_any, &answer);
	return answer;
}

static int
check_samples(const struct json *report, struct error *err)
{
	const struct json *samples = json_get(report, "Samples");
	const struct json *account = json_get(report, "Account");
	const struct json *cvss = json_get(report, "CVSS");

	for (size_t i = 0; i < json_count(samples); i++) {
		const struct json *one = json_at(samples, i);

		if (!json_get(one, "FileName") &&
		    !(json_get(one, "ContentType") && json_get(one, "Payload")))
			return fail(err, STR("Payload"), "is missing");
	}
	if (account && is_empty(account))
		return fail(err, STR("Account"), "is empty");
	if (cvss &&
	    str_is(json_text(json_get(cvss, "Version")), STR("2")) ==
		str_starts(json_text(json_get(cvss, "Vector")), STR("CVSS:3")))
		return fail(err, STR("Vector"), "is of another version");
	return 0;
}

static int
check_needs(const struct json *report, const struct type *t, struct error *err)
{
	struct str rest = str_from(t->needs), one;
	bool has_ip = json_get(report, "SourceIp");
	bool has_url =
	    json_get(report, "SourceUrl") || json_get(report, "InfringingUrl");

	if ((t->source == IP && !has_ip) ||
	    (t->source == ANY && !has_ip && !has_url))
		return fail(err, STR("SourceIp"), "is missing");
	if (t->source == NEITHER && (has_ip || has_url))
		return fail(err, STR("SourceIp"), "may not stand there");
	while (rest.n > 0) {
		char name[64];

		if (!str_cut(&rest, '|', &one)) {
			one = rest;
			rest.n = 0;
		}
		memcpy(name, one.p, one.n);
		name[one.n] = '\0';
		if (!json_get(report, name))
			return fail(err, one, "is missing");
	}
	return 0;
}

/* 0 is alpha, which needn't say so; -1: none that is known. */
static int
get_version(const struct json *doc)
{
	const struct json *version = json_get(doc, "Version");
	uint64_t n;

	if (!version || str_is(json_text(version), STR("alpha")))
		return 0;
	if (str_to_u64(json_text(version), &n) && n >= 1 && n <= 3)
		return (int)n;
	return -1;
}

static int
check_type(const struct json *report, int version, struct error *err)
{
	struct str class = json_text(json_get(report, "ReportClass"));
	struct str type = json_text(json_get(report, "ReportType"));

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (version >= types[i].since &&
		    str_is(class, str_from(types[i].class)) &&
		    str_is(type, str_from(types[i].type)))
			return check_needs(report, &types[i], err);
	}
	return fail(err, STR("ReportType"), "is none that is known");
}

int
xarf_rules_check(const struct json *doc, bool is_v4, struct error *err)
{
	const struct json *report = json_get(doc, "Report");
	int version = get_version(doc);

	if (is_v4)
		return check_set(doc, "TOP4", 0, err);
	if (version < 0)
		return fail(err, STR("Version"), "is none that is known");
	if (check_set(doc, "TOP", 0, err) < 0 || check_parties(doc, err) < 0 ||
	    check_samples(report, err) < 0)
		return -1;
	return check_type(report, version, err);
}
