/* domain_fix - `outpost domain fix`: what to change, as lines of a zone */
#include "base/json.h"
#include "cli/domain_print.h"

bool
domain_fix_goes_for(
    const struct health_record *found, const struct health_record *right)
{
	return !found->is_right && found->part == right->part &&
	       str_is(str_from(found->name), str_from(right->name));
}

bool
domain_fix_is_change(const struct health_record *r)
{
	return r->is_right && !r->is_example && r->part < HEALTH_JUDGED;
}

/* Red or amber, and no record of ours mends it. */
static bool
is_left(const struct health *h, const struct health_finding *f)
{
	if (f->part >= HEALTH_JUDGED || f->colour < HEALTH_UNKNOWN)
		return false;
	for (size_t i = 0; i < h->n_records; i++) {
		if (domain_fix_is_change(&h->records[i]) &&
		    h->records[i].part == f->part)
			return f->colour == HEALTH_UNKNOWN;
	}
	return true;
}

static void
print_line(struct text *out, char sign, const struct health_record *r)
{
	text_char(out, sign);
	text_printable(out, str_from(r->name));
	text_add(out, ". IN TXT ");
	domain_print_txt(out, r->text);
	text_char(out, '\n');
}

size_t
domain_print_left(const struct health *h, struct text *out)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_findings; i++) {
		const struct health_finding *f = &h->findings[i];

		if (!is_left(h, f))
			continue;
		text_printf(out, "; %s, for a person: %s\n",
		    health_part_word(f->part), f->text);
		n++;
	}
	return n;
}

size_t
domain_print_fix(const struct health *h, struct text *out)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_records; i++) {
		const struct health_record *r = &h->records[i];

		if (!domain_fix_is_change(r))
			continue;
		text_printf(out, "; %s\n", health_part_word(r->part));
		for (size_t k = 0; k < h->n_records; k++) {
			if (domain_fix_goes_for(&h->records[k], r))
				print_line(out, '-', &h->records[k]);
		}
		print_line(out, '+', r);
		n++;
	}
	n += domain_print_left(h, out);
	if (n == 0)
		text_add(out, "; nothing to change\n");
	return n;
}

size_t
domain_print_fix_json(const struct health *h, struct text *out)
{
	struct json_out j;
	size_t n = 0;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "domain", str_from(h->domain));
	json_open_array(&j, "changes");
	for (size_t i = 0; i < h->n_records; i++) {
		const struct health_record *r = &h->records[i];

		if (!domain_fix_is_change(r))
			continue;
		json_open(&j, NULL);
		json_str(&j, "part", str_from(health_part_word(r->part)));
		json_str(&j, "name", str_from(r->name));
		json_str(&j, "type", STR("TXT"));
		json_open_array(&j, "remove");
		for (size_t k = 0; k < h->n_records; k++) {
			if (domain_fix_goes_for(&h->records[k], r))
				json_str(&j, NULL, h->records[k].text);
		}
		json_close_array(&j);
		json_str(&j, "add", r->text);
		json_close(&j);
		n++;
	}
	json_close_array(&j);
	json_open_array(&j, "left");
	for (size_t i = 0; i < h->n_findings; i++) {
		if (!is_left(h, &h->findings[i]))
			continue;
		json_str(&j, NULL, str_from(h->findings[i].text));
		n++;
	}
	json_close_array(&j);
	json_close(&j);
	text_char(out, '\n');
	return n;
}
