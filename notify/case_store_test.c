/* case_store - nothing is lost, and nothing is changed unseen */
#include "notify/case_store.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "notify/case_bed.h"
#include "notify/case_store_parts.h"

enum { MAP = 16 << 20 };

static char dir[64];

static struct cases *
open_store(void)
{
	struct cases *c = cases_new(100);
	struct cases_options o = {.dir = dir, .map_bytes = MAP};
	struct error err = {""};

	if (cases_open(c, &o, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return c;
}

static struct cases *
new_store(void)
{
	snprintf(dir, sizeof(dir), "/tmp/outpost-cases-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	return open_store();
}

static void
remove_store(struct cases **c)
{
	char path[128];

	cases_free(c);
	snprintf(path, sizeof(path), "%s/cases/data.mdb", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/cases/lock.mdb", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/cases", dir);
	rmdir(path);
	rmdir(dir);
}

static void
commit(struct cases *c)
{
	struct cases_size size;

	cases_seal(c);
	cases_commit(c, NULL, NULL);
	cases_size(c, &size);
	CHECK_INT(size.waiting, 0);
}

static void
fill(struct cases *c)
{
	struct event v[] = {bed_suspension(),
	    bed_said(EVENT_CASE_ANSWER, 10, "me"),
	    bed_event(EVENT_CASE_FILED, 11), bed_event(EVENT_CASE_NOTE, 20)};

	BED_PUT(v[2].rule, "log");
	BED_PUT(v[2].evidence, "{\"log\":[\"Nov 21 a line\"]}");
	BED_PUT(v[3].reason, "called him");
	for (size_t i = 0; i < 4; i++)
		CHECK(cases_add(c, &v[i], NULL));
}

static int
verify(struct cases *c, const char *cause, struct cases_check *check)
{
	commit(c);
	cases_verify_begin(c, cause, check);
	return cases_verify(check);
}

static void
a_case_outlives_a_restart(void)
{
	struct cases *c = new_store();
	struct cases_check check;
	struct error err;

	fill(c);
	/* It is read whether or not it is on disk. */
	for (int i = 0; i < 3; i++) {
		const struct case_head *head = cases_find(c, STR("04hmasw9"));

		CHECK(head != NULL);
		if (!head)
			break;
		CHECK_INT(head->state, CASE_REVIEW);
		struct case_file *f = cases_read(c, head, &err);

		CHECK_INT(f->n_steps, 3);
		CHECK_STR(str_from(f->lines[0]), STR("Nov 21 a line"));
		CHECK_STR(str_from(f->steps[2].reason), STR("called him"));
		case_file_free(&f);
		if (i == 0) {
			commit(c);
			continue;
		}
		cases_free(&c);
		c = open_store();
	}
	CHECK(cases_find(c, STR("alice@example.com")) != NULL);
	CHECK(cases_find(c, STR("bob@example.com")) == NULL);
	CHECK_INT(verify(c, BED_CAUSE, &check), 0);
	CHECK_INT(check.entries, 4);
	CHECK_INT(verify(c, NULL, &check), 0);
	remove_store(&c);
}

static void
what_is_known_changes_nothing(void)
{
	struct cases *c = new_store();
	struct event e = bed_suspension();
	const struct case_head *opened;

	CHECK(cases_add(c, &e, &opened));
	CHECK(opened != NULL);
	CHECK(cases_has(c, &e));
	CHECK(!cases_add(c, &e, &opened));
	CHECK(opened == NULL);
	commit(c);
	CHECK(!cases_add(c, &e, &opened));
	e.at_us++; /* another node's */
	CHECK(!cases_has(c, &e));
	CHECK(cases_add(c, &e, &opened));
	CHECK(opened == NULL);
	e = bed_event(EVENT_LIFT, 30);
	BED_PUT(e.subject, "bob@example.com");
	CHECK(!cases_add(c, &e, NULL));
	e = bed_event(EVENT_MODE, 30);
	CHECK(!cases_add(c, &e, NULL));
	remove_store(&c);
}

static void
what_comes_before_its_opening_waits(void)
{
	struct cases *c = new_store();
	struct event e = bed_said(EVENT_CASE_ANSWER, 10, "human");

	CHECK(cases_add(c, &e, NULL));
	CHECK(cases_find(c, STR("alice@example.com")) == NULL);
	e = bed_suspension();
	CHECK(cases_add(c, &e, NULL));
	CHECK_INT(cases_find(c, STR("04HM-ASW9"))->state, CASE_REVIEW);
	remove_store(&c);
}

static void
an_account_means_its_newest_case(void)
{
	struct cases *c = new_store();
	struct event e = bed_suspension();
	const struct case_head *all[4];

	cases_add(c, &e, NULL);
	e = bed_event(EVENT_LIFT, 5);
	CHECK(cases_add(c, &e, NULL));
	e = bed_suspension();
	BED_PUT(e.cause, "ffffffffffffffffffffffffffffffff");
	e.at_us += 100 * TIME_US;
	cases_add(c, &e, NULL);
	CHECK_STR(str_from(cases_find(c, STR("alice@example.com"))->id),
	    STR("ZZZZ-ZZZZ"));
	CHECK_INT(cases_of(c, STR("alice@example.com"), all, 4), 2);
	CHECK_STR(str_from(all[1]->id), STR("04HM-ASW9"));
	CHECK_INT(all[1]->state, CASE_ENDED);
	remove_store(&c);
}

/* Another host, that hadn't heard of the suspension, warned. */
static void
a_stop_in_force_comes_before_complaints(void)
{
	struct cases *c = new_store();
	struct event e = bed_suspension();
	struct str alice = STR("alice@example.com");

	cases_add(c, &e, NULL);
	e = bed_event(EVENT_WARNING, 100);
	BED_PUT(e.rule, CASE_RULE_COMPLAINTS);
	CHECK(cases_add(c, &e, NULL));
	CHECK_STR(str_from(cases_find(c, alice)->id), STR("04HM-ASW9"));
	e = bed_event(EVENT_LIFT, 200);
	CHECK(cases_add(c, &e, NULL));
	CHECK(cases_find(c, alice)->is_complaints);
	remove_store(&c);
}

static void
one_that_is_kept_is_found_among_many(void)
{
	struct cases *c = new_store();
	struct event e = bed_suspension();
	struct str alice = STR("alice@example.com");

	cases_add(c, &e, NULL);
	CHECK(cases_kept_of(c, alice) == NULL);
	e = bed_said(EVENT_CASE_KEPT, 10, "kept");
	CHECK(cases_add(c, &e, NULL));
	for (unsigned i = 0; i < 100; i++) {
		e = bed_suspension();
		e.at_us += (int64_t)(i + 1) * 1000 * TIME_US;
		snprintf(e.cause, sizeof(e.cause), "%032x", i + 1);
		CHECK(cases_add(c, &e, NULL));
	}
	CHECK_STR(str_from(cases_kept_of(c, alice)->id), STR("04HM-ASW9"));
	CHECK(cases_kept_of(c, STR("bob@example.com")) == NULL);
	remove_store(&c);
}

/* Writes into the store as somebody would who knows its form. */
static void
tamper(enum cases_table table, const char *key, size_t n, const char *value,
    size_t value_n)
{
	static const char *const tables[] = {
	    "events", "filed", "gone", "chain", "meta", NULL};
	char path[128];
	struct error err;

	snprintf(path, sizeof(path), "%s/cases", dir);
	struct disk *d =
	    disk_open(path, tables, CASES_FORMAT, MAP, false, &err);
	struct disk_batch *b = disk_batch_new(d);

	if (value)
		disk_put(
		    b, (int)table, str_make(key, n), str_make(value, value_n));
	else
		disk_delete(b, (int)table, str_make(key, n));
	disk_commit(b, NULL, NULL);
	disk_close(&d);
}

static void
whatever_is_changed_is_found(void)
{
	struct event e = bed_suspension(), other = e;
	char key[CASES_KEY], strange[CASES_KEY], json[16 * 1024], number[8];
	struct text t;

	cases_key(BED_CAUSE, &e, key);
	cases_number(2, number);
	BED_PUT(other.reason, "nothing special");
	text_init(&t, json, sizeof(json));
	event_print(&other, &t);
	memcpy(strange, key, sizeof(key));
	strange[40] ^= 1;
	const struct {
		enum cases_table table;
		const char *key;
		size_t key_n;
		const char *value;
	} rows[] = {
	    {CASES_EVENTS, key, CASES_KEY, json},     /* changed */
	    {CASES_EVENTS, key, CASES_KEY, NULL},     /* deleted */
	    {CASES_EVENTS, strange, CASES_KEY, json}, /* put between */
	    {CASES_CHAIN, number, 8, NULL},
	    {CASES_CHAIN, number, 8, "x"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cases *c = new_store();
		struct cases_check check;

		e = bed_suspension();
		e.seq = other.seq;
		cases_add(c, &e, NULL);
		fill(c);
		CHECK_INT(verify(c, BED_CAUSE, &check), 0);
		cases_free(&c);
		tamper(rows[i].table, rows[i].key, rows[i].key_n, rows[i].value,
		    rows[i].value ? strlen(rows[i].value) : 0);
		c = open_store();
		CHECK_INT(verify(c, BED_CAUSE, &check), -1);
		CHECK(*check.what.text);
		remove_store(&c);
	}
}

static void
a_chain_that_was_cut_is_found(void)
{
	struct cases *c = new_store();
	struct cases_check check;
	struct cases_chain old;

	fill(c);
	commit(c);
	cases_chain(c, &old);
	fill(c);
	cases_verify_begin(c, NULL, &check);
	commit(c);
	/* The node knows a later end than there is, or another one. */
	check.expect.links++;
	CHECK_INT(cases_verify(&check), -1);
	/* What an old letter tells is still in it. */
	cases_verify_begin(c, NULL, &check);
	snprintf(check.known, sizeof(check.known), "%s", old.head);
	CHECK_INT(cases_verify(&check), 0);
	CHECK(check.is_known_found);
	cases_verify_begin(c, NULL, &check);
	snprintf(check.known, sizeof(check.known), "%064d", 7);
	CHECK_INT(cases_verify(&check), 0);
	CHECK(!check.is_known_found);
	remove_store(&c);
}

static void
what_is_removed_leaves_its_links(void)
{
	struct cases *c = new_store();
	struct cases_check check;
	struct cases_chain chain;
	struct error err;
	struct event e;

	fill(c);
	commit(c);
	fill(c); /* some are on disk, some not */
	e = bed_suspension();
	BED_PUT(e.subject, "bob@example.com");
	BED_PUT(e.cause, "ffffffffffffffffffffffffffffffff");
	cases_add(c, &e, NULL);
	const struct case_head *head = cases_find(c, STR("04HM-ASW9"));

	CHECK_INT(cases_remove(c, head, "forget", BED_SINCE + 500, &err), 0);
	CHECK(cases_find(c, STR("alice@example.com")) == NULL);
	CHECK_INT(verify(c, NULL, &check), 0);
	cases_free(&c);
	c = open_store();
	CHECK(cases_find(c, STR("04HM-ASW9")) == NULL);
	CHECK(cases_find(c, STR("bob@example.com")) != NULL);
	CHECK_INT(verify(c, NULL, &check), 0);
	/* The chain begins later by and by. */
	CHECK(cases_trim(c, 100, &err) > 0);
	CHECK_INT(verify(c, NULL, &check), 0);
	cases_chain(c, &chain);
	CHECK(check.links < chain.links);
	remove_store(&c);
}

static void
without_a_disk_it_lives_in_memory(void)
{
	struct cases *c = cases_new(100);
	struct error err;

	fill(c);
	cases_seal(c);
	cases_commit(c, NULL, NULL);
	struct case_file *f =
	    cases_read(c, cases_find(c, STR("04HM-ASW9")), &err);

	CHECK_INT(f->n_lines, 1);
	case_file_free(&f);
	cases_free(&c);
}

static void
the_number_of_cases_is_bounded(void)
{
	struct cases *c = cases_new(10);

	for (int i = 0; i < 40; i++) {
		struct event e = bed_suspension();

		snprintf(e.cause, sizeof(e.cause), "%08x%024x", i, i);
		snprintf(e.subject, sizeof(e.subject), "u%d@example.com", i);
		cases_add(c, &e, NULL);
	}
	CHECK_INT(cases_count(c), 20);
	cases_free(&c);
}

TESTS(TEST(a_case_outlives_a_restart), TEST(what_is_known_changes_nothing),
    TEST(what_comes_before_its_opening_waits),
    TEST(an_account_means_its_newest_case),
    TEST(a_stop_in_force_comes_before_complaints),
    TEST(one_that_is_kept_is_found_among_many),
    TEST(whatever_is_changed_is_found), TEST(a_chain_that_was_cut_is_found),
    TEST(what_is_removed_leaves_its_links),
    TEST(without_a_disk_it_lives_in_memory),
    TEST(the_number_of_cases_is_bounded))
