/* books_upgrade_test - books of the format before are read, and become ours */
#include "ledger/books_bed.h"

#include <sys/stat.h>

#include "ledger/ledger_state.h"
#include "ledger/record_cells.h"

enum { DAYS = 20, DAY = 86400, PACKED_SINCE = 7 };

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
	static const char *const packed[] = {
	    "meta", "journal", "subjects" DISK_PACKED, NULL};
	char path[96], *value;
	size_t n = 0;

	snprintf(path, sizeof(path), "%s/books", dir);
	struct disk *d =
	    disk_open(path, format < PACKED_SINCE ? tables : packed, format,
		8 << 20, false, err);

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
	CHECK(str_find(str_from(err.text), STR("has format 8")) >= 0);
	CHECK_INT(value_size(7, &err), 0);
	use(true);
	use(false);
	/* Who counts now is packed small once it is silent. */
	CHECK(before > 0 && value_size(BOOKS_FORMAT, &err) > 0);
	remove_dir();
}

/* As format 5 had them: ann sent three messages on each of twenty days, each to
 * another, from two networks, and was silent then; bob to four of these, at
 * once. */
enum { T5 = 1795000000, ANN_LAST = T5 + 19 * DAY + 8000 };
static const char ann_5[] =
    "\xc0\x86\xc1\x94\x03\x80\xde\xa5\x95\x03\x00\x00\x58\x00"
    "\x04\x0a\x1c\xa8\x88\x2c\x77\xbb\x66\x33\x79\xd0\xdb\x7a"
    "\x62\x7e\x3f\x95\x04\x84\x6c\x15\xe7\x79\xce\x66\xcc\xe8"
    "\x16\x4f\x31\x06\xc4\xe1\xe1\xae\x41\x86\x7e\x8c\x8c\x47"
    "\x8c\xee\xf6\x8a\x63\xcf\x5f\xa3\x06\xe2\x58\xd5\x5f\x55"
    "\x9f\x6a\x08\x3f\x33\x45\x2b\xbd\xe3\x84\x94\x72\x43\xc2"
    "\x41\xae\x37\xfa\x4c\xae\x46\x2d\xfe\xe4\xa2\x57\x3b\x87"
    "\xc4\xdb\xf1\x1a\xc5\xb4\x0e\x06\x81\x48\x1a\x83\xd1\x01"
    "\x19\x81\x6d\x18\xc1\xeb\x03\x02\xc1\xf9\x02\x01\xc1\xae"
    "\x01\x00\x1e\x82\x80\x84\x80\x80\xb7\xc3\x80\x20\xc0\x86"
    "\xc1\x94\x03\xc0\xd7\x64\x82\x80\x80\x86\x10\xe0\xa5\xc1"
    "\x94\x03\x80\x99\x64\x98\x01\xda\x4c\xbd\x40\x00\xfb\xe4"
    "\x6b\x60\x5b\xf6\xb8\x22\x1c\x69\x00\xdb\x63\x59\x5f\x1c"
    "\x2d\xaf\x04\xc8\xef\xb8\xf9\xd3\xa7\x08\xa1\x77\x59\x7c"
    "\x88\xb3\x14\x9d\x53\x6d\xc0\x0e\xa4\x8b\x58\xf6\x5b\xcd"
    "\xb0\x87\x27\x00\xc7\x5f\xad\x4a\xb6\x6c\x60\x3d\xc2\x13"
    "\x74\x36\xeb\xe8\xd3\x5d\x82\xe2\x95\x6c\x9b\xef\x88\x57"
    "\xb6\x58\xd9\x8c\x5c\xc5\xdb\x1e\x9b\x8f\x10\x45\xe6\xab"
    "\x7f\x5e\xb1\x6b\x34\x29\xfa\x17\x4b\x01\x91\xc3\xde\xd1"
    "\xdc\x0f\xf5\x9a\xf3\x74\x2d\x12\x85\xd1\xec\x35\x79\xd0"
    "\xed\xe4\x38\xdb\x1b\xcb\x4f\x15\xf2\x32\x8c\x2b\x7c\x3a"
    "\xe6\x94\x2b\xfb\x3d\x7f\x4e\x9e\x23\x74\x89\xb6\x8e\xc0"
    "\xeb\x06\x7c\x28\x0a\x0e\xda\x4c\xed\x4c\x00\x00\x20\x80"
    "\x01\x00\x00\x00\x00\x00";
static const char bob_5[] =
    "\x98\xa1\xa6\x95\x03\x98\xa1\xa6\x95\x03\x00\x00\x0b\xbc"
    "\xc6\x82\x1b\xc9\x04\x04\x80\x80\x40\x04\x13\xc7\xb4\x0e"
    "\x04\xc1\x8d\x02\x00\x82\xac\x01\x00\xc1\x26\x00\xc1\xb3"
    "\x02\x00\x0b\x82\x80\x80\x86\x10\x98\xa1\xa6\x95\x03\x00"
    "\x10\xed\x4c\x04\x0c\x92\x30\xc8\xb2\xe7\xbb\xec\xb4\x44"
    "\xf6\x87\xae\x0e\xed\x4c\xed\x4c\x00\x00\x01\x80\x01\x00"
    "\x00\x00\x00\x00";

static void
load_5(struct books_part *part)
{
	CHECK(part->load(part->ctx, STR("aann@example.com"),
	    str_make(ann_5, sizeof(ann_5) - 1)));
	CHECK(part->load(part->ctx, STR("abob@example.com"),
	    str_make(bob_5, sizeof(bob_5) - 1)));
}

static void
check_5(struct ledger *l)
{
	struct subject_network nets[SUBJECT_NETWORKS];
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("ann@example.com"));
	struct subject_seen scratch = {0};
	char to[64];

	CHECK(s != NULL);
	if (!s)
		return;
	CHECK_INT(subject_sum(l, s, COUNT_MESSAGES, 35 * DAY), 60);
	CHECK_INT(subject_sum(l, s, COUNT_KIB, 35 * DAY), 240);
	CHECK_INT(s->first_seen, ledger_stamp(T5));
	CHECK_INT(s->last_seen, ledger_stamp(ANN_LAST));
	CHECK_INT(subject_networks(s, nets), 2);
	CHECK_INT(nets[0].last_seen, ANN_LAST);
	CHECK_INT(nets[0].first_seen, T5);
	CHECK_INT(nets[1].last_seen, ANN_LAST - 4000);
	/* Nobody has become a stranger. */
	CHECK_INT(subject_known(s), 60);
	for (int i = 0; i < 60; i++) {
		snprintf(to, sizeof(to), "r%d@example.net", i);
		CHECK(ledger_has_met(l, s, str_from(to)));
	}
	CHECK(!ledger_has_met(l, s, STR("r60@example.net")));
	const struct subject_seen *seen = subjects_look_seen(s, &scratch);

	CHECK(seen->habits != NULL);
	if (seen->habits) {
		CHECK_INT(seen->habits->today - seen->habits->since, 19);
		CHECK_INT(seen->habits->sizes_n[0], 32);
		CHECK_INT(seen->habits->sizes[0], 4096 / 32);
	}
	subject_seen_done(&scratch);
	s = ledger_find(l, SUBJECT_ACCOUNT, STR("bob@example.com"));
	CHECK(s != NULL);
	if (!s)
		return;
	CHECK_INT(subject_known(s), 4);
	CHECK(ledger_has_met(l, s, STR("r3@example.net")));
	CHECK_INT(subject_sum(l, s, COUNT_RECIPIENTS, 35 * DAY), 4);
	CHECK_INT(subject_distinct_recipients(s, DAY, ledger_now(l)), 4);
}

/* What is written of what was read. */
static size_t
write_again(struct ledger *l, const char *name, char *out, size_t room)
{
	struct text value, scratch;

	text_init(&value, out, room);
	text_grow(&scratch, LEDGER_VALUE_MAX);
	ledger_pack_value(
	    ledger_find(l, SUBJECT_ACCOUNT, str_from(name)), &scratch, &value);
	text_done(&scratch);
	return value.n;
}

/* Read, looked at, written in today's form and read again. */
static void
format_5_is_read(void)
{
	struct ledger *l = ledger_new(&options), *again = ledger_new(&options);
	struct books_part part = ledger_part(l), to = ledger_part(again);
	char ann[512], bob[512];
	struct text journal;

	load_5(&part);
	check_5(l);
	size_t n = write_again(l, "bob@example.com", bob, sizeof(bob));

	CHECK(n < sizeof(bob_5) - 1);
	CHECK(to.load(to.ctx, STR("abob@example.com"), str_make(bob, n)));
	/* Silent, it is packed small. */
	for (int i = 0; i < 1000; i++) {
		ledger_tick(l, ANN_LAST + 4000 + 20 * i);
		text_grow(&journal, 1 << 20);
		part.save(l, &journal);
		text_done(&journal);
	}
	n = write_again(l, "ann@example.com", ann, sizeof(ann));
	CHECK(n < sizeof(ann_5) * 4 / 5);
	CHECK(to.load(to.ctx, STR("aann@example.com"), str_make(ann, n)));
	check_5(again);
	ledger_free(&l);
	ledger_free(&again);
}

TESTS(TEST(old_books_become_ours), TEST(format_5_is_read))
