/* dorm_test - who sleeps is found, walked over, and gone when removed: against
 * a simple model
 */
#include "ledger/dorm.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"
#include "base/test.h"
#include "base/test_draw.h"

enum { KEYS = 3000, KINDS = 3, ROUNDS = 60000, MOST = 4096 };

/* What is known of each key, of kind key % KINDS; a value is drawn from it. */
static struct sleeper {
	bool is_in, has_come, is_new;
	uint8_t is, due;
	uint16_t n;
	char fill;
} model[KEYS];

static char value[MOST];

static struct str
key_of(uint32_t i, char buf[512])
{
	int n = snprintf(buf, 512, "user%u@example.com", i / KINDS);

	if (i % 50 == 7) { /* some are long */
		memset(buf + n, 'x', 400);
		n += 300 + (int)(i % 90);
	}
	return str_make(i == 0 ? "" : buf, i == 0 ? 0 : (size_t)n);
}

static uint8_t
kind_of(uint32_t i)
{
	return (uint8_t)(i % KINDS == 2 ? DORM_KINDS - 1 : i % KINDS);
}

static bool
is_as_known(const struct dorm_entry *e, uint32_t i)
{
	const struct sleeper *m = &model[i];
	char buf[512];

	memset(value, m->fill, m->n);
	return m->is_in && e->kind == kind_of(i) && e->is == m->is &&
	       e->due == m->due && str_is(e->key, key_of(i, buf)) &&
	       str_is(e->value, str_make(value, m->n));
}

static void
look(const struct dorm *d, uint32_t i)
{
	char buf[512];
	struct str key = key_of(i, buf);
	struct dorm_entry e;
	bool is_in = dorm_find(d, kind_of(i), key, map_hash(key), &e);

	dorm_expect(d, kind_of(i), map_hash(key));
	CHECK_INT(is_in, model[i].is_in);
	CHECK(!is_in || is_as_known(&e, i));
}

static void
lay(struct dorm *d, uint32_t i)
{
	struct sleeper *m = &model[i];
	char buf[512];
	struct dorm_entry e = {.kind = kind_of(i), .key = key_of(i, buf)};

	m->n = (uint16_t)(draw(30) ? draw(400) : draw(MOST + 1));
	m->fill = (char)draw(256);
	e.is = m->is = (uint8_t)(draw(4) * DORM_IS_LARGE);
	e.due = m->due = (uint8_t)(draw(2) ? draw(256) : 0);
	memset(value, m->fill, m->n);
	e.value = str_make(value, m->n);
	m->is_in = m->is_new = dorm_put(d, &e, map_hash(e.key));
	CHECK(m->is_in);
}

static void
wake(struct dorm *d, uint32_t i)
{
	char buf[512];
	struct str key = key_of(i, buf);

	CHECK_INT(
	    dorm_remove(d, kind_of(i), key, map_hash(key)), model[i].is_in);
	model[i].is_in = false;
}

static size_t
number_in(void)
{
	size_t n = 0;

	for (uint32_t i = 0; i < KEYS; i++)
		n += model[i].is_in;
	return n;
}

/* Which key it is, or KEYS. */
static uint32_t
number_of(const struct dorm_entry *e)
{
	char buf[32] = "";
	unsigned i = 0;

	memcpy(buf, e->key.p, e->key.n < 31 ? e->key.n : 31);
	if (e->key.n > 0 && sscanf(buf, "user%u@", &i) != 1)
		return KEYS;
	i = i * KINDS + (e->kind == DORM_KINDS - 1 ? 2 : e->kind);
	return i < KEYS ? i : KEYS;
}

/* Now and then others come and go meanwhile, as the one that came does. */
static void
walk(struct dorm *d, bool is_disturbed)
{
	struct dorm_entry e;
	uint64_t joined = d->joined;
	size_t n = 0;

	for (uint32_t i = 0; i < KEYS; i++)
		model[i].has_come = model[i].is_new = false;
	for (size_t at = 0; dorm_next(d, &at, &e); n++) {
		uint32_t i = number_of(&e);

		CHECK(i < KEYS && is_as_known(&e, i));
		model[i].has_come = true;
		if (!is_disturbed)
			continue;
		if (draw(3) == 0)
			wake(d, i);
		i = draw(KEYS);
		if (draw(4) == 0 && !model[i].is_in)
			lay(d, i);
		else if (draw(4) == 0)
			wake(d, i);
	}
	for (uint32_t i = 0; i < KEYS; i++)
		CHECK(!model[i].is_in || model[i].has_come || model[i].is_new);
	CHECK(is_disturbed || n == number_in());
	CHECK_INT(d->joined, joined);
}

/* It fills and empties, in waves. */
static void
test_as_the_model(void)
{
	struct dorm d;
	uint32_t most = 0;

	dorm_init(&d);
	look(&d, 1);
	wake(&d, 1);
	dorm_tidy(&d);
	walk(&d, false);
	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t i = draw(KEYS);
		bool fills = round / 8000 % 2 == 0;

		if (model[i].is_in && draw(fills ? 10 : 2) == 0)
			wake(&d, i);
		else if (!model[i].is_in && draw(fills ? 2 : 20) == 0)
			lay(&d, i);
		look(&d, draw(KEYS));
		look(&d, i);
		if (draw(100) == 0)
			dorm_tidy(&d);
		if (draw(2000) == 0)
			dorm_fill(&d);
		if (draw(2000) == 0)
			dorm_settle(&d);
		if (round % 500 == 0)
			walk(&d, round % 1000 == 0);
		most = d.n_buckets > most ? d.n_buckets : most;
		if (round % 1000 == 0)
			CHECK_INT(d.n, number_in());
	}
	CHECK(most > 100 && d.joined > 20);
	for (uint32_t i = 0; i < KEYS; i++)
		wake(&d, i);
	for (int i = 0; i < 100; i++)
		dorm_tidy(&d);
	dorm_settle(&d);
	CHECK_INT(d.n, 0);
	CHECK_INT(d.n_bytes, 0);
	CHECK_INT(d.n_buckets, 1);
	CHECK_INT(d.blocks.n_pages, 0);
	dorm_done(&d);
}

/* What each takes beyond its own bytes, when there are many: the key's packing
 * makes up for it. */
static void
test_takes_little(void)
{
	enum { MANY = 200000, BYTES = 160 };
	struct dorm d;
	size_t own = 0;
	char key[64];

	dorm_init(&d);
	dorm_fill(&d);
	for (int i = 0; i < MANY; i++) {
		int n = snprintf(key, sizeof(key), "user%d@example.com", i);
		struct dorm_entry e = {.key = str_make(key, (size_t)n),
		    .value = str_make(value, BYTES)};

		CHECK(dorm_put(&d, &e, map_hash(e.key)));
		own += e.key.n + BYTES;
	}
	dorm_settle(&d);
	size_t all = d.blocks.n_pages * (4096 + 16) +
		     d.n_segments * 1024 * sizeof(struct block);

	CHECK(all < own + MANY);
	dorm_done(&d);
}

/* One place has no more room than for some of the largest. */
static void
test_no_place(void)
{
	static char large[DORM_VALUE];
	struct dorm d;
	char key[4] = "a";
	int n = 0;

	dorm_init(&d);
	/* All of one hash: they stay in one bucket. */
	for (; n < 100; n++, key[0]++) {
		struct dorm_entry e = {.key = str_make(key, 1),
		    .value = str_make(large, sizeof(large))};

		if (!dorm_put(&d, &e, 5))
			break;
	}
	CHECK(n > 0 && n < 100);
	CHECK_INT(d.n, n);
	dorm_done(&d);
}

TESTS(TEST(test_as_the_model), TEST(test_takes_little), TEST(test_no_place))
