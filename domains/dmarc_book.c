/* dmarc_book - DMARC aggregate reports, kept by day and domain */
#include "domains/dmarc_book.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/crypto.h"
#include "domains/dmarc_pack.h"

enum {
	FORMAT = 1,
	DAY = 86400,
	HASH = 12,
	KEY = 4 + DNS_NAME + HASH + 2,
	RECENT = 256,
	UNVOUCHED_DAY = 5000, /* reports that anybody may have sent */
	UNVOUCHED_ROWS = 500, /* of each */
};

struct dmarc_book {
	struct disk *disk;
	int64_t day; /* of the count */
	unsigned unvouched;
	int64_t pruned; /* all up to that day is gone */
	/* Hashes of the latest, which may not be on disk yet. */
	uint8_t recent[RECENT][HASH];
	unsigned next;
};

static const char *const tables[] = {"reports", NULL};

struct dmarc_book *
dmarc_book_open(const char *state_dir, size_t map_bytes, struct error *err)
{
	struct dmarc_book *b = xalloc(1, sizeof(*b));
	char dir[4096];
	struct text t;

	text_init(&t, dir, sizeof(dir));
	text_printf(&t, "%s/dmarc", state_dir);
	if (mkdir(dir, 0750) < 0 && errno != EEXIST)
		error_set(err, "%s: %s", dir, strerror(errno));
	else
		b->disk = disk_open(dir, tables, FORMAT, map_bytes, true, err);
	if (b->disk)
		return b;
	free(b);
	return NULL;
}

void
dmarc_book_start(struct dmarc_book *b, struct loop *l)
{
	disk_start(b->disk, l);
}

void
dmarc_book_close(struct dmarc_book **b)
{
	if (!*b)
		return;
	disk_close(&(*b)->disk);
	free(*b);
	*b = NULL;
}

/* What all rows of a domain's day begin with. */
static size_t
make_prefix(char key[KEY], int64_t day, const char *domain)
{
	size_t n = strlen(domain);

	bytes_put(key, 4, (uint64_t)day);
	memcpy(key + 4, domain, n + 1);
	return 4 + n + 1;
}

static size_t
make_key(char key[KEY], int64_t day, const struct dmarc_report *r,
    struct str reporter, size_t seq)
{
	uint8_t hash[CRYPTO_SHA256];
	char name[4 * DMARC_TEXT];
	size_t n = make_prefix(key, day, r->domain);
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "%.*s\n%s\n%lld", STR_ARG(reporter), r->id,
	    (long long)r->begin);
	crypto_sha256(text_view(&t), hash);
	memcpy(key + n, hash, HASH);
	bytes_put(key + n + HASH, 2, seq);
	return n + HASH + 2;
}

static bool
is_on_disk(struct dmarc_book *b, struct str key)
{
	struct error err;
	char *value;
	size_t n;

	if (disk_get(b->disk, 0, key, &value, &n, &err) <= 0)
		return false;
	free(value);
	return true;
}

static bool
is_recent(const struct dmarc_book *b, const uint8_t hash[CRYPTO_SHA256])
{
	for (size_t i = 0; i < RECENT; i++) {
		if (memcmp(b->recent[i], hash, HASH) == 0)
			return true;
	}
	return false;
}

static enum dmarc_added
judge_new(struct dmarc_book *b, const struct dmarc_report *r,
    struct str reporter, bool is_vouched, int64_t now, int64_t days)
{
	int64_t day = r->end / DAY, today = now / DAY;
	uint8_t hash[CRYPTO_SHA256];
	char buf[KEY];

	if (day > today + 1 || day <= today - days)
		return DMARC_STALE;
	struct str key = str_make(buf, make_key(buf, day, r, reporter, 0));

	if (is_on_disk(b, key))
		return DMARC_KNOWN;
	crypto_sha256(key, hash);
	if (disk_waiting(b->disk) > 0 && is_recent(b, hash))
		return DMARC_UNWRITTEN;
	if (b->day != today)
		b->unvouched = 0;
	b->day = today;
	if (!is_vouched && b->unvouched++ >= UNVOUCHED_DAY)
		return DMARC_MUCH;
	memcpy(b->recent[b->next++ % RECENT], hash, HASH);
	return DMARC_ADDED;
}

enum dmarc_added
dmarc_book_add(struct dmarc_book *b, const struct dmarc_report *r,
    struct str reporter, bool is_vouched, int64_t now, int64_t days,
    disk_done_fn *on_done, void *ctx)
{
	enum dmarc_added added =
	    judge_new(b, r, reporter, is_vouched, now, days);
	size_t n = is_vouched || r->n < UNVOUCHED_ROWS ? r->n : UNVOUCHED_ROWS;
	struct disk_batch *batch;
	char key[KEY], value[DMARC_PACKED_ROW];
	struct text t;

	if (added != DMARC_ADDED)
		return added;
	batch = disk_batch_new(b->disk);
	for (size_t i = 0; i <= n; i++) {
		size_t key_n = make_key(key, r->end / DAY, r, reporter, i);

		text_init(&t, value, sizeof(value));
		if (i == 0)
			dmarc_pack_head(r, reporter, is_vouched, &t);
		else
			dmarc_pack_row(&r->v[i - 1], &t);
		disk_put(batch, 0, str_make(key, key_n), text_view(&t));
	}
	disk_commit(batch, on_done, ctx);
	return DMARC_ADDED;
}

static bool
first_day(void *ctx, struct str key, struct str value)
{
	(void)value;
	*(int64_t *)ctx = key.n >= 4 ? (int64_t)bytes_get(key.p, 4) : 0;
	return false;
}

static void
drop_to(struct dmarc_book *b, int64_t day)
{
	struct disk_batch *batch = disk_batch_new(b->disk);
	char last[KEY];

	bytes_put(last, 4, (uint64_t)day);
	memset(last + 4, 0xff, sizeof(last) - 4);
	disk_delete_to(batch, 0, str_make(last, sizeof(last)));
	disk_commit(batch, NULL, NULL);
	b->pruned = day;
}

void
dmarc_book_tick(struct dmarc_book *b, int64_t now, int64_t days)
{
	int64_t old = now / DAY - days, oldest = INT64_MAX;
	struct disk_size size;
	struct error err;

	if (disk_waiting(b->disk) > 0)
		return;
	if (old > b->pruned)
		drop_to(b, old);
	disk_size(b->disk, &size);
	if (size.used_bytes < size.map_bytes / 4 * 3)
		return;
	disk_each_from(b->disk, 0, STR(""), first_day, &oldest, &err);
	if (oldest != INT64_MAX)
		drop_to(b, oldest);
}

/* Reading. */

struct reading {
	struct dmarc_sum *sum;
	struct str prefix;
	int64_t day;
	const atomic_bool *is_stopped;
	bool is_skipped; /* this report is of another time */
	int64_t since;
};

static void
take_head(struct reading *r, struct str v)
{
	struct dmarc_head h;

	r->is_skipped = !dmarc_unpack_head(v, &h) || h.end < r->since;
	if (!r->is_skipped)
		dmarc_sum_report(r->sum, str_from(h.reporter), h.is_vouched,
		    h.begin, h.end, h.policy);
}

static void
take_row(struct reading *r, struct str v)
{
	char texts[DMARC_ROW_TEXTS][DMARC_TEXT + 1];
	struct dmarc_row row;

	if (dmarc_unpack_row(v, texts, &row))
		dmarc_sum_row(r->sum, r->day, &row);
}

static bool
on_pair(void *ctx, struct str key, struct str value)
{
	struct reading *r = ctx;

	if (!str_starts(key, r->prefix) || key.n != r->prefix.n + HASH + 2 ||
	    *r->is_stopped)
		return false;
	if (bytes_get(key.p + key.n - 2, 2) == 0)
		take_head(r, value);
	else if (!r->is_skipped)
		take_row(r, value);
	return true;
}

struct dmarc_sum *
dmarc_book_sum(struct dmarc_book *b, const char *domain, int64_t since,
    int64_t now, const atomic_bool *is_stopped, struct error *err)
{
	int64_t first = since / DAY, last = now / DAY + 1;
	struct dmarc_sum *s;
	char key[KEY];

	if (first < last - DMARC_SUM_DAYS + 1)
		first = last - DMARC_SUM_DAYS + 1;
	s = dmarc_sum_new(domain, first, (size_t)(last - first + 1));
	for (int64_t day = first; day <= last; day++) {
		struct reading r = {.sum = s,
		    .day = day,
		    .is_stopped = is_stopped,
		    .is_skipped = true,
		    .since = since};

		r.prefix = str_make(key, make_prefix(key, day, domain));
		if (*is_stopped || disk_each_from(b->disk, 0, r.prefix, on_pair,
				       &r, err) < 0) {
			dmarc_sum_free(&s);
			return NULL;
		}
	}
	dmarc_sum_end(s);
	return s;
}

void
dmarc_book_size(struct dmarc_book *b, struct disk_size *out)
{
	disk_size(b->disk, out);
}
