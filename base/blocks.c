/* blocks - many blocks of bytes, of up to some KB each, without holes */
#include "base/blocks.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

enum {
	PAGE = 4096,
	OWNER = sizeof(uint32_t), /* stands before the bytes */
	/* Sizes: in steps of 32 bytes, from 4 KB on of 256. */
	STEP = 32,
	FINE = 128,
	WIDE_STEP = 256,
	GROWTH = 4, /* a part of so many is added for growing */
	CLASSES = FINE + (BLOCKS_MOST + OWNER - FINE * STEP) / WIDE_STEP + 1,
};

struct blocks_class {
	char **pages;
	uint32_t n; /* blocks */
	uint32_t n_pages, cap;
};

static uint32_t
class_of(uint32_t n)
{
	n += OWNER;
	return n <= FINE * STEP ? (n - 1) / STEP
				: FINE + (n - FINE * STEP - 1) / WIDE_STEP;
}

static size_t
size_of(uint32_t class)
{
	return class < FINE
		   ? ((size_t) class + 1) * STEP
		   : FINE * STEP + ((size_t) class - FINE + 1) * WIDE_STEP;
}

void
blocks_init(struct blocks *bs, blocks_moved_fn *on_moved, void *ctx)
{
	*bs = (struct blocks){.on_moved = on_moved, .ctx = ctx};
}

void
blocks_done(struct blocks *bs)
{
	for (int i = 0; bs->classes && i < CLASSES; i++) {
		struct blocks_class *c = &bs->classes[i];

		while (c->n_pages > 0)
			free(c->pages[--c->n_pages]);
		free(c->pages);
	}
	free(bs->classes);
	free(bs->view);
	*bs = (struct blocks){0};
}

/* How many bytes stand in one piece from there on, up to n. */
static size_t
piece(size_t at, size_t n)
{
	size_t room = PAGE - at % PAGE;

	return n < room ? n : room;
}

static char *
place(const struct blocks_class *c, size_t at)
{
	return c->pages[at / PAGE] + at % PAGE;
}

static void
read_at(const struct blocks_class *c, size_t at, char *to, size_t n)
{
	while (n > 0) {
		size_t some = piece(at, n);

		memcpy(to, place(c, at), some);
		at += some;
		to += some;
		n -= some;
	}
}

static void
write_at(struct blocks_class *c, size_t at, const char *from, size_t n)
{
	while (n > 0) {
		size_t some = piece(at, n);

		memcpy(place(c, at), from, some);
		at += some;
		from += some;
		n -= some;
	}
}

static size_t
offset(struct block b)
{
	return b.at * size_of(b.class) + OWNER;
}

struct str
blocks_view(const struct blocks *bs, struct block b)
{
	if (b.n == 0)
		return str_make("", 0);
	const struct blocks_class *c = &bs->classes[b.class];
	size_t at = offset(b);

	if (piece(at, b.n) == b.n)
		return str_make(place(c, at), b.n);
	read_at(c, at, bs->view, b.n);
	return str_make(bs->view, b.n);
}

/* As many pages as its blocks need. */
static void
fit(struct blocks *bs, uint32_t class)
{
	struct blocks_class *c = &bs->classes[class];
	size_t n = (c->n * size_of(class) + PAGE - 1) / PAGE;

	if (n > c->cap) {
		c->cap = c->cap ? 2 * c->cap : 4;
		c->cap = n > c->cap ? (uint32_t)n : c->cap;
		c->pages = xrealloc(c->pages, c->cap, sizeof(*c->pages));
	}
	for (; c->n_pages < n; bs->n_pages++)
		c->pages[c->n_pages++] = xrealloc(NULL, 1, PAGE);
	for (; c->n_pages > n; bs->n_pages--)
		free(c->pages[--c->n_pages]);
}

/* A place at the end of its class. */
static uint32_t
take(struct blocks *bs, uint32_t class, uint32_t owner)
{
	struct blocks_class *c = &bs->classes[class];
	uint32_t at = c->n++;

	fit(bs, class);
	write_at(c, at * size_of(class), (const char *)&owner, OWNER);
	return at;
}

/* The last one moves to this place. */
static void
give(struct blocks *bs, uint32_t class, uint32_t at)
{
	struct blocks_class *c = &bs->classes[class];
	size_t size = size_of(class), from = --c->n * size, to = at * size;
	uint32_t owner;

	if (at != c->n) {
		read_at(c, from, (char *)&owner, OWNER);
		for (size_t left = size; left > 0;) {
			size_t some = piece(to, piece(from, left));

			memcpy(place(c, to), place(c, from), some);
			from += some;
			to += some;
			left -= some;
		}
		bs->on_moved(bs->ctx, owner, at);
	}
	fit(bs, class);
}

static void
begin(struct blocks *bs)
{
	if (bs->classes)
		return;
	bs->classes = xalloc(CLASSES, sizeof(*bs->classes));
	bs->view = xalloc(1, BLOCKS_MOST);
}

/* The class for n bytes; its own, if that will do. */
static uint16_t
choose(const struct blocks *bs, struct block b, uint32_t n)
{
	uint32_t more = n + n / GROWTH;

	if (!bs->is_growing)
		return (uint16_t)class_of(n);
	if (b.n > 0 && n + OWNER <= size_of(b.class) &&
	    2 * n >= size_of(b.class))
		return b.class;
	return (uint16_t)class_of(more < BLOCKS_MOST ? more : BLOCKS_MOST);
}

void
blocks_put(struct blocks *bs, uint32_t owner, struct block *b, struct str bytes)
{
	uint32_t n = (uint32_t)bytes.n;
	uint16_t class = n > 0 ? choose(bs, *b, n) : 0;
	bool stays = n > 0 && b->n > 0 && class == b->class;

	assert(bytes.n <= BLOCKS_MOST);
	begin(bs);
	if (b->n > 0 && !stays)
		give(bs, b->class, b->at);
	b->n = (uint16_t)n;
	if (n == 0)
		return;
	b->class = class;
	if (!stays)
		b->at = take(bs, class, owner);
	write_at(&bs->classes[class], offset(*b), bytes.p, n);
}

void
blocks_add(struct blocks *bs, uint32_t owner, struct block *b, struct str bytes)
{
	char whole[BLOCKS_MOST];
	uint32_t n = b->n, all = n + (uint32_t)bytes.n;

	assert(all <= BLOCKS_MOST);
	if (n == 0) {
		blocks_put(bs, owner, b, bytes);
	} else if (choose(bs, *b, all) == b->class) {
		write_at(
		    &bs->classes[b->class], offset(*b) + n, bytes.p, bytes.n);
		b->n = (uint16_t)all;
	} else {
		read_at(&bs->classes[b->class], offset(*b), whole, n);
		memcpy(whole + n, bytes.p, bytes.n);
		blocks_put(bs, owner, b, str_make(whole, all));
	}
}

void
blocks_trim(struct blocks *bs, uint32_t owner, struct block *b)
{
	char whole[BLOCKS_MOST];
	uint32_t n = b->n;

	if (n == 0 || choose(bs, *b, n) == b->class)
		return;
	read_at(&bs->classes[b->class], offset(*b), whole, n);
	blocks_put(bs, owner, b, str_make(whole, n));
}
