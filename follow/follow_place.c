/* follow_place - where reading goes on, and how it is known again */
#include "follow/follow_place.h"

#include <unistd.h>

#include "base/gz.h"

void
follow_tail_add(struct follow_bytes *tail, struct str more)
{
	if (more.n > FOLLOW_HASHED)
		more = str_skip(more, more.n - FOLLOW_HASHED);
	size_t room = FOLLOW_HASHED - more.n;
	size_t kept = tail->n < room ? tail->n : room;

	memmove(tail->b, tail->b + tail->n - kept, kept);
	memcpy(tail->b + kept, more.p, more.n);
	tail->n = kept + more.n;
}

void
follow_head_add(struct follow_bytes *head, struct str more)
{
	more = str_head(more, FOLLOW_HASHED - head->n);
	memcpy(head->b + head->n, more.p, more.n);
	head->n += more.n;
}

uint64_t
follow_hash(const struct follow_bytes *b, size_t n)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < n && i < b->n; i++)
		h = (h ^ (unsigned char)b->b[i]) * 0x100000001b3u;
	return h;
}

size_t
follow_hashed(uint64_t offset)
{
	return offset < FOLLOW_HASHED ? (size_t)offset : FOLLOW_HASHED;
}

bool
follow_tail_read(struct follow_bytes *tail, int fd, uint64_t offset)
{
	tail->n = follow_hashed(offset);
	return pread(fd, tail->b, tail->n, (off_t)(offset - tail->n)) ==
	       (ssize_t)tail->n;
}

bool
follow_head_read(struct follow_bytes *head, const char *path, size_t n)
{
	struct gz *g = gz_open(path, NULL);
	ssize_t got = 1;

	head->n = 0;
	if (!g)
		return false;
	while (head->n < n && got > 0) {
		got = gz_read(g, head->b + head->n, n - head->n, NULL);
		head->n += got > 0 ? (size_t)got : 0;
	}
	gz_close(&g);
	return head->n == n;
}

void
follow_place_leave(struct follow_place *p)
{
	if (p->offset == 0)
		return;
	if (p->n_left == FOLLOW_LEFT)
		memmove(p->left, p->left + 1, --p->n_left * sizeof(p->left[0]));
	p->left[p->n_left++] =
	    (struct follow_left){p->head, follow_hashed(p->offset)};
}

bool
follow_place_knows(const struct follow_place *p, const char *path, size_t least)
{
	struct follow_bytes head;
	size_t n = follow_hashed(p->offset);

	follow_head_read(&head, path, FOLLOW_HASHED);
	if (n >= least && n <= head.n && follow_hash(&head, n) == p->head)
		return true;
	for (size_t i = 0; i < p->n_left; i++) {
		n = p->left[i].n;
		if (n >= least && n <= head.n &&
		    follow_hash(&head, n) == p->left[i].head)
			return true;
	}
	return false;
}

void
follow_place_print(const struct follow_place *p, struct text *out)
{
	text_str(out, p->path);
	text_char(out, '\0');
	if (p->cursor.n > 0) {
		text_add(out, "cursor ");
		text_str(out, p->cursor);
		text_char(out, '\n');
		return;
	}
	const uint64_t field[] = {p->device, p->inode, p->offset, p->hash,
	    p->head, (uint64_t)p->seen_us};

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		text_u64(out, field[i]);
		text_char(out, ' ');
	}
	for (size_t i = 0; i < p->n_left; i++)
		text_printf(out, "%llu:%llu ", (unsigned long long)p->left[i].n,
		    (unsigned long long)p->left[i].head);
	text_char(out, '\n');
}

static bool
take_left(struct str line, struct follow_place *p)
{
	struct str word, n;

	for (p->n_left = 0; str_cut(&line, ' ', &word); p->n_left++) {
		struct follow_left *l = &p->left[p->n_left];

		if (p->n_left == FOLLOW_LEFT || !str_cut(&word, ':', &n) ||
		    !str_to_u64(n, &l->n) || !str_to_u64(word, &l->head) ||
		    l->n == 0 || l->n > FOLLOW_HASHED)
			return false;
	}
	return line.n == 0;
}

static bool
take_numbers(struct str line, struct follow_place *p)
{
	uint64_t seen_us, *const field[] = {&p->device, &p->inode, &p->offset,
			      &p->hash, &p->head, &seen_us};
	struct str word;

	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		if (!str_cut(&line, ' ', &word) || !str_to_u64(word, field[i]))
			return false;
	}
	p->seen_us = (int64_t)seen_us;
	return seen_us <= INT64_MAX && p->offset <= INT64_MAX &&
	       take_left(line, p);
}

bool
follow_place_take(struct str *in, struct follow_place *out)
{
	struct follow_place p = {0};
	struct str rest = *in, line;

	if (!str_cut(&rest, '\0', &p.path) || !str_cut(&rest, '\n', &line))
		return false;
	if (str_take(&line, STR("cursor ")))
		p.cursor = line;
	else if (!take_numbers(line, &p))
		return false;
	*out = p;
	*in = rest;
	return true;
}
