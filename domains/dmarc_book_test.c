#include "domains/dmarc_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/test.h"

#define NOW (20000 * 86400LL + 5000)
#define YESTERDAY (NOW - 86400)

static char dir[64];
static atomic_bool is_stopped;

static struct dmarc_book *
open_book(size_t map_bytes)
{
	struct error err = {""};
	struct dmarc_book *b = dmarc_book_open(dir, map_bytes, &err);

	if (!b)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return b;
}

static void
make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/outpost-dmarc-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
}

static void
remove_dir(void)
{
	char path[128];

	for (int i = 0; i < 3; i++) {
		static const char *const names[] = {
		    "/dmarc/data.mdb", "/dmarc/lock.mdb", "/dmarc"};

		snprintf(path, sizeof(path), "%s%s", dir, names[i]);
		remove(path);
	}
	CHECK_INT(rmdir(dir), 0);
}

/* From 192.0.2.LAST. */
static struct dmarc_row
row(int last, uint64_t count, bool dkim, bool spf, enum dmarc_policy did)
{
	struct dmarc_row r = {.count = count,
	    .did = did,
	    .dkim_passes = dkim,
	    .spf_passes = spf,
	    .header_from = "a.test",
	    .envelope_from = "bounce.test",
	    .dkim_domain = "",
	    .dkim_selector = "",
	    .spf_domain = "bounce.test"};

	ip_parse(STR("192.0.2.0"), &r.source);
	r.source.b[15] = (uint8_t)last;
	return r;
}

static struct dmarc_report
report(const char *domain, const char *id, struct dmarc_row *v, size_t n)
{
	struct dmarc_report r = {.organisation = "receiver",
	    .id = id,
	    .begin = YESTERDAY - 86399,
	    .end = YESTERDAY,
	    .policy = DMARC_QUARANTINE,
	    .v = v,
	    .n = n};

	snprintf(r.domain, sizeof(r.domain), "%s", domain);
	return r;
}

static enum dmarc_added
add(struct dmarc_book *b, const struct dmarc_report *r, bool is_vouched)
{
	return dmarc_book_add(
	    b, r, STR("receiver"), is_vouched, NOW, 90, NULL, NULL);
}

static struct dmarc_sum *
sum(struct dmarc_book *b, const char *domain)
{
	struct error err;

	return dmarc_book_sum(
	    b, domain, NOW - 30 * 86400, NOW, &is_stopped, &err);
}

static void
sums(void)
{
	struct dmarc_row v[] = {row(1, 100, true, true, DMARC_NONE),
	    row(2, 7, false, true, DMARC_NONE),
	    row(3, 20, false, false, DMARC_NONE),
	    row(3, 5, false, false, DMARC_REJECT),
	    row(4, 2, false, false, DMARC_QUARANTINE)};
	struct dmarc_report one = report("a.test", "1", v, 5);
	struct dmarc_report two = report("a.test", "2", v, 1);
	struct dmarc_report other = report("a.test.b", "1", v, 5);
	struct dmarc_book *b;
	struct dmarc_sum *s;

	make_dir();
	b = open_book(16 << 20);
	v[2].is_excused = true;
	CHECK_INT(add(b, &one, true), DMARC_ADDED);
	CHECK_INT(add(b, &one, true), DMARC_KNOWN);
	CHECK_INT(add(b, &two, false), DMARC_ADDED);
	CHECK_INT(add(b, &other, false), DMARC_ADDED);
	dmarc_book_close(&b);
	b = open_book(16 << 20);
	CHECK_INT(add(b, &one, true), DMARC_KNOWN);
	s = sum(b, "a.test");
	CHECK_INT(s->reports, 2);
	CHECK_INT(s->vouched, 1);
	CHECK_INT(s->policy, DMARC_QUARANTINE);
	CHECK_INT(s->all.messages, 234);
	CHECK_INT(s->of_vouched.messages, 134);
	CHECK_INT(s->all.passed, 207);
	CHECK_INT(s->all.dkim, 200);
	CHECK_INT(s->all.lost, 20);
	CHECK_INT(s->all.excused, 20);
	CHECK_INT(s->all.rejected, 5);
	CHECK_INT(s->all.quarantined, 2);
	CHECK_INT(s->n_sources, 4);
	CHECK_INT(s->sources[0].of.messages, 200);
	CHECK_INT(s->sources[1].of.messages, 25);
	CHECK_STR(str_from(s->sources[1].envelope_from), STR("bounce.test"));
	CHECK_INT(s->n_reporters, 2);
	CHECK_INT(s->reporters[0].messages, 134);
	CHECK_INT(s->days[s->n_days - 3].messages, 234);
	dmarc_sum_free(&s);
	s = sum(b, "a.te");
	CHECK_INT(s->reports, 0);
	dmarc_sum_free(&s);
	dmarc_book_close(&b);
	remove_dir();
}

static void
times(void)
{
	struct dmarc_row v = row(1, 1, true, true, DMARC_NONE);
	struct dmarc_report r = report("a.test", "1", &v, 1);
	struct dmarc_book *b;
	struct dmarc_sum *s;

	make_dir();
	b = open_book(16 << 20);
	r.end = NOW + 3 * 86400;
	CHECK_INT(add(b, &r, true), DMARC_STALE);
	r.end = NOW - 91 * 86400;
	CHECK_INT(add(b, &r, true), DMARC_STALE);
	r.end = INT64_MAX;
	CHECK_INT(add(b, &r, true), DMARC_STALE);
	r.end = YESTERDAY;
	CHECK_INT(add(b, &r, true), DMARC_ADDED);
	dmarc_book_tick(b, NOW + 80 * 86400, 90);
	s = sum(b, "a.test");
	CHECK_INT(s->reports, 1);
	dmarc_sum_free(&s);
	dmarc_book_tick(b, NOW + 89 * 86400, 90);
	s = sum(b, "a.test");
	CHECK_INT(s->reports, 0);
	dmarc_sum_free(&s);
	dmarc_book_close(&b);
	remove_dir();
}

/* What anybody sends can't fill it. */
static void
floods(void)
{
	static struct dmarc_row v[DMARC_ROWS];
	struct dmarc_report r = report("a.test", "x", v, DMARC_ROWS);
	struct dmarc_book *b;
	struct disk_size size;
	char id[20];

	for (int i = 0; i < DMARC_ROWS; i++)
		v[i] = row(i % 250, 1, false, false, DMARC_NONE);
	make_dir();
	b = open_book(16 << 20);
	for (int i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "%d", i);
		r.id = id;
		r.end = NOW - (60 - i / 5) * 86400;
		CHECK_INT(add(b, &r, false), DMARC_ADDED);
		dmarc_book_tick(b, NOW, 90);
	}
	dmarc_book_size(b, &size);
	CHECK(size.used_bytes < size.map_bytes);
	dmarc_book_close(&b);
	remove_dir();
}

static void
many_sources(void)
{
	struct dmarc_sum *s = dmarc_sum_new("a.test", 0, 10);
	struct dmarc_row r = row(0, 1, false, false, DMARC_NONE);

	dmarc_sum_report(s, STR("x"), false, 0, 1, DMARC_NONE);
	for (unsigned i = 0; i < 2 * DMARC_SOURCES_MAX; i++) {
		r.source.b[13] = (uint8_t)(i >> 16);
		r.source.b[14] = (uint8_t)(i >> 8);
		r.source.b[15] = (uint8_t)i;
		dmarc_sum_row(s, 3, &r);
	}
	dmarc_sum_end(s);
	CHECK_INT(s->n_sources, DMARC_SOURCES + 1);
	CHECK_INT(s->all.messages, 2 * DMARC_SOURCES_MAX);
	CHECK_INT(s->sources[DMARC_SOURCES].of.messages,
	    2 * DMARC_SOURCES_MAX - DMARC_SOURCES);
	CHECK_INT(s->days[3].messages, 2 * DMARC_SOURCES_MAX);
	dmarc_sum_free(&s);
}

/* Whoever is one too many is none of those that have a name. */
static void
many_reporters(void)
{
	struct dmarc_sum *s = dmarc_sum_new("a.test", 0, 10);
	struct dmarc_row r = row(1, 1000, true, true, DMARC_NONE);
	char name[32];

	dmarc_sum_report(s, STR("big.test"), true, 0, 1, DMARC_NONE);
	dmarc_sum_row(s, 3, &r);
	r.count = 1;
	for (int i = 0; i < 2 * DMARC_REPORTERS; i++) {
		snprintf(name, sizeof(name), "r%d.test", i);
		dmarc_sum_report(s, str_from(name), false, 0, 1, DMARC_NONE);
		dmarc_sum_row(s, 3, &r);
	}
	dmarc_sum_end(s);
	CHECK_INT(s->n_reporters, DMARC_REPORTERS);
	CHECK_STR(str_from(s->reporters[0].name), STR("big.test"));
	CHECK_INT(s->reporters[0].messages, 1000);
	CHECK_STR(str_from(s->reporters[1].name), STR("others"));
	CHECK_INT(s->reporters[1].messages, DMARC_REPORTERS + 2);
	CHECK_INT(s->reporters[2].reports, 1);
	dmarc_sum_free(&s);
}

static void
on_written(void *ctx, const struct error *err)
{
	*(int *)ctx = err ? -1 : 1;
}

static void
on_tick(void *ctx)
{
	loop_stop(ctx);
}

/* What isn't on disk yet is not known: its mail must not go. */
static void
what_is_not_written_comes_again(void)
{
	static struct dmarc_row v[500];
	static char id[16];
	struct dmarc_report one = report("a.test", id, v, 500);
	struct loop *l = loop_new();
	struct loop_timer *tick = loop_timer_new(l, on_tick, l);
	struct dmarc_book *b;
	int done = 1;

	make_dir();
	for (int i = 0; i < 500; i++)
		v[i] = row(i % 256, 1, true, true, DMARC_NONE);
	b = open_book(1 << 20);
	dmarc_book_start(b, l);
	for (int i = 0; i < 200 && done == 1; i++) {
		snprintf(id, sizeof(id), "%d", i);
		done = 0;
		CHECK_INT(dmarc_book_add(b, &one, STR("receiver"), true, NOW,
			      90, on_written, &done),
		    DMARC_ADDED);
		while (!done) {
			loop_timer_in(tick, 5000);
			loop_run(l);
		}
	}
	CHECK_INT(done, -1); /* the store is full */
	CHECK_INT(add(b, &one, true), DMARC_UNWRITTEN);
	snprintf(id, sizeof(id), "0");
	CHECK_INT(add(b, &one, true), DMARC_KNOWN);
	dmarc_book_close(&b);
	loop_timer_free(&tick);
	loop_free(&l);
	remove_dir();
}

TESTS(TEST(sums), TEST(what_is_not_written_comes_again), TEST(times),
    TEST(floods), TEST(many_sources), TEST(many_reporters))
