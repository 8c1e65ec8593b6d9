/* follow_books - the positions in the books: part 'P' */
#include "follow/follow_state.h"

static void
save(void *ctx, struct text *out)
{
	struct follow *f = ctx;

	for (size_t i = 0; i < f->n; i++)
		follow_source_save(&f->v[i], out);
}

static bool
replay(void *ctx, struct str section)
{
	struct follow *f = ctx;
	struct follow_place p;

	while (section.n > 0) {
		if (!follow_place_take(&section, &p))
			return false;
		struct follow_source *s = follow_get_source(f, p.path);

		if (s)
			follow_source_place(s, &p);
	}
	return true;
}

static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct follow *f = ctx;

	for (size_t i = 0; i < f->n; i++) {
		char buf[8192];
		struct str path = str_from(f->v[i].path);
		struct text t;

		text_init(&t, buf, sizeof(buf));
		follow_source_print(&f->v[i], &t);
		if (f->is_started && !f->v[i].is_wanted)
			disk_delete(b, table, path);
		else if (t.n > 0)
			disk_put(b, table, path, text_view(&t));
	}
}

static bool
load(void *ctx, struct str key, struct str value)
{
	(void)key;
	return replay(ctx, value);
}

struct books_part
follow_part(struct follow *f)
{
	return (struct books_part){
	    .tag = 'P',
	    .table = "positions",
	    .ctx = f,
	    .save = save,
	    .replay = replay,
	    .fold = fold,
	    .load = load,
	};
}
