/* stream_books - the stream's part of the books: the outbox, "@PLACE EPOCH" */
#include "ledger/stream_parts.h"

static void
set_text(char *out, size_t cap, struct str v)
{
	struct text t;

	text_init(&t, out, cap);
	text_str(&t, v);
}

static void
print_place(const struct stream *s, struct text *out)
{
	/* An epoch that none is: whoever reads it finds that Redis lost all. */
	text_printf(out, "%s %s", s->place, s->is_untold ? "-" : s->epoch);
}

static bool
take_place(struct stream *s, struct str v)
{
	struct str place;

	if (!str_cut(&v, ' ', &place) || place.n >= STREAM_ID || v.n >= EPOCH)
		return false;
	set_text(s->place, sizeof(s->place), place);
	set_text(s->epoch, sizeof(s->epoch), v);
	return true;
}

static size_t
save_some(void *ctx, struct text *out, size_t max)
{
	struct stream *s = ctx;
	bool is_more = outbox_save(&s->outbox, out, max);

	if (s->is_place_saved || is_more)
		return is_more;
	text_char(out, '@');
	print_place(s, out);
	text_char(out, '\n');
	s->is_place_saved = true;
	return 0;
}

static void
save(void *ctx, struct text *out)
{
	save_some(ctx, out, SIZE_MAX);
}

static bool
replay(void *ctx, struct str section)
{
	struct stream *s = ctx;
	struct str line;

	while (str_cut(&section, '\n', &line)) {
		bool is_place = str_take(&line, STR("@"));

		if (is_place ? !take_place(s, line)
			     : !outbox_replay(&s->outbox, line))
			return false;
	}
	return section.n == 0;
}

static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct stream *s = ctx;
	char place[STREAM_ID + EPOCH + 2];
	struct text t;

	outbox_fold(&s->outbox, b, table);
	text_init(&t, place, sizeof(place));
	print_place(s, &t);
	disk_put(b, table, STR("@"), text_view(&t));
}

static size_t
fold_some(void *ctx, struct disk_batch *b, int table, size_t max)
{
	struct stream *s = ctx;

	return outbox_fold_some(&s->outbox, b, table, max);
}

static bool
load(void *ctx, struct str key, struct str value)
{
	struct stream *s = ctx;

	if (str_is(key, STR("@")))
		return take_place(s, value);
	outbox_load(&s->outbox, key, value);
	return true;
}

struct books_part
stream_part(struct stream *s)
{
	return (struct books_part){.tag = 'E',
	    .table = "outbox",
	    .ctx = s,
	    .save = save,
	    .save_some = save_some,
	    .replay = replay,
	    .fold = fold,
	    .fold_some = fold_some,
	    .load = load};
}
