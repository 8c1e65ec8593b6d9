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
	text_printf(out, "%s %s", s->place, s->epoch);
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

static void
save(void *ctx, struct text *out)
{
	struct stream *s = ctx;

	outbox_save(&s->outbox, out);
	if (s->is_place_saved)
		return;
	text_char(out, '@');
	print_place(s, out);
	text_char(out, '\n');
	s->is_place_saved = true;
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
	    .replay = replay,
	    .fold = fold,
	    .load = load};
}
