/* holder_books - the holder's part of the books */
#include "daemon/holder_state.h"
#include "ledger/books.h"

static void
print_key(const struct queue_message *m, struct text *out)
{
	text_str(out, m->instance);
	text_char(out, ' ');
	text_str(out, m->id);
}

void
holder_note(struct holder *h, const struct queue_message *m, bool is_gone)
{
	if (!h->is_kept)
		return;
	text_char(&h->changes, is_gone ? '-' : '+');
	if (is_gone)
		print_key(m, &h->changes);
	else
		queue_message_print(m, &h->changes);
	text_char(&h->changes, '\n');
	print_key(m, &h->unfolded);
	text_char(&h->unfolded, '\0');
}

static void
save(void *ctx, struct text *out)
{
	struct holder *h = ctx;

	text_str(out, text_view(&h->changes));
	text_clear(&h->changes);
}

static struct queue_entry *
find(struct holder *h, struct str key)
{
	struct str instance;

	return str_cut(&key, ' ', &instance)
		   ? queue_book_find(&h->held, instance, key)
		   : NULL;
}

static bool
load_line(struct holder *h, struct str line)
{
	char buf[2 * QUEUE_TEXT_MAX];
	struct queue_message m;

	if (!queue_message_parse(line, buf, &m))
		return false;
	queue_book_put(&h->held, &m);
	return true;
}

static void
note_unfolded(struct holder *h, struct str key)
{
	text_str(&h->unfolded, key);
	text_char(&h->unfolded, '\0');
}

static bool
replay_gone(struct holder *h, struct str key)
{
	struct queue_entry *e = find(h, key);

	note_unfolded(h, key);
	if (e)
		queue_book_remove(&h->held, e);
	return true;
}

static bool
replay_line(struct holder *h, struct str line)
{
	struct str rest, instance, id;

	if (str_take(&line, STR("-")))
		return replay_gone(h, line);
	if (!str_take(&line, STR("+")) || !load_line(h, line))
		return false;
	rest = line;
	if (str_cut(&rest, ' ', &instance) && str_cut(&rest, ' ', &id))
		note_unfolded(h,
		    str_make(instance.p, (size_t)(id.p - instance.p) + id.n));
	return true;
}

static bool
replay(void *ctx, struct str section)
{
	struct str line;

	while (str_cut(&section, '\n', &line)) {
		if (!replay_line(ctx, line))
			return false;
	}
	return section.n == 0;
}

static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct holder *h = ctx;
	struct str keys = text_view(&h->unfolded), key;
	char buf[QUEUE_LINE_MAX];
	struct text line;

	while (str_cut(&keys, '\0', &key)) {
		const struct queue_entry *e = find(h, key);

		if (!e) {
			disk_delete(b, table, key);
			continue;
		}
		text_init(&line, buf, sizeof(buf));
		queue_message_print(&e->m, &line);
		disk_put(b, table, key, text_view(&line));
	}
	text_clear(&h->unfolded);
}

static bool
load(void *ctx, struct str key, struct str value)
{
	(void)key;
	return load_line(ctx, value);
}

struct books_part
holder_part(struct holder *h)
{
	h->is_kept = true;
	return (struct books_part){.tag = 'Q',
	    .table = "held",
	    .ctx = h,
	    .save = save,
	    .replay = replay,
	    .fold = fold,
	    .load = load};
}
