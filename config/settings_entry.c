/* settings_entry - one entry of the file becomes one field, or an error */
#include "config/settings_entry.h"

int
settings_place(const struct config_entry *e, struct error *err)
{
	return error_prefix(err, "%s:%d", e->file, e->line);
}

/* The likeliest name, for the error; of equal ones that in the same section. */
void
settings_guess(struct settings_guess *best, const struct setting_table *t,
    const struct config_entry *e)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct setting *row = &t->v[i];
		unsigned most = e->name.n < 6 ? (unsigned)e->name.n / 2 : 3;
		unsigned d =
		    2 * str_distance(str_from(row->name), e->name, most);

		if (d > 2 * most)
			continue;
		d += !str_is(str_from(row->section), e->section);
		if (!best->row || d < best->distance)
			*best = (struct settings_guess){row, d};
	}
}

int
settings_unknown(const struct config_entry *e,
    const struct settings_guess *near, struct error *err)
{
	const struct setting *row = near->row;

	if (!row)
		error_set(err, "unknown key \"%.*s\"%s%.*s", STR_ARG(e->name),
		    e->section.n ? " in " : "", STR_ARG(e->section));
	else if (near->distance == 1)
		error_set(err, "\"%s\" belongs %s%s", row->name,
		    *row->section ? "into the group " : "outside of any group",
		    row->section);
	else
		error_set(err,
		    "unknown key \"%.*s\"%s%.*s; did you mean \"%s\"%s%s?",
		    STR_ARG(e->name), e->section.n ? " in " : "",
		    STR_ARG(e->section), row->name,
		    near->distance % 2 && *row->section ? " in " : "",
		    near->distance % 2 ? row->section : "");
	return settings_place(e, err);
}

/* What a setting takes, of the forms in which a value can be written. */
static int
check_form(
    const struct setting *row, const struct config_entry *e, struct error *err)
{
	bool ok = true;

	if (row->type == SETTING_STRING)
		ok = e->form == CONFIG_TEXT;
	else if (row->type == SETTING_BOOL)
		ok = e->form == CONFIG_BOOL;
	else if (row->type == SETTING_INT)
		ok = e->form == CONFIG_NUMBER;
	else if (row->type == SETTING_STRINGS || row->type == SETTING_NETS)
		ok = e->form == CONFIG_TEXT || e->form == CONFIG_TEXTS;
	else
		ok = e->form == CONFIG_TEXT || e->form == CONFIG_NUMBER;
	if (ok)
		return 0;
	return error_set(err, "%s must be %s", row->name,
	    row->type == SETTING_STRING ? "a text in quotes"
	    : row->type == SETTING_BOOL ? "true or false, without quotes"
	    : row->type == SETTING_INT	? "a number, without quotes"
					: "a text or a list of texts");
}

int
settings_put(struct settings *s, const struct setting *row,
    const struct config_entry *e, void *out, struct error *err)
{
	if (check_form(row, e, err) < 0 ||
	    setting_put(row, e->value, &s->arena, out, err) < 0)
		return settings_place(e, err);
	return 0;
}
