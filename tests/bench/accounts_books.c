/* accounts_books - a ledger's records on the disk, as they stand after a while
 */
#include "tests/bench/accounts_books.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "ledger/books.h"
#include "tests/bench/accounts_shares.h"

enum {
	ROUNDS = 50,
	SHARE = 16,  /* one of so many records changes in a round */
	GONE_IN = 4, /* of those that change */
};

struct stored {
	struct str key, value;
	bool is_other; /* on the disk is another value, or none */
};

static struct store {
	struct ledger *ledger;
	struct arena bytes;
	struct stored *v;
	size_t n;
	int round;
	uint64_t seed;
	struct text value;
} s = {.seed = 5};

static uint32_t
draw(size_t below)
{
	s.seed = s.seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((s.seed >> 33) % below);
}

static void
on_subject(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	char name[LEDGER_KEY + 1];

	(void)ctx;
	name[0] = subject_kind_letter(kind);
	memcpy(name + 1, key.p, key.n);
	text_clear(&s.value);
	shares_make_value(record, sketches, &s.value);
	s.v[s.n++] =
	    (struct stored){arena_str(&s.bytes, str_make(name, key.n + 1)),
		arena_str(&s.bytes, text_view(&s.value)), true};
}

static void
take_subjects(struct ledger *l)
{
	s.ledger = l;
	s.v = xalloc(ledger_subjects(l), sizeof(*s.v));
	arena_init(&s.bytes);
	text_grow(&s.value, (size_t)1 << 30);
	ledger_change_all(l);
	while (ledger_changed(l) > 0)
		ledger_each_changed(l, 1000, on_subject, NULL);
	/* Who is written comes in no order. */
	for (size_t i = s.n; i > 1; i--) {
		size_t k = draw(i);
		struct stored was = s.v[i - 1];

		s.v[i - 1] = s.v[k];
		s.v[k] = was;
	}
}

static void
change(struct disk_batch *b, int table, struct stored *it)
{
	const struct stored *other = &s.v[draw(s.n)];
	bool is_gone = draw(GONE_IN) == 0;

	if (it->is_other)
		disk_put(b, table, it->key, it->value);
	else if (is_gone)
		disk_delete(b, table, it->key);
	else
		disk_put(b, table, it->key, other->value);
	it->is_other = !it->is_other;
}

static size_t
share_of(size_t round, size_t of)
{
	return s.n * round / of;
}

/* All in the first rounds; a share of them; the rest as it was. */
static void
fold(void *ctx, struct disk_batch *b, int table)
{
	int round = s.round++;
	size_t n = (size_t)round % SHARE;

	(void)ctx;
	for (size_t i = share_of(n, SHARE); i < share_of(n + 1, SHARE); i++) {
		struct stored *it = round < SHARE || round >= SHARE + ROUNDS
					? &s.v[i]
					: &s.v[draw(s.n)];

		if (round < SHARE + ROUNDS || it->is_other)
			change(b, table, it);
	}
}

static void
write_all(const struct books_options *o)
{
	const struct books_part part = {
	    .tag = 'L', .table = "subjects" DISK_PACKED, .fold = fold};
	struct error err;
	struct books *books = books_open(o, &part, 1, &err);

	if (!books)
		fatal("%s", err.text);
	/* The last is that of the end. */
	for (int i = 1; i < SHARE + ROUNDS + SHARE; i++)
		books_fold(books);
	books_close(&books);
}

static void
read_all(const struct books_options *o, struct accounts_books *out)
{
	static const struct ledger_options lo = {.max_subjects = 16000000};
	struct ledger *again = ledger_new(&lo);
	struct books_part part = ledger_part(again);
	int64_t began_us = time_mono_us();
	struct books_status status;
	struct error err;
	struct books *books = books_open(o, &part, 1, &err);

	if (!books)
		fatal("%s", err.text);
	out->load_us = time_mono_us() - began_us;
	if (ledger_subjects(again) != ledger_subjects(s.ledger))
		fatal("%zu subjects came back", ledger_subjects(again));
	books_status(books, &status);
	out->used_bytes = status.size.used_bytes;
	books_close(&books);
	ledger_free(&again);
}

void
accounts_books_write(struct ledger *l, struct accounts_books *out)
{
	char dir[] = "/var/tmp/outpost-accounts.XXXXXX", text[64];
	const struct books_options o = {
	    .dir = mkdtemp(dir),
	    .map_bytes = (size_t)16 << 30,
	};
	struct stat st;

	take_subjects(l);
	write_all(&o);
	read_all(&o, out);
	snprintf(text, sizeof(text), "%s/books/data.mdb", dir);
	if (stat(text, &st) < 0)
		fatal("%s is not there", text);
	out->file_bytes = (uint64_t)st.st_size;
	snprintf(text, sizeof(text), "rm -rf %s", dir);
	if (system(text) != 0)
		fatal("%s is still there", dir);
	text_done(&s.value);
	arena_done(&s.bytes);
	free(s.v);
}
