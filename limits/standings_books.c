/* standings_books - the standings' part of the books: events as JSON lines */
#include <stdlib.h>

#include "base/error.h"
#include "ledger/books.h"
#include "limits/standings_parts.h"

enum { LINE = 512 }; /* bytes of an event, about */

static size_t
on_save_some(void *ctx, struct text *out, size_t max)
{
	struct standings *s = ctx;

	size_t bytes = max < SIZE_MAX / LINE ? max * LINE : SIZE_MAX;

	return text_move_lines(&s->unsaved, &s->saved, bytes, out);
}

static void
on_save(void *ctx, struct text *out)
{
	on_save_some(ctx, out, SIZE_MAX);
}

static bool
fold_lines(struct standings *s, struct str lines)
{
	struct event *e = xalloc(1, sizeof(*e));
	bool ok = true;

	for (struct str line; ok && lines.n > 0;) {
		ok = str_cut(&lines, '\n', &line) && event_parse(line, e, NULL);
		if (ok)
			standings_fold(s, e);
	}
	free(e);
	return ok;
}

/* A journal section: its subjects are newer than their records. */
static bool
on_replay(void *ctx, struct str section)
{
	struct standings *s = ctx;

	s->is_replaying = true;
	bool ok = fold_lines(s, section);

	s->is_replaying = false;
	return ok;
}

/* Begins: what changes from now on waits for the next fold, or is in this one
 * already. */
static void
on_fold(void *ctx, struct disk_batch *b, int table)
{
	struct standings *s = ctx;
	struct str gone = text_view(&s->gone), name;

	while (str_cut(&gone, '\0', &name)) {
		if (!map_find(&s->subjects, name))
			disk_delete(b, table, name);
	}
	text_clear(&s->gone);
	s->folding = s->dirty;
	s->dirty = NULL;
}

static void
put(const struct standings_subject *u, struct text *value, struct disk_batch *b,
    int table)
{
	text_clear(value);
	for (int list = 0; list < KEEP_LISTS; list++) {
		const struct kept_list *l = &u->lists[list];

		for (size_t i = 0; i < l->n; i++) {
			text_str(value, l->v[i]->json);
			text_char(value, '\n');
		}
	}
	disk_put(b, table, u->name, text_view(value));
}

static size_t
on_fold_some(void *ctx, struct disk_batch *b, int table, size_t max)
{
	struct standings *s = ctx;
	struct text value;

	text_grow(&value, STANDINGS_UNSAVED);
	for (; max > 0 && s->folding; max--) {
		struct standings_subject *u = s->folding;

		s->folding = u->next_dirty;
		u->next_dirty = NULL;
		u->is_dirty = false;
		put(u, &value, b, table);
	}
	text_done(&value);
	return s->folding != NULL;
}

static bool
on_load(void *ctx, struct str key, struct str value)
{
	struct standings *s = ctx;

	(void)key;
	s->is_loading = true;
	bool ok = fold_lines(s, value);

	s->is_loading = false;
	return ok;
}

struct books_part
standings_part(struct standings *s)
{
	s->is_journaled = true;
	return (struct books_part){.tag = 'S',
	    .table = "standings",
	    .ctx = s,
	    .save = on_save,
	    .save_some = on_save_some,
	    .replay = on_replay,
	    .fold = on_fold,
	    .fold_some = on_fold_some,
	    .load = on_load};
}
