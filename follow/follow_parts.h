/* follow_parts - what the files of one source share */
#ifndef FOLLOW_FOLLOW_PARTS_H
#define FOLLOW_FOLLOW_PARTS_H

#include "follow/follow_source.h"

/* follow_open.c: opens what the goal says; 0, 1 not while files are being
 * renamed, or -1 with an error (both: tried again at the next call). */
int follow_open(
    struct follow_source *s, const struct follow_sink *sink, struct error *err);
/* The same with this older generation, from its start. */
struct past_file;
int follow_open_past(
    struct follow_source *s, const struct past_file *file, struct error *err);
bool follow_is_open(const struct follow_source *s);
void follow_close(struct follow_source *s);
/* At the end of what is open: is it an older generation by now, and is there
 * something in a younger one? */
bool follow_has_successor(struct follow_source *s);

/* follow_source.c */
void follow_set_place(struct follow_source *s, uint64_t offset,
    const struct follow_bytes *before);
void follow_end_line(struct follow_source *s, const struct follow_sink *sink);
void follow_tell_gap(const struct follow_sink *sink, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
