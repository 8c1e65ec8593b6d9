/* receivers_books - the part of the books that knows domains' providers */
#include "ledger/books.h"
#include "reputation/receivers_parts.h"

static void
note_unfolded(struct receivers *r, struct str domain)
{
	text_str(&r->unfolded, domain);
	text_char(&r->unfolded, '\0');
}

void
receivers_changed(struct receivers *r, struct str domain, struct str provider)
{
	if (!r->is_kept)
		return;
	text_char(&r->changes, provider.n ? '+' : '-');
	text_str(&r->changes, domain);
	if (provider.n) {
		text_char(&r->changes, ' ');
		text_str(&r->changes, provider);
	}
	text_char(&r->changes, '\n');
	note_unfolded(r, domain);
}

static void
save(void *ctx, struct text *out)
{
	struct receivers *r = ctx;

	text_str(out, text_view(&r->changes));
	text_clear(&r->changes);
}

static bool
is_good(struct str domain, struct str provider)
{
	return domain.n > 0 && domain.n <= RECEIVERS_DOMAIN &&
	       provider.n < PROVIDERS_NAME;
}

static bool
replay(void *ctx, struct str section)
{
	struct receivers *r = ctx;
	struct str line, domain;

	while (str_cut(&section, '\n', &line)) {
		bool is_known = str_take(&line, STR("+"));

		if (!is_known && !str_take(&line, STR("-")))
			return false;
		if (!is_known) {
			domain = line;
			line = STR("");
		} else if (!str_cut(&line, ' ', &domain) || line.n == 0) {
			return false;
		}
		if (!is_good(domain, line))
			return false;
		receivers_put(r, domain, line);
		note_unfolded(r, domain);
	}
	return section.n == 0;
}

static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct receivers *r = ctx;
	struct str keys = text_view(&r->unfolded), key;

	while (str_cut(&keys, '\0', &key)) {
		const struct receiver *d = map_find(&r->map, key);

		if (d)
			disk_put(b, table, key, str_from(d->provider));
		else
			disk_delete(b, table, key);
	}
	text_clear(&r->unfolded);
}

static bool
load(void *ctx, struct str key, struct str value)
{
	struct receivers *r = ctx;

	if (!is_good(key, value) || value.n == 0)
		return false;
	receivers_put(r, key, value);
	return true;
}

struct books_part
receivers_part(struct receivers *r)
{
	r->is_kept = true;
	return (struct books_part){.tag = 'R',
	    .table = "receivers",
	    .ctx = r,
	    .save = save,
	    .replay = replay,
	    .fold = fold,
	    .load = load};
}
