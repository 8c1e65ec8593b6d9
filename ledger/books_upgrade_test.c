/* books_upgrade_test - books of the format before are read, and become ours */
#include "ledger/books_bed.h"

#include <sys/stat.h>

#include "ledger/record_cells.h"

enum { DAYS = 20, DAY = 86400 };

static const char *const tables[] = {"meta", "journal", "subjects", NULL};
static const struct ledger_options options = {.max_subjects = 1000};

/* A day's bucket of each of the last days: i + 1 messages of 4 KiB. */
static void
pack_plain(struct text *out)
{
	uint32_t today = record_minute(T0) / 1440, last = 0;
	uint8_t buf[BUCKET_MAX];

	for (uint32_t i = 0; i < DAYS; i++) {
		uint32_t at = (today - DAYS - 8 + i) * 1440 << 2 | TIER_DAY;
		struct bucket b = {.at = at,
		    .has = 1u << COUNT_MESSAGES | 1u << COUNT_KIB |
			   1u << COUNT_RECIPIENTS};

		b.n[COUNT_MESSAGES] = b.n[COUNT_RECIPIENTS] = i + 1;
		b.n[COUNT_KIB] = 4 * (i + 1);
		text_bytes(out, buf, bucket_pack(&b, last, buf));
		last = at;
	}
}

/* As format 3 had it: two networks, the newest first. */
static void
pack_networks(struct text *out)
{
	uint32_t seen = T0 - RECORD_EPOCH;

	pack_u64(out, 1ull << 32 | 0xc00002);
	pack_u64(out, seen - 500);
	pack_u64(out, 400);
	pack_u64(out, 0x20010db800010002u);
	pack_u64(out, seen - 900);
	pack_u64(out, 0);
}

static void
pack_part(struct text *out, void (*pack)(struct text *out))
{
	struct text t;

	text_grow(&t, 4096);
	if (pack)
		pack(&t);
	pack_str(out, text_view(&t));
	text_done(&t);
}

static void
pack_no_recipients(struct text *out)
{
	pack_u64(out, 0);
	pack_u64(out, 0);
}

static void
make_old_books(void)
{
	char path[96];
	struct error err;
	struct text t;

	snprintf(path, sizeof(path), "%s/books", dir);
	CHECK_INT(mkdir(path, 0700), 0);
	struct disk *d = disk_open(path, tables, 3, 8 << 20, true, &err);

	CHECK(d != NULL);
	struct disk_batch *b = disk_batch_new(d);

	text_grow(&t, 65536);
	pack_u64(&t, T0 - RECORD_EPOCH - 35 * DAY);
	pack_u64(&t, T0 - RECORD_EPOCH);
	pack_u64(&t, 0);
	pack_i64(&t, 0);
	pack_part(&t, pack_plain);
	pack_part(&t, pack_no_recipients);
	pack_part(&t, pack_networks);
	disk_put(b, 2, STR("aann@example.com"), text_view(&t));
	disk_commit(b, NULL, NULL);
	text_done(&t);
	disk_close(&d);
}

static void
check_ann(struct ledger *l)
{
	struct subject_network nets[SUBJECT_NETWORKS];
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("ann@example.com"));

	CHECK(s != NULL);
	if (!s)
		return;
	CHECK_INT(
	    subject_sum(l, s, COUNT_MESSAGES, 35 * DAY), DAYS * (DAYS + 1) / 2);
	CHECK_INT(
	    subject_sum(l, s, COUNT_KIB, 35 * DAY), 4 * DAYS * (DAYS + 1) / 2);
	CHECK_INT(subject_networks(s, nets), 2);
	CHECK_INT(nets[0].last_seen, T0 - 100);
	CHECK_INT(nets[0].first_seen, T0 - 500);
	CHECK_INT(nets[0].net.bits, 120);
	CHECK_INT(nets[0].net.ip.b[12], 192);
	CHECK_INT(nets[1].last_seen, T0 - 900);
	CHECK_INT(nets[1].net.bits, 64);
	CHECK_INT(nets[1].net.ip.b[7], 2);
}

/* Opened, changed and closed: what is written then is ours. */
static void
use(bool has_news)
{
	struct books_options o = {dir, 8 << 20, 0, 0};
	struct ledger *l = ledger_new(&options);
	struct books_part part = ledger_part(l);
	struct ledger_touched t;
	struct error err;
	struct books *b = books_open(&o, &part, 1, &err);
	struct fact f = {.kind = FACT_DEFERRAL,
	    .at = T0,
	    .n = 1,
	    .is_outward = true,
	    .account = STR("ann@example.com")};

	CHECK(b != NULL);
	check_ann(l);
	if (has_news)
		ledger_add(l, &f, &t);
	if (b)
		books_close(&b);
	ledger_free(&l);
}

static size_t
value_size(int format, struct error *err)
{
	char path[96], *value;
	size_t n = 0;

	snprintf(path, sizeof(path), "%s/books", dir);
	struct disk *d = disk_open(path, tables, format, 8 << 20, false, err);

	if (!d)
		return 0;
	CHECK_INT(disk_get(d, 2, STR("aann@example.com"), &value, &n, err), 1);
	free(value);
	disk_close(&d);
	return n;
}

static void
old_books_become_ours(void)
{
	struct error err = {""};

	make_dir();
	make_old_books();
	size_t before = value_size(3, &err);

	use(false);
	CHECK_INT(value_size(3, &err), 0);
	CHECK(str_find(str_from(err.text), STR("has format 5")) >= 0);
	use(true);
	use(false);
	/* Who counts now is packed small once it is silent. */
	CHECK(before > 0 && value_size(5, &err) > 0);
	remove_dir();
}

TESTS(TEST(old_books_become_ours))
