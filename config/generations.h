/* generations - the configurations that held, kept below the state directory
 *
 * One file each, state_dir/config/000017: comments that say its generation
 * (settings.h), since when, and what it put on trial (trials.h), then its text.
 * The latest is what holds, or held until outpostd was stopped; the oldest go
 * beyond configs_kept.
 */
#ifndef CONFIG_GENERATIONS_H
#define CONFIG_GENERATIONS_H

#include "config/settings.h"

/* It holds from now on; nothing is written when it did before. */
int generations_keep(const struct settings *s, int64_t now, struct error *err);
/* The latest that is kept; NULL: none, or it can't be read any more. */
struct settings *generations_last(const struct settings *s);
/* That of this number; NULL likewise. See settings_load_old. */
struct settings *generations_load(
    const struct settings *s, uint64_t number, bool has_lists);
/* The number of the latest of this name; 0: there is none. */
uint64_t generations_number(const struct settings *s, const char *name);

struct generation {
	uint64_t number;
	char name[17]; /* settings' generation */
	int64_t since;
	struct str text; /* with its comments */
};
/* Oldest first. The view ends with the call. */
typedef void generations_fn(void *ctx, const struct generation *g);
void generations_each(
    const struct settings *s, generations_fn *each, void *ctx);

#endif
