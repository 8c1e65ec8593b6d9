/* roster - what is remembered of a domain in whose name mail leaves */
#include "domains/roster.h"

/* What could not be told is asked again so many times as often. */
enum { VERSION = 2, SOONER = 12 };

enum { UNSURE = 1, ACCOUNT = 2, SPF_FAILS = 4, SPF_FAILED = 8 };

static void
print_told(const struct health_told *told, struct text *out)
{
	if (told->what == HEALTH_SIGNED_UNTOLD)
		text_add(out, "- ");
	else
		text_printf(out, "%s,%lld,%s ", health_signed_word(told->what),
		    (long long)told->at, told->by);
}

void
roster_print(const struct roster *r, struct text *out)
{
	text_printf(out, "%d %lld %lld %lld %llx ", VERSION, (long long)r->seen,
	    (long long)r->named, (long long)r->checked,
	    (unsigned long long)r->site);
	for (int p = 0; p < HEALTH_JUDGED; p++)
		text_char(out, (char)('0' + r->colours[p]));
	text_printf(out, " %d %u %lld %s ",
	    (r->is_unsure ? UNSURE : 0) | (r->is_account ? ACCOUNT : 0) |
		(r->spf_fails ? SPF_FAILS : 0) |
		(r->spf_failed ? SPF_FAILED : 0),
	    r->links, (long long)r->written, *r->id ? r->id : "-");
	print_told(&r->told, out);
	for (size_t i = 0; i < r->n_selectors; i++)
		text_printf(out, "%s,", r->selectors[i]);
	text_printf(out, " %s", r->finding);
}

static bool
take_number(struct str *s, int64_t *out)
{
	struct str word;

	return str_cut(s, ' ', &word) && str_to_i64(word, out);
}

static bool
take_hex(struct str *s, uint64_t *out)
{
	struct str word;

	if (!str_cut(s, ' ', &word) || word.n == 0 || word.n > 16)
		return false;
	*out = 0;
	for (size_t i = 0; i < word.n; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *at = memchr(digits, word.p[i], 16);

		if (!at)
			return false;
		*out = *out << 4 | (uint64_t)(at - digits);
	}
	return true;
}

static bool
take_colours(struct str *s, struct roster *out)
{
	struct str word;

	if (!str_cut(s, ' ', &word) || word.n != HEALTH_JUDGED)
		return false;
	for (int p = 0; p < HEALTH_JUDGED; p++) {
		if (word.p[p] < '0' || word.p[p] > '0' + HEALTH_RED)
			return false;
		out->colours[p] = (enum health_colour)(word.p[p] - '0');
	}
	return true;
}

static void
put_text(struct str s, char *out, size_t size)
{
	struct text t;

	text_init(&t, out, size);
	text_printable(&t, s);
}

static bool
take_selectors(struct str *s, struct roster *out)
{
	struct str words, one;

	if (!str_cut(s, ' ', &words))
		return false;
	while (str_cut(&words, ',', &one)) {
		if (out->n_selectors == ROSTER_SELECTORS ||
		    one.n >= ROSTER_SELECTOR)
			return false;
		put_text(
		    one, out->selectors[out->n_selectors++], ROSTER_SELECTOR);
	}
	return true;
}

/* Blanks in `by` are underscores. */
static bool
take_told(struct str *s, struct health_told *out)
{
	struct str words, what, at;

	if (!str_cut(s, ' ', &words))
		return false;
	if (str_is(words, STR("-")))
		return true;
	if (!str_cut(&words, ',', &what) || !str_cut(&words, ',', &at) ||
	    !str_to_i64(at, &out->at))
		return false;
	out->what = health_signed_parse(what);
	put_text(words, out->by, sizeof(out->by));
	return out->what != HEALTH_SIGNED_UNTOLD;
}

bool
roster_parse(struct str s, struct roster *out)
{
	struct roster r = {0};
	int64_t version, flags, links;
	struct str id;

	if (!take_number(&s, &version) || version < 1 || version > VERSION ||
	    !take_number(&s, &r.seen) || !take_number(&s, &r.named) ||
	    !take_number(&s, &r.checked) || !take_hex(&s, &r.site) ||
	    !take_colours(&s, &r) || !take_number(&s, &flags) ||
	    !take_number(&s, &links) || !take_number(&s, &r.written) ||
	    !str_cut(&s, ' ', &id) ||
	    (version > 1 && !take_told(&s, &r.told)) || !take_selectors(&s, &r))
		return false;
	r.is_unsure = flags & UNSURE;
	r.is_account = flags & ACCOUNT;
	r.spf_fails = flags & SPF_FAILS;
	r.spf_failed = flags & SPF_FAILED;
	r.links = (unsigned)links & 0xff;
	if (!str_is(id, STR("-")))
		put_text(id, r.id, sizeof(r.id));
	put_text(s, r.finding, sizeof(r.finding));
	*out = r;
	return true;
}

bool
roster_join(struct str holds, struct str lost, struct text *out)
{
	struct roster mine, theirs;

	if (!roster_parse(holds, &mine) || !roster_parse(lost, &theirs))
		return false;
	unsigned ahead = (theirs.links - mine.links) & 0xff;

	if (ahead == 0 || ahead > 0x7f)
		return false;
	mine.links = theirs.links;
	roster_print(&mine, out);
	return true;
}

static bool
is_judged(enum health_colour c)
{
	return c == HEALTH_GREEN || c == HEALTH_AMBER || c == HEALTH_RED;
}

/* The worst finding of what is judged stands for it all. */
static void
note_worst(struct roster *r, const struct health *h)
{
	const struct health_finding *f =
	    health_worst_finding(h, HEALTH_PARTS, HEALTH_AMBER);

	r->id[0] = r->finding[0] = '\0';
	if (!f)
		return;
	put_text(str_from(f->id), r->id, sizeof(r->id));
	put_text(str_from(f->text), r->finding, sizeof(r->finding));
}

size_t
roster_take(struct roster *r, const struct health *h, uint64_t site,
    int64_t now, struct roster_change changes[HEALTH_JUDGED])
{
	bool is_same = r->checked > 0 && r->site == site;
	size_t n = 0;

	r->is_unsure = h->dns_failed;
	for (int i = 0; i < HEALTH_JUDGED; i++) {
		enum health_part p = (enum health_part)i;
		enum health_colour to = h->colours[p], from = r->colours[p];

		if (!is_judged(to))
			continue;
		r->colours[p] = to;
		if (!is_same || !is_judged(from) || from == to)
			continue;
		const struct health_finding *f =
		    health_worst_finding(h, p, HEALTH_INFO);

		changes[n++] = (struct roster_change){
		    p, from, to, f ? f->id : "", f ? f->text : ""};
	}
	r->spf_failed = is_same && r->spf_fails && h->spf_fails;
	r->spf_fails = h->spf_fails;
	if (!r->is_unsure || r->checked == 0)
		note_worst(r, h);
	r->checked = now;
	r->site = site;
	return n;
}

int64_t
roster_due(const struct roster *r, struct str domain, int64_t every)
{
	uint32_t spread = 2166136261U;

	if (r->checked == 0)
		return 0;
	for (size_t i = 0; i < domain.n; i++)
		spread = (spread ^ (uint8_t)domain.p[i]) * 16777619U;
	if (r->is_unsure)
		every /= SOONER;
	return r->checked + every + (every * (spread % 1000)) / 4000;
}

bool
roster_hear(struct roster *r, const struct health_told *told)
{
	const struct health_told *last = &r->told;

	/* The same of one receiver is told once a day. */
	if (told->at < last->at ||
	    (told->what == last->what && strcmp(told->by, last->by) == 0 &&
		strcmp(told->by, HEALTH_TEST) != 0 &&
		told->at < last->at + 86400))
		return false;
	r->told = *told;
	for (char *c = r->told.by; *c; c++)
		*c = *c == ' ' || *c == ',' ? '_' : *c;
	return true;
}

bool
roster_learn(struct roster *r, struct str selector)
{
	for (size_t i = 0; i < r->n_selectors; i++) {
		if (str_is_nocase(selector, str_from(r->selectors[i])))
			return false;
	}
	if (selector.n == 0 || selector.n >= ROSTER_SELECTOR ||
	    str_find_char(selector, ',') >= 0)
		return false;
	if (r->n_selectors == ROSTER_SELECTORS)
		memmove(r->selectors[0], r->selectors[1],
		    sizeof(r->selectors[0]) * --r->n_selectors);
	put_text(selector, r->selectors[r->n_selectors++], ROSTER_SELECTOR);
	return true;
}
