/* spf_propose - an SPF record that would be right, out of what there is */
#include "domains/spf_survey.h"
#include "domains/spf_term.h"

/* Is the word one of those, separated by blanks? */
static bool
has_word(struct str words, struct str word)
{
	struct str one;

	while (words.n > 0) {
		if (!str_cut(&words, ' ', &one)) {
			one = words;
			words.n = 0;
		}
		if (str_is_nocase(one, word))
			return true;
	}
	return false;
}

static bool
leads_nowhere(const struct spf_term *t, const struct spf_survey *s)
{
	if (t->spec.n == 0 || t->kind == SPF_IP4 || t->kind == SPF_IP6)
		return false;
	if (t->kind == SPF_INCLUDE)
		return str_is_nocase(t->spec, str_from(s->no_record));
	return (t->kind == SPF_A || t->kind == SPF_MX ||
		   t->kind == SPF_EXISTS) &&
	       has_word(str_from(s->void_names), t->spec);
}

/* The milder of two: what one of them lets through isn't lost. */
static char
milder(char a, char b)
{
	static const char order[] = "+?~-";

	if (a == '\0')
		return b;
	return strchr(order, a) < strchr(order, b) ? a : b;
}

struct proposal {
	struct text *out;
	const struct spf_survey *survey;
	struct str redirect;
	char all;
};

static void
add_word(struct proposal *p, struct str word)
{
	if (has_word(text_view(p->out), word))
		return;
	text_char(p->out, ' ');
	text_str(p->out, word);
}

static void
add_record(struct proposal *p, struct str record)
{
	struct str rest = spf_terms(record);
	struct spf_term t;
	const char *why;
	int got;

	while (!p->out->is_cut && (got = spf_term_next(&rest, &t, &why)) != 0) {
		if (got < 0 || leads_nowhere(&t, p->survey))
			continue;
		if (t.kind == SPF_ALL)
			p->all = milder(p->all, t.qualifier);
		else if (t.kind == SPF_REDIRECT)
			p->redirect = t.text;
		else if (t.kind != SPF_PTR || t.qualifier != '+')
			add_word(p, t.text);
	}
}

void
spf_propose(struct text *out, const struct str *records, size_t n,
    struct str ours, const struct spf_survey *s)
{
	struct proposal p = {.out = out, .survey = s, .redirect = {"", 0}};
	struct str word;

	text_add(out, "v=spf1");
	for (size_t i = 0; i < n; i++)
		add_record(&p, records[i]);
	while (ours.n > 0) {
		if (!str_cut(&ours, ' ', &word)) {
			word = ours;
			ours.n = 0;
		}
		if (word.n > 0)
			add_word(&p, word);
	}
	if (p.all == '\0' && p.redirect.n > 0) {
		text_char(out, ' ');
		text_str(out, p.redirect);
	} else {
		text_add(out, p.all == '-' ? " -all" : " ~all");
	}
}
