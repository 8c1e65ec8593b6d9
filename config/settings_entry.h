/* settings_entry - one entry of the file becomes one field, or an error
 *
 * Private to config/settings*.c.
 */
#ifndef CONFIG_SETTINGS_ENTRY_H
#define CONFIG_SETTINGS_ENTRY_H

#include "config/config_file.h"
#include "config/settings.h"

/* Puts "FILE:LINE: " before the sentence; -1. */
int settings_place(const struct config_entry *e, struct error *err);

/* The likeliest name, for the error; of equal ones that in the same section.
 * Start with zeros, and go through every table that may have it. */
struct settings_guess {
	const struct setting *row;
	unsigned distance; /* twice the edits, and 1 for another section */
};
void settings_guess(struct settings_guess *best, const struct setting_table *t,
    const struct config_entry *e);
int settings_unknown(const struct config_entry *e,
    const struct settings_guess *near, struct error *err);

int settings_put(struct settings *s, const struct setting *row,
    const struct config_entry *e, void *out, struct error *err);

/* One element of a list of groups: its entries put into a struct. */
int settings_put_item(struct settings *s, const struct setting_table *table,
    const struct config_entry *v, size_t n, void *out, struct error *err);
/* settings_lists.c: an element of such a list. */
int settings_add_webhook(struct settings *s, const struct config_entry *v,
    size_t n, struct error *err);
int settings_add_hook(struct settings *s, const struct config_entry *v,
    size_t n, struct error *err);
int settings_add_imap(struct settings *s, const struct config_entry *v,
    size_t n, struct error *err);
int settings_add_zone(struct settings *s, const struct config_entry *v,
    size_t n, struct error *err);
int settings_add_owner(struct settings *s, const struct config_entry *v,
    size_t n, struct error *err);
int settings_add_pool(struct settings *s, const struct config_entry *v,
    size_t n, struct error *err);
int settings_add_own_ip(struct settings *s, const struct config_entry *v,
    size_t n, struct error *err);

/* settings_text.c: fills text and generation; a file of a class was read. */
void settings_note_file(struct settings *s, struct str content);
void settings_note_text(struct settings *s, const struct config_file *f);

#endif
