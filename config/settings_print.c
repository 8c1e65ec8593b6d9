/* settings_print - the settings as a configuration file with comments */
#include "config/settings.h"

enum { COLUMNS = 76 };

/* Prose as comment lines. */
static void
print_comment(struct text *out, const char *indent, const char *prose)
{
	struct str rest = str_trim(str_from(prose));

	while (rest.n > 0) {
		size_t n = rest.n;

		if (n > COLUMNS) {
			n = COLUMNS;
			while (n > 0 && rest.p[n] != ' ')
				n--;
			if (n == 0)
				n = COLUMNS;
		}
		text_printf(out, "%s# %.*s\n", indent, (int)n, rest.p);
		rest = str_trim(str_skip(rest, n));
	}
}

/* The settings of one section: they may come from several rooms. */
static void
print_section(struct settings *s, const char *section, struct text *out)
{
	const char *indent = *section ? "\t" : "";
	struct settings_room room;

	if (*section)
		text_printf(out, "%s: {\n", section);
	for (size_t i = 0; settings_room(s, i, &room); i++) {
		for (size_t k = 0; k < room.table->n; k++) {
			const struct setting *row = &room.table->v[k];

			if (strcmp(row->section, section) != 0)
				continue;
			print_comment(out, indent, row->help);
			text_printf(out, "%s%s = ", indent, row->name);
			setting_print(row, room.values, out);
			text_add(out, ";\n");
		}
	}
	text_add(out, *section ? "};\n\n" : "\n");
}

/* Has a section been printed already? The tables are short. */
static bool
is_first(struct settings *s, size_t room_index, size_t row_index)
{
	struct settings_room room, other;

	settings_room(s, room_index, &room);
	const char *section = room.table->v[row_index].section;

	for (size_t i = 0; i <= room_index && settings_room(s, i, &other);
	     i++) {
		size_t n = i == room_index ? row_index : other.table->n;

		for (size_t k = 0; k < n; k++) {
			if (strcmp(other.table->v[k].section, section) == 0)
				return false;
		}
	}
	return true;
}

void
settings_print(struct settings *s, struct text *out)
{
	struct settings_room room;

	print_section(s, "", out);
	for (size_t i = 0; settings_room(s, i, &room); i++) {
		for (size_t k = 0; k < room.table->n; k++) {
			const char *section = room.table->v[k].section;

			if (*section && is_first(s, i, k))
				print_section(s, section, out);
		}
	}
}
