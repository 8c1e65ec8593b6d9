/* follow_place - where reading goes on, and how it is known again
 *
 * A log file is renamed, copied, compressed and truncated, and inode numbers
 * are used again: what says that a file is the one that was read is what it
 * holds. The first bytes (head) find it under any name, and the bytes before
 * the offset (hash) prove that all of it was read. Both hashes are FNV-1a: a
 * guard against a mix-up, not against an attacker, who can't write the log.
 */
#ifndef FOLLOW_FOLLOW_PLACE_H
#define FOLLOW_FOLLOW_PLACE_H

#include "base/error.h"
#include "base/text.h"

enum { FOLLOW_HASHED = 256 };

/* At most so many bytes, the first or the last of something. */
struct follow_bytes {
	char b[FOLLOW_HASHED];
	size_t n;
};

/* The first n bytes of a file that was read to its end. */
struct follow_left {
	uint64_t head;
	uint64_t n;
};

enum { FOLLOW_LEFT = 8 };

/* In a gzip file the offset is that of what it holds. */
struct follow_place {
	struct str path;
	uint64_t device, inode, offset, hash;
	uint64_t head;	 /* of the first bytes up to the offset */
	int64_t seen_us; /* when the file was last written to, as far as it
			    was read; 0: not known */
	struct follow_left left[FOLLOW_LEFT]; /* the last ones */
	size_t n_left;
	struct str cursor; /* of a journal instead, else empty */
};

/* What came before, and then these: the last of it, and the first of it. */
void follow_tail_add(struct follow_bytes *tail, struct str more);
void follow_head_add(struct follow_bytes *head, struct str more);
/* The first n of them. */
uint64_t follow_hash(const struct follow_bytes *b, size_t n);
/* How many bytes a hash at this offset is over. */
size_t follow_hashed(uint64_t offset);

/* What the plain file holds before the offset; false: it has less. */
bool follow_tail_read(struct follow_bytes *tail, int fd, uint64_t offset);
/* The first n bytes of a file, plain or gzip; false: it has less, or can't be
 * read. */
bool follow_head_read(struct follow_bytes *head, const char *path, size_t n);

/* The place's file is left: it is read to its end. */
void follow_place_leave(struct follow_place *p);
/* Is this file the place's, or one of those that were left, or a copy of a part
 * of one? Told by so many bytes at least. */
bool follow_place_knows(
    const struct follow_place *p, const char *path, size_t least);

void follow_place_print(const struct follow_place *p, struct text *out);
/* Steps over one; its views are into *in. */
bool follow_place_take(struct str *in, struct follow_place *out);

#endif
