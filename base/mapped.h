/* mapped - the bytes of a file where the system has them, without a copy
 *
 * A file that somebody cuts short has fewer bytes than are mapped, and who
 * reads one that is gone gets SIGBUS (as for one that the disk can't give).
 * Then a page of zeros is put in its place, and mapped_is_cut says so.
 */
#ifndef BASE_MAPPED_H
#define BASE_MAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapped;

/* So many bytes of it, from its beginning. NULL: it can't be mapped, or
 * something else is: one at a time, for it handles SIGBUS until it is freed. */
struct mapped *mapped_new(int fd, uint64_t size);
/* The next part, contiguous with the one before it; 0: that was all. */
size_t mapped_next(struct mapped *m, const char **p);
/* Something that was read wasn't there. */
bool mapped_is_cut(const struct mapped *m);
void mapped_free(struct mapped **m);

#endif
