/* spf_survey - all that an SPF record asks for, whoever sends */
#include "domains/spf_survey.h"

#include "domains/spf_term.h"

enum { DEPTH = 12, BROAD_V4 = 96 + 16, BROAD_V6 = 32 };

struct survey {
	struct answers *answers;
	struct spf_survey *out;
	bool is_waiting;
};

static void visit(
    struct survey *s, struct str domain, unsigned depth, char qualifier);

static void
copy(char *out, size_t size, struct str s)
{
	struct text t;

	text_init(&t, out, size);
	text_printable(&t, s);
}

static void
fail(struct survey *s, enum spf_result result, const char *why)
{
	if (s->out->result != SPF_PASS)
		return;
	s->out->result = result;
	copy(s->out->why, sizeof(s->out->why), str_from(why));
}

static void
note_void(struct survey *s, struct str name)
{
	char *names = s->out->void_names;
	size_t n = strlen(names);

	s->out->voids++;
	if (n + name.n + 2 >= SPF_SURVEY_WORDS)
		return;
	if (n > 0)
		names[n++] = ' ';
	copy(names + n, SPF_SURVEY_WORDS - n, name);
}

/* Answered, and with something in it? */
static const struct dns_answer *
ask(struct survey *s, struct str name, enum dns_type type)
{
	const struct dns_answer *a = answers_get(s->answers, name, type);

	s->is_waiting |= !a;
	if (a && a->status == DNS_FAILED)
		fail(s, SPF_TEMPERROR, a->why);
	return a;
}

static void
look_at_addresses(struct survey *s, struct str name)
{
	const struct dns_answer *v4 = ask(s, name, DNS_A), *v6;

	if (!v4 || v4->n > 0 || v4->status == DNS_FAILED)
		return;
	v6 = ask(s, name, DNS_AAAA);
	if (v6 && v6->n == 0 && v6->status != DNS_FAILED)
		note_void(s, name);
}

static void
look_at_mx(struct survey *s, struct str name)
{
	const struct dns_answer *mx = ask(s, name, DNS_MX);

	if (!mx || mx->status == DNS_FAILED)
		return;
	if (mx->n == 0)
		note_void(s, name);
	if (mx->n > SPF_LOOKUPS)
		fail(s, SPF_PERMERROR, "a domain has more than 10 MX records");
	for (size_t i = 0; i < mx->n && i < SPF_LOOKUPS; i++) {
		if (mx->v[i].text.n > 0)
			look_at_addresses(s, mx->v[i].text);
	}
}

static void
look_at_net(struct survey *s, const struct spf_term *t)
{
	unsigned least = t->kind == SPF_IP4 ? BROAD_V4 : BROAD_V6;

	if (t->qualifier == '+' && t->net.bits < least && !*s->out->broad)
		copy(s->out->broad, sizeof(s->out->broad), t->text);
}

static void
look_at_all(struct survey *s, struct str domain, char qualifier, char outer)
{
	if (qualifier == '+' && outer == '+' && !*s->out->open)
		copy(s->out->open, sizeof(s->out->open), domain);
}

/* Names with macros depend on who sends: they only count. */
static bool
has_macro(struct str spec)
{
	return str_find_char(spec, '%') >= 0;
}

static void
look_at(struct survey *s, struct str domain, const struct spf_term *t,
    unsigned depth, char qualifier)
{
	struct str name = t->spec.n > 0 ? t->spec : domain;

	if (++s->out->lookups > SPF_SURVEY_LOOKUPS || has_macro(name))
		return;
	if (name.p[name.n - 1] == '.')
		name.n--;
	if (t->kind == SPF_INCLUDE)
		visit(s, name, depth + 1,
		    t->qualifier == '+' ? qualifier : t->qualifier);
	else if (t->kind == SPF_A || t->kind == SPF_EXISTS)
		look_at_addresses(s, name);
	else if (t->kind == SPF_MX)
		look_at_mx(s, name);
	else
		s->out->has_ptr = true;
}

/* The record's words; depth 0 gives the verdict's "all". */
static void
visit_terms(struct survey *s, struct str domain, struct str record,
    unsigned depth, char qualifier)
{
	struct str rest = spf_terms(record), redirect = {"", 0};
	struct spf_term t;
	const char *why;
	bool has_all = false;
	int got;

	while ((got = spf_term_next(&rest, &t, &why)) > 0) {
		if (t.kind == SPF_REDIRECT) {
			redirect = t.spec;
		} else if (t.kind > SPF_REDIRECT || has_all) {
			continue;
		} else if (t.kind == SPF_ALL) {
			has_all = true;
			look_at_all(s, domain, t.qualifier, qualifier);
			if (depth == 0)
				s->out->all = t.qualifier;
		} else if (t.kind == SPF_IP4 || t.kind == SPF_IP6) {
			look_at_net(s, &t);
		} else {
			look_at(s, domain, &t, depth, qualifier);
		}
	}
	if (got < 0) {
		char words[SPF_WHY];
		struct text w;

		text_init(&w, words, sizeof(words));
		text_printf(&w, "in the record of %.*s, at \"%.*s\": %s",
		    STR_ARG(domain), STR_ARG(str_head(t.text, 80)), why);
		fail(s, SPF_PERMERROR, words);
	}
	if (redirect.n > 0 && has_all && depth == 0)
		s->out->has_all_and_redirect = true;
	if (redirect.n == 0 || has_all)
		return;
	if (depth == 0)
		s->out->all = 'r';
	if (++s->out->lookups <= SPF_SURVEY_LOOKUPS && !has_macro(redirect))
		visit(s, redirect, depth + 1, qualifier);
}

static void
visit(struct survey *s, struct str domain, unsigned depth, char qualifier)
{
	char why[SPF_WHY];
	struct str record;
	enum spf_result found;

	if (depth > DEPTH)
		return;
	found = spf_find(s->answers, domain, &record, why);
	if (found == SPF_PASS) {
		visit_terms(s, domain, record, depth, qualifier);
		return;
	}
	s->is_waiting |= found == SPF_WAITING;
	if (found == SPF_WAITING)
		return;
	if (found == SPF_NONE && depth > 0 && !*s->out->no_record)
		copy(s->out->no_record, sizeof(s->out->no_record), domain);
	fail(s, found == SPF_TEMPERROR ? found : SPF_PERMERROR, why);
}

void
spf_survey(struct answers *a, struct str domain, struct spf_survey *out)
{
	struct survey s = {a, out, false};

	*out = (struct spf_survey){.result = SPF_PASS};
	visit(&s, domain, 0, '+');
	if (s.is_waiting)
		out->result = SPF_WAITING;
}
