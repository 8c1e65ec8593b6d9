/* disk_pack_test - records in blocks come out as they went in; what is torn is
 * told, and nothing beyond it is read */
#include "base/disk_pack.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

enum { RECORDS = 400, ROOM = 4076, VALUE = 6000 };

static struct disk_record records[RECORDS];
static char keys[RECORDS][DISK_KEY], values[VALUE];
static uint64_t seed = 11;

static uint32_t
draw(size_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % below);
}

/* In ascending order; a few have keys as long as may be, or values larger than
 * the room. */
static size_t
make_records(void)
{
	size_t n = 1 + draw(RECORDS), long_n = draw(3) ? 0 : DISK_KEY - 12;

	for (size_t i = 0; i < sizeof(values); i++)
		values[i] = (char)draw(256);
	for (size_t i = 0; i < n; i++) {
		size_t value_n =
		    draw(40) ? draw(draw(9) ? 200 : 2000) : draw(VALUE);

		memset(keys[i], 'x', long_n);
		int key_n = snprintf(keys[i] + long_n, 12, "%c%05zu%.*s",
		    (char)('a' + (char)(i * 5 / n)), i, (int)draw(4), "@ex");

		records[i] = (struct disk_record){
		    str_make(keys[i], long_n + (size_t)key_n),
		    str_make(values + draw(VALUE - value_n), value_n)};
	}
	return n;
}

static void
pack(struct text *out, size_t begin, size_t end)
{
	size_t sizes = 0;

	text_clear(out);
	for (size_t i = begin; i < end; i++) {
		const struct disk_record *before =
		    i > begin ? &records[i - 1] : NULL;

		disk_pack_add(out, before, &records[i]);
		sizes += disk_pack_size(before, &records[i]);
	}
	CHECK_INT(out->n, sizes);
}

static void
check_block(struct str block, size_t begin, size_t end)
{
	struct disk_pack_reader r;
	struct disk_record got;

	disk_pack_read(&r, records[begin].key, block);
	for (size_t i = begin; i < end; i++) {
		CHECK(disk_pack_next(&r, &got));
		CHECK_STR(got.key, records[i].key);
		CHECK(str_is(got.value, records[i].value));
	}
	CHECK(!disk_pack_next(&r, &got));
	CHECK(!r.is_torn);
}

static void
come_out_as_they_went_in(void)
{
	size_t ends[RECORDS];
	struct text t;

	text_grow(&t, SIZE_MAX / 2);
	for (int round = 0; round < 300; round++) {
		size_t n = make_records(), begin = 0;
		size_t blocks = disk_pack_plan(records, n, ROOM, ends);

		CHECK(blocks > 0 && ends[blocks - 1] == n);
		for (size_t i = 0; i < blocks; begin = ends[i++]) {
			CHECK(ends[i] > begin);
			pack(&t, begin, ends[i]);
			CHECK(t.n <= ROOM || ends[i] == begin + 1);
			check_block(text_view(&t), begin, ends[i]);
		}
	}
	text_done(&t);
}

static void
are_cut_evenly(void)
{
	size_t ends[RECORDS], begin = 0;
	struct text t;

	text_grow(&t, SIZE_MAX / 2);
	for (size_t i = 0; i < RECORDS; i++) {
		int n = snprintf(keys[i], sizeof(keys[i]), "user%04zu", i);

		records[i] = (struct disk_record){
		    str_make(keys[i], (size_t)n), str_make(values, 146)};
	}
	CHECK_INT(disk_pack_plan(records, 26, ROOM, ends), 1);
	CHECK_INT(disk_pack_plan(records, 28, ROOM, ends), 2);
	CHECK_INT(ends[0], 14);
	size_t blocks = disk_pack_plan(records, RECORDS, ROOM, ends);

	for (size_t i = 0; i < blocks; begin = ends[i++]) {
		pack(&t, begin, ends[i]);
		CHECK(t.n > ROOM * DISK_PACK_LOW / 100);
	}
	text_done(&t);
}

static void
pack_length(struct text *out, size_t n)
{
	for (; n >= 128; n >>= 7)
		text_char(out, (char)(n | 128));
	text_char(out, (char)n);
}

/* Of each but the first: one byte, how it begins as the one before; then the
 * length of what follows. */
static void
pack_former(struct text *out, size_t begin, size_t end)
{
	text_clear(out);
	for (size_t i = begin; i < end; i++) {
		struct str key = records[i].key, rest = STR("");
		size_t shared = 0;

		if (i > begin) {
			struct str was = records[i - 1].key;

			while (shared < 255 && shared < was.n &&
			       key.p[shared] == was.p[shared])
				shared++;
			rest = str_skip(key, shared);
			text_char(out, (char)shared);
			pack_length(out, rest.n);
		}
		pack_length(out, records[i].value.n);
		text_str(out, rest);
		text_str(out, records[i].value);
	}
}

static void
former_blocks_are_read(void)
{
	struct text t;

	text_grow(&t, SIZE_MAX / 2);
	for (int round = 0; round < 100; round++) {
		size_t n = make_records();

		/* Lengths that begin as the mark does. */
		records[0].value =
		    str_make(values, round % 2 ? (size_t)draw(30) * 128 : 0);
		pack_former(&t, 0, n);
		check_block(text_view(&t), 0, n);
	}
	text_done(&t);
}

/* Whose domain is the same: of a key only what differs is told. */
static void
ends_are_told_once(void)
{
	static const char *const names[] = {"ab@example.com", "b@example.com",
	    "b@example.org", "bb@example.org", "bb@example.org.uk",
	    "m.schneider.12@example.org.uk"};
	/* With three bytes of lengths; a value has none. */
	static const size_t sizes[] = {0, 3, 6, 4, 6, 17};
	enum { NAMES = sizeof(names) / sizeof(names[0]) };
	struct text t;

	text_grow(&t, 4096);
	for (size_t i = 0; i < NAMES; i++) {
		records[i] = (struct disk_record){str_from(names[i]), STR("")};
		if (i > 0)
			CHECK_INT(disk_pack_size(&records[i - 1], &records[i]),
			    sizes[i]);
	}
	pack(&t, 0, NAMES);
	check_block(text_view(&t), 0, NAMES);
	text_done(&t);
}

/* Whatever the bytes are: keys ascend, and all stands within them. */
static void
read_anything(const char *p, size_t n, struct str first)
{
	char *exact = malloc(n > 0 ? n : 1), last[DISK_KEY];
	struct disk_pack_reader r;
	struct disk_record got;
	size_t last_n = 0, sum = 0;

	memcpy(exact, p, n);
	disk_pack_read(&r, first, str_make(exact, n));
	while (disk_pack_next(&r, &got)) {
		CHECK(got.key.n > 0 && got.key.n <= DISK_KEY);
		CHECK(last_n == 0 ||
		      str_compare(got.key, str_make(last, last_n)) > 0);
		memcpy(last, got.key.p, got.key.n);
		last_n = got.key.n;
		for (size_t i = 0; i < got.value.n; i++)
			sum += (uint8_t)got.value.p[i];
	}
	CHECK(sum < SIZE_MAX);
	CHECK(r.is_torn || r.left.n == 0);
	CHECK(!disk_pack_next(&r, &got));
	free(exact);
}

static void
torn_blocks_are_told(void)
{
	size_t ends[RECORDS];
	struct disk_pack_reader r;
	struct disk_record got;
	struct text t;

	text_grow(&t, SIZE_MAX / 2);
	for (int round = 0; round < 300; round++) {
		size_t n = make_records();

		disk_pack_plan(records, n, ROOM, ends);
		pack(&t, 0, ends[0]);
		for (int i = 0; i < 20; i++) {
			size_t at = draw(t.n);
			char was = t.p[at];

			t.p[at] = (char)(was ^ 1 << draw(8));
			read_anything(t.p, t.n, records[0].key);
			t.p[at] = was;
			read_anything(t.p, draw(t.n), records[0].key);
			read_anything(t.p, t.n, records[n - 1].key);
		}
		pack_former(&t, 0, ends[0]);
		for (int i = 0; i < 5; i++) {
			size_t at = draw(t.n);
			char was = t.p[at];

			t.p[at] = (char)(was ^ 1 << draw(8));
			read_anything(t.p, t.n, records[0].key);
			t.p[at] = was;
		}
		read_anything(values, draw(VALUE), records[0].key);
	}
	disk_pack_read(&r, STR(""), text_view(&t));
	CHECK(!disk_pack_next(&r, &got) && r.is_torn);
	disk_pack_read(&r, STR("a"), STR(""));
	CHECK(!disk_pack_next(&r, &got) && r.is_torn);
	text_done(&t);
}

TESTS(TEST(come_out_as_they_went_in), TEST(are_cut_evenly),
    TEST(former_blocks_are_read), TEST(ends_are_told_once),
    TEST(torn_blocks_are_told))
