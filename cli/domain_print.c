/* domain_print - a domain's health, for people and as JSON */
#include "cli/domain_print.h"

#include "base/json.h"
#include "cli/domain.h"

enum { LABEL = 9, WIDTH_LEAST = 50, STRING_MAX = 255 };

void
domain_print_txt(struct text *out, struct str txt)
{
	size_t n = 0;

	text_char(out, '"');
	for (size_t i = 0; i < txt.n; i++, n++) {
		unsigned char c = (unsigned char)txt.p[i];

		if (n == STRING_MAX) {
			text_add(out, "\" \"");
			n = 0;
		}
		if (c == '"' || c == '\\')
			text_printf(out, "\\%c", c);
		else if (c < ' ' || c > '~')
			text_printf(out, "\\%03u", c);
		else
			text_char(out, (char)c);
	}
	text_char(out, '"');
}

/* Words, broken at blanks; the lines behind the first stand below it. */
static void
print_words(struct text *out, struct str words, size_t width)
{
	size_t room = width > 2 * LABEL ? width - LABEL - 2 : 0;

	while (room > 0 && words.n > room) {
		size_t n = room;

		while (n > 0 && words.p[n] != ' ')
			n--;
		if (n == 0)
			break;
		text_str(out, str_head(words, n));
		text_char(out, '\n');
		text_pad(out, ' ', LABEL + 2);
		words = str_skip(words, n + 1);
	}
	text_str(out, words);
	text_char(out, '\n');
}

static void
print_record(struct text *out, const struct health_record *r)
{
	text_pad(out, ' ', LABEL);
	text_add(out, r->is_right ? "right: " : "found: ");
	text_printable(out, str_from(r->name));
	text_add(out, ". TXT ");
	domain_print_txt(out, r->text);
	text_add(out, r->is_secure ? "  (DNSSEC)\n" : "\n");
}

static void
print_part(const struct health *h, enum health_part part, size_t width,
    struct text *out)
{
	size_t begin = out->n;

	if (part == HEALTH_JUDGED)
		text_add(out, "\nfor information\n");
	begin = out->n;
	text_add(out, health_part_word(part));
	text_pad(out, ' ', LABEL - (out->n - begin));
	text_add(out, health_colour_word(h->colours[part]));
	text_char(out, '\n');
	for (size_t i = 0; i < h->n_findings; i++) {
		const struct health_finding *f = &h->findings[i];

		if (f->part != part)
			continue;
		text_pad(out, ' ', LABEL);
		text_add(out, f->colour == HEALTH_RED	  ? "! "
			      : f->colour == HEALTH_AMBER ? "* "
							  : "- ");
		print_words(out, str_from(f->text), width);
	}
	for (size_t i = 0; i < h->n_records; i++) {
		if (h->records[i].part == part)
			print_record(out, &h->records[i]);
	}
}

void
domain_print(const struct health *h, size_t width, struct text *out)
{
	if (width > 0 && width < WIDTH_LEAST)
		width = WIDTH_LEAST;
	text_printable(out, str_from(h->domain));
	text_printf(out, ": %s\n", health_colour_word(health_worst(h)));
	for (enum health_part p = 0; p < HEALTH_PARTS; p++)
		print_part(h, p, width, out);
}

static void
print_findings(
    const struct health *h, enum health_part part, struct json_out *j)
{
	json_open_array(j, "findings");
	for (size_t i = 0; i < h->n_findings; i++) {
		const struct health_finding *f = &h->findings[i];

		if (f->part != part)
			continue;
		json_open(j, NULL);
		json_str(j, "id", str_from(f->id));
		json_str(j, "colour", str_from(health_colour_word(f->colour)));
		json_str(j, "text", str_from(f->text));
		json_close(j);
	}
	json_close_array(j);
}

static void
print_records(const struct health *h, enum health_part part, bool is_right,
    struct json_out *j)
{
	json_open_array(j, is_right ? "right" : "found");
	for (size_t i = 0; i < h->n_records; i++) {
		const struct health_record *r = &h->records[i];

		if (r->part != part || r->is_right != is_right)
			continue;
		json_open(j, NULL);
		json_str(j, "name", str_from(r->name));
		json_str(j, "text", r->text);
		if (!is_right)
			json_bool(j, "dnssec", r->is_secure);
		json_close(j);
	}
	json_close_array(j);
}

void
domain_print_json(const struct health *h, const struct domain_effort *effort,
    struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "domain", str_from(h->domain));
	json_str(&j, "colour", str_from(health_colour_word(health_worst(h))));
	json_i64(&j, "questions", (int64_t)effort->questions);
	json_i64(&j, "longest_turn_us", effort->turn_us);
	json_open_array(&j, "parts");
	for (enum health_part p = 0; p < HEALTH_PARTS; p++) {
		json_open(&j, NULL);
		json_str(&j, "part", str_from(health_part_word(p)));
		json_str(
		    &j, "colour", str_from(health_colour_word(h->colours[p])));
		json_bool(&j, "judged", p < HEALTH_JUDGED);
		print_findings(h, p, &j);
		print_records(h, p, false, &j);
		print_records(h, p, true, &j);
		json_close(&j);
	}
	json_close_array(&j);
	json_close(&j);
	text_char(out, '\n');
}
