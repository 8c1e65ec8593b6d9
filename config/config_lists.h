/* config_lists - a configuration file that has nothing but lists:
 *
 *   list = ( { name = value; ... }, ... );
 */
#ifndef CONFIG_CONFIG_LISTS_H
#define CONFIG_CONFIG_LISTS_H

#include "base/setting.h"
#include "config/config_file.h"

enum { CONFIG_LISTS_MAX = 8, CONFIG_LISTS_SPEC = 512 };

/* One that may stand there. spec is the struct of the fields, at most
 * CONFIG_LISTS_SPEC bytes, with their defaults. */
struct config_list {
	const char *name;
	const struct setting_table *fields;
	int (*add)(void *ctx, const void *spec, struct error *err);
};

/* Adds every element, in order. given (n, or NULL) tells which lists stand
 * there, even if empty. Errors: "FILE:LINE: what". */
int config_lists_put(const struct config_file *f,
    const struct config_list *lists, size_t n, struct arena *a, void *ctx,
    bool *given, struct error *err);

#endif
