/* follow_state - what the files of the follower share */
#ifndef FOLLOW_FOLLOW_STATE_H
#define FOLLOW_FOLLOW_STATE_H

#include "follow/follow.h"
#include "follow/follow_source.h"

struct follow {
	struct arena arena; /* files: the settings' may go at a reload */
	struct setting_list files;
	bool *is_unmatched; /* of each: said once */
	struct follow_hooks hooks;
	struct follow_source v[FOLLOW_SOURCES];
	size_t n;
	struct loop_timer *poll, *soon;
	struct loop_watch *notified;
	int inotify;
	struct follow_trust trust;
	struct {
		int fd; /* of a journal; 0: none */
		struct loop_watch *watch;
	} told[FOLLOW_SOURCES];
	struct loop *loop;
	unsigned polls;
	bool is_started, is_paused, is_waiting, is_idle, has_refused;
};

/* The source of this path, or a new one in the place of one that is no longer
 * wanted. NULL when there are too many. */
struct follow_source *follow_get_source(struct follow *f, struct str path);

/* Hands the source's lines to the hooks; without an end in time. */
struct follow_sink follow_sink_of(struct follow *f, size_t source);

#endif
