/* health - is a sending domain's authentication right? */
#include "domains/health.h"

#include <stdlib.h>

#include "base/error.h"

const char *
health_colour_word(enum health_colour c)
{
	static const char *const words[] = {
	    "info", "green", "could not tell", "amber", "red"};

	return words[c];
}

const char *
health_part_word(enum health_part p)
{
	static const char *const words[] = {
	    "SPF", "DKIM", "DMARC", "MX", "PTR", "MTA-STS", "TLS-RPT", "BIMI"};

	return words[p];
}

static const char *const signed_words[] = {"untold", "good", "bad", "not"};

const char *
health_signed_word(enum health_signed s)
{
	return signed_words[s];
}

enum health_signed
health_signed_parse(struct str word)
{
	for (int i = HEALTH_SIGNED_GOOD; i <= HEALTH_SIGNED_NOT; i++) {
		if (str_is(word, str_from(signed_words[i])))
			return (enum health_signed)i;
	}
	return HEALTH_SIGNED_UNTOLD;
}

void
health_say(struct health *h, enum health_part part, enum health_colour colour,
    const char *id, const char *fmt, ...)
{
	char raw[1024], shown[1024];
	struct text t;
	va_list ap;

	if (h->colours[part] < colour)
		h->colours[part] = colour;
	if (part < HEALTH_JUDGED && str_ends(str_from(id), STR("_UNKNOWN")))
		h->dns_failed = true;
	if (h->n_findings == HEALTH_FINDINGS)
		return;
	text_init(&t, raw, sizeof(raw));
	va_start(ap, fmt);
	text_vprintf(&t, fmt, ap);
	va_end(ap);
	struct str said = text_view(&t);

	text_init(&t, shown, sizeof(shown));
	text_printable(&t, said);
	h->findings[h->n_findings++] = (struct health_finding){
	    part, colour, id, arena_dup(&h->arena, text_view(&t))};
}

void
health_record(struct health *h, enum health_part part, bool is_right,
    const char *name, struct str text, bool is_secure)
{
	for (size_t i = 0; is_right && i < h->n_records; i++) {
		if (str_is(str_from(h->records[i].name), str_from(name)) &&
		    str_is(h->records[i].text, text))
			return; /* it is as it should be */
	}
	if (h->n_records == HEALTH_RECORDS)
		return;
	h->records[h->n_records++] = (struct health_record){
	    .part = part,
	    .is_right = is_right,
	    .is_secure = is_secure,
	    .name = arena_dup(&h->arena, str_from(name)),
	    .text = arena_str(&h->arena, text),
	};
}

struct health *
health_check(
    struct answers *a, const char *domain, const struct health_site *site)
{
	struct health *h = xalloc(1, sizeof(*h));
	bool is_done;

	arena_init(&h->arena);
	h->domain = arena_dup(&h->arena, str_from(domain));
	/* Each of them, so that all is asked at once; DMARC looks at the two
	 * before it. */
	is_done = health_spf(h, a, site);
	is_done = health_dkim(h, a, site) && is_done;
	is_done = health_dmarc(h, a, site) && is_done;
	is_done = health_mx(h, a) && is_done;
	is_done = health_addresses(h, a, site) && is_done;
	is_done = health_texts(h, a) && is_done;
	if (!is_done)
		health_free(&h);
	return h;
}

void
health_free(struct health **hp)
{
	struct health *h = *hp;

	if (!h)
		return;
	*hp = NULL;
	arena_done(&h->arena);
	free(h);
}

enum health_colour
health_worst(const struct health *h)
{
	enum health_colour worst = HEALTH_INFO;

	for (int i = 0; i < HEALTH_JUDGED; i++) {
		if (worst < h->colours[i])
			worst = h->colours[i];
	}
	return worst;
}

const struct health_finding *
health_worst_finding(
    const struct health *h, enum health_part part, enum health_colour least)
{
	const struct health_finding *worst = NULL;

	for (size_t i = 0; i < h->n_findings; i++) {
		const struct health_finding *f = &h->findings[i];

		if (part == HEALTH_PARTS ? f->part >= HEALTH_JUDGED
					 : f->part != part)
			continue;
		if (f->colour >= least && (!worst || f->colour > worst->colour))
			worst = f;
	}
	return worst;
}

unsigned
health_badness(const enum health_colour colours[HEALTH_JUDGED])
{
	static const unsigned weights[] = {0, 0, 1, 10, 1000};
	unsigned sum = 0;

	for (int p = 0; p < HEALTH_JUDGED; p++)
		sum += weights[colours[p]];
	return sum;
}
