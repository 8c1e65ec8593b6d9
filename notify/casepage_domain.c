/* casepage_domain - what the owner of a domain sees of its health */
#include "notify/casepage_domain.h"

#include "notify/casepage_fields.h"

enum { WORD = 64, TITLE = 400 };

/* The word PREFIX_NAME; empty: there is none. */
static struct str
find_word(const struct words *w, const char *prefix, const char *name)
{
	char key[WORD];
	struct text t;

	text_init(&t, key, sizeof(key));
	text_printf(&t, "%s_%s", prefix, name);
	return casepage_word(w, key);
}

static void
put_finding(const struct words *w, const struct casepage_part *p, size_t i,
    struct template_data *part)
{
	struct template_data *d = template_add_item(part, "findings");
	struct str own = find_word(w, "f", p->findings[i].id);
	struct str exact = str_from(p->findings[i].text);

	template_put(d, "colour", str_from(p->findings[i].colour));
	template_put(d, "text", own.n > 0 ? own : exact);
	/* Names, addresses, places are in the text as it was found. */
	if (own.n > 0)
		template_put(d, "exact", exact);
}

static void
put_part(const struct words *w, const struct casepage_part *p,
    struct template_data *d)
{
	struct template_data *part = template_add_item(d, "parts");

	template_put(part, "name", str_from(p->name));
	template_put(part, "colour", str_from(p->colour));
	template_put(part, "colour_text", find_word(w, "colour", p->colour));
	for (size_t i = 0; i < p->n_findings; i++)
		put_finding(w, p, i, part);
	for (size_t i = 0; i < p->n_records; i++) {
		struct template_data *r = template_add_item(
		    part, p->records[i].is_right ? "right" : "found");

		template_put_flag(part,
		    p->records[i].is_right ? "has_right" : "has_found", true);
		template_put(r, "name", str_from(p->records[i].name));
		template_put(r, "text", p->records[i].text);
	}
}

void
casepage_domain_fill(const struct words *w, const struct casepage_domain *p,
    struct template_data *d)
{
	const struct words_filler v[] = {{'a', p->name}};
	char title[TITLE];
	struct text t;

	text_init(&t, title, sizeof(title));
	words_fill(casepage_word(w, "domain"), v, 1, &t);
	template_put(d, "title", text_view(&t));
	template_put(d, "lead", find_word(w, "domain_lead", p->colour));
	template_put(d, "domain", p->name);
	template_put(d, "colour", str_from(p->colour));
	template_put(d, "colour_text", find_word(w, "colour", p->colour));
	for (size_t i = 0; i < p->n_parts; i++)
		put_part(w, &p->parts[i], d);
}
