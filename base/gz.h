/* gz - reads a file that may be gzip or plain, or standard input */
#ifndef BASE_GZ_H
#define BASE_GZ_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "base/error.h"

struct gz;
/* "-" is standard input. NULL with an error that names the path. */
struct gz *gz_open(const char *path, struct error *err);
/* What it reads needs no inflating. Waits for the first bytes of a pipe. */
bool gz_is_plain(struct gz *g);
/* Bytes read, 0 at the end, -1 with an error (truncated gzip is one). */
ssize_t gz_read(struct gz *g, void *buf, size_t cap, struct error *err);
/* The next bytes of a plain file where they lie, which spares a copy of them:
 * *p, right behind those of the call before and like these valid until
 * gz_close. Returns how many; 0: that was all when it was opened, and gz_read
 * has what came since, or all of a file that can't be looked at so; -1 with an
 * error: it was cut short meanwhile, or the disk failed, and where something is
 * missing zeros were seen. One file at a time, by one thread: it handles
 * SIGBUS. */
ssize_t gz_look(struct gz *g, const char **p, struct error *err);
/* Compressed bytes consumed and the file's size (0 when unknown). */
void gz_progress(const struct gz *g, uint64_t *done, uint64_t *size);
void gz_close(struct gz **g);

#endif
