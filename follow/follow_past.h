/* follow_past - the older generations of a log file, oldest first
 *
 * What stands beside mail.log and was mail.log: mail.log.1, mail.log.2.gz,
 * mail.log-20261122, mail.log.20261122-120000.gz, mail-20261122.log. Numbers
 * and dates that sort are ordered by name, else by the time of the last change;
 * of a file and its gzip the file is taken.
 */
#ifndef FOLLOW_FOLLOW_PAST_H
#define FOLLOW_FOLLOW_PAST_H

#include <sys/stat.h>

#include "follow/follow_place.h"

enum { PAST_FILES = 64 };

struct past_file {
	char *path;
	uint64_t device, inode, size;
	int64_t changed_us; /* the last write */
	bool is_gz;
	unsigned number; /* mail.log.NUMBER; 0: none */
	size_t date_at;	 /* where in the path the date stands; 0: none */
};

/* More than PAST_FILES: the youngest of them. */
struct past {
	struct past_file v[PAST_FILES];
	size_t n;
	uint64_t live;	 /* the inode of the log itself; 0: there is none */
	bool is_settled; /* nothing was renamed while it was listed */
};

/* Never NULL; empty when the directory can't be read. The place's file is one
 * of them whatever its name. While a rotation is under way files may be missing
 * or stand there twice; then it isn't settled. */
struct past *past_new(const char *path, const struct follow_place *place);
/* Is everything still where it was? What was looked at by its name since then
 * was what the list says. */
bool past_is_still(
    const struct past *p, const char *path, const struct follow_place *place);
void past_free(struct past **p);

/* Is this name (without directory) one that the log of that name is rotated to?
 */
bool past_is_name(const char *live, const char *name);

/* Is the place in the live file, of which this is the stat? */
bool past_is_live(const struct follow_place *place, const struct stat *live);
/* Its index among the older ones; SIZE_MAX: nowhere. */
size_t past_find(const struct past *p, const struct follow_place *place);
/* The one to read after it, SIZE_MAX: after what is gone; n: none. What was
 * read already is passed over. */
size_t past_next(
    const struct past *p, const struct follow_place *place, size_t at);

int64_t past_changed_us(const struct stat *st);

#endif
