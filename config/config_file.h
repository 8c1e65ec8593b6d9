/* config_file - a configuration file as a flat list of entries (libconfig)
 *
 *   name = value;                  section "", no item
 *   section: { name = value; };    section, no item
 *   list = ( { name = value; } );  section = the list's name, item 0, 1, ...
 *
 * Values are texts: numbers and booleans as written, lists joined by commas.
 * Each entry knows where it stands. An element without members is one entry
 * without a name. Files that are @included are named absolutely, or relative to
 * the directory of the one that was asked for: all of them in one way.
 */
#ifndef CONFIG_CONFIG_FILE_H
#define CONFIG_CONFIG_FILE_H

#include "base/arena.h"
#include "base/error.h"

enum { CONFIG_NO_ITEM = -1 };

enum config_form { CONFIG_TEXT, CONFIG_NUMBER, CONFIG_BOOL, CONFIG_TEXTS };

struct config_entry {
	struct str section;
	int item; /* of a list, or CONFIG_NO_ITEM */
	enum config_form form;
	struct str name, value;
	const char *file;
	int line;
};

struct config_file {
	struct config_entry *v;
	size_t n;
};

/* Everything comes from the arena. Errors: "FILE:LINE: what". */
int config_file_read(const char *path, struct arena *a, struct config_file *out,
    struct error *err);
/* The same of a text, which errors call `name`. */
int config_text_read(const char *name, const char *text, struct arena *a,
    struct config_file *out, struct error *err);

#endif
