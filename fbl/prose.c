/* prose - what a report says in words, for people */
#include "fbl/prose.h"

#include "fbl/original.h"

enum { HEAD = 2000, DATE_MAX = 60 };

/* The first HEAD bytes with each run of blanks and line ends as one blank. */
static struct str
flatten(struct str text, struct arena *a)
{
	char *p;
	size_t n = 0;

	text = str_head(text, HEAD);
	p = arena_alloc(a, text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\n' || c == '\r' || c == '\t')
			c = ' ';
		if (c != ' ' || (n > 0 && p[n - 1] != ' '))
			p[n++] = c;
	}
	return str_make(p, n);
}

/* Cuts *s behind needle. */
static bool
find_behind(struct str *s, struct str needle)
{
	ptrdiff_t at = str_find_nocase(*s, needle);

	if (at < 0)
		return false;
	*s = str_skip(*s, (size_t)at + needle.n);
	return true;
}

static struct str
cut_word(struct str *s)
{
	struct str word;

	if (!str_cut(s, ' ', &word)) {
		word = *s;
		s->n = 0;
	}
	return word;
}

static void
derive_client(struct fbl_report *r, struct arena *a, struct str *rest)
{
	static const struct str before[] = {
	    STR_INIT("received from IP address "),
	    STR_INIT("received from IP "), STR_INIT(", IP ")};
	struct ip ip;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct str at = *rest, word;

		if (!find_behind(&at, before[i]))
			continue;
		word = cut_word(&at);
		while (word.n > 0 && strchr(".,;", word.p[word.n - 1]))
			word.n--;
		if (!fields_ip(word, &ip))
			continue;
		fields_add(&r->derived, a, FBL_SOURCE_IP, word);
		*rest = at;
		return;
	}
}

/* "... on Thu, 8 Mar 2005 14:00:00 EDT." */
static void
derive_date(struct fbl_report *r, struct arena *a, struct str rest)
{
	size_t n = 0, words = 0;

	if (!str_take(&rest, STR("on ")) && !find_behind(&rest, STR(" on ")))
		return;
	while (n < rest.n && n < DATE_MAX && rest.p[n] != '.') {
		words += rest.p[n] == ' ';
		if (words == 6)
			break;
		n++;
	}
	if (words >= 4)
		fields_add(&r->derived, a, FBL_ARRIVAL_DATE, str_head(rest, n));
}

void
prose_derive(struct fbl_report *r, struct arena *a, struct str text)
{
	struct str rest = flatten(text, a);

	if (!find_behind(&rest, STR("report for an email message")))
		return;
	derive_client(r, a, &rest);
	derive_date(r, a, rest);
}

static const struct {
	struct str label;
	enum fbl_field field;
} labels[] = {
    {STR_INIT("Sender Domain:"), FBL_REPORTED_DOMAIN},
    {STR_INIT("Sender IP Address:"), FBL_SOURCE_IP},
    {STR_INIT("Received date:"), FBL_ARRIVAL_DATE},
};

bool
prose_take_dmarc(struct fbl_report *r, struct arena *a, struct str text)
{
	struct str rest = text, line, header = {NULL, 0};
	size_t found = 0;

	if (str_find_nocase(str_head(text, HEAD), STR("DMARC")) < 0)
		return false;
	while ((size_t)(rest.p - text.p) < HEAD && header_line(&rest, &line)) {
		line = str_trim(line);
		if (str_find_nocase(line, STR("copy of the headers")) >= 0)
			header = rest;
		for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]);
		     i++) {
			if (!str_starts(line, labels[i].label) || header.p)
				continue;
			fields_add(&r->read, a, labels[i].field,
			    str_skip(line, labels[i].label.n));
			found++;
		}
	}
	if (found < 2)
		return false;
	if (header.p)
		original_take(r, a, header);
	return true;
}
