/* story_parts - inside the stories: story*.c only */
#ifndef MTA_STORY_PARTS_H
#define MTA_STORY_PARTS_H

#include "base/map.h"
#include "mta/story.h"

struct stories {
	struct stories_options o;
	struct account_rules rules;
	struct arena arena;
	struct story_line **lines;
	size_t n_lines, cap_lines, bytes;
	struct map flights; /* queue id, or host and pid, to the newest */
	struct story_flight **all;
	size_t n_all, cap_all;
	struct story **told;
	size_t n_told;
};

/* story.c: the flight of a queue id that lived at a time, the host's own
 * before another one's; NULL. */
struct story_flight *story_find(
    struct stories *s, struct str host, struct str queue_id, int64_t at_us);
bool story_is_own(const struct stories *s, struct str address);
/* The line again, taken apart. */
void story_parse(const struct story_line *line, struct postfix_line *out);

/* story_link.c: which flight continues which. */
void story_link_all(struct stories *s);

/* story_tell.c: who sent it, what became of it. */
void story_tell(struct stories *s, struct story *story);

#endif
