/* ledger_sleep_test - who sleeps is known as well as who doesn't */
#include <stdio.h>

#include "base/test_draw.h"
#include "ledger/books.h"
#include "ledger/ledger_bed.h"
#include "ledger/ledger_state.h"
#include "ledger/walk.h"

enum { ACCOUNTS = 40, ROUNDS = 60, FEW = 100 };

static size_t
asleep(const struct ledger *l)
{
	return l->queues[QUEUE_OWN].n_asleep +
	       l->queues[QUEUE_STRANGERS].n_asleep;
}

static void
on_posted(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	(void)kind;
	(void)key;
	(void)record;
	(void)sketches;
	++*(size_t *)ctx;
}

static size_t
post(struct ledger *l)
{
	size_t n = 0;

	while (ledger_each_changed(l, 10, on_posted, &n) > 0)
		;
	return n;
}

static struct books_part part;

static void
write_all(void)
{
	struct disk_batch *batch = disk_batch_new(NULL);
	struct text journal;

	text_grow(&journal, 1 << 22);
	part.save(part.ctx, &journal);
	part.fold(part.ctx, batch, 0);
	while (part.fold_some(part.ctx, batch, 0, 10) > 0)
		;
	text_done(&journal);
	disk_batch_free(&batch);
}

static const char *
name_of(uint32_t i, char buf[32])
{
	snprintf(buf, 32, "u%u@example.com", i);
	return buf;
}

/* Some send to some; the same in each ledger. */
static void
send_some(struct ledger *const l[2], int64_t at, uint32_t from)
{
	char name[32], to[32];

	for (uint32_t n = 1 + draw(8); n > 0; n--) {
		struct fact f = make(
		    FACT_ACCEPTED, at, name_of(from + draw(ACCOUNTS), name));

		f.client.b[15] = (uint8_t)draw(50);
		f.client.b[13] = (uint8_t)draw(3);
		f.size_bytes = draw(100000);
		for (int i = 0; i < 2; i++)
			add(l[i], &f);
		f.kind = draw(9) ? FACT_RECIPIENT : FACT_PENDING;
		for (uint32_t k = draw(30); k > 0; k--) {
			snprintf(to, sizeof(to), "%u@example.net", draw(500));
			f.recipient = str_from(to);
			for (int i = 0; i < 2; i++)
				add(l[i], &f);
		}
	}
}

static void
check_subject(struct ledger *const l[2], struct subject *s, struct subject *t)
{
	static const int64_t windows[] = {600, 1800, 3600, 9 * DAY};
	struct subject_network a[SUBJECT_NETWORKS], b[SUBJECT_NETWORKS];
	uint64_t x[10], y[10];
	int64_t now = ledger_now(l[0]);
	size_t n = subject_networks(s, a);

	CHECK_INT(subject_first_seen(s), subject_first_seen(t));
	CHECK_INT(subject_last_seen(s), subject_last_seen(t));
	CHECK_INT(subject_mark(s), subject_mark(t));
	CHECK_INT(subject_pending(s), subject_pending(t));
	CHECK_INT(subject_known(s), subject_known(t));
	CHECK_INT(subject_distinct_recipients(s, DAY, now),
	    subject_distinct_recipients(t, DAY, now));
	CHECK_INT(subject_networks(t, b), n);
	for (size_t i = 0; i < n; i++)
		CHECK(a[i].first_seen == b[i].first_seen &&
		      a[i].last_seen == b[i].last_seen);
	for (int c = 0; c < COUNTS; c++)
		for (size_t i = 0; i < sizeof(windows) / sizeof(*windows); i++)
			CHECK_INT(
			    subject_sum(l[0], s, (enum count)c, windows[i]),
			    subject_sum(l[1], t, (enum count)c, windows[i]));
	subject_series(l[0], s, COUNT_RECIPIENTS, 7200, x, 10);
	subject_series(l[1], t, COUNT_RECIPIENTS, 7200, y, 10);
	for (int i = 0; i < 10; i++)
		CHECK_INT(x[i], y[i]);
}

/* Everybody in passing, some of them by name. */
static void
check_same(struct ledger *const l[2])
{
	struct subject *s;
	size_t n = 0, again = 0;

	for (size_t i = 0; (s = ledger_next(l[0], &i)); n++) {
		struct subject *t =
		    ledger_find(l[1], subject_kind(s), subject_key(s));

		CHECK(t != NULL);
		if (t)
			check_subject(l, s, t);
		if (t && draw(10) == 0) {
			again += s == l[0]->visited; /* who wakes comes again */
			check_subject(l,
			    ledger_find(l[0], subject_kind(s), subject_key(s)),
			    t);
		}
	}
	CHECK_INT(n, ledger_subjects(l[0]) + again);
	CHECK_INT(n, ledger_subjects(l[1]) + again);
}

static void
disturb(struct ledger *const l[2], int64_t at)
{
	char name[32];
	struct str key = str_from(name_of(draw(ACCOUNTS), name));
	bool is_mark = draw(3) > 0;

	for (int i = 0; i < 2; i++) {
		struct subject *s = ledger_find(l[i], SUBJECT_ACCOUNT, key);

		if (s && is_mark)
			ledger_mark(l[i], s, at - 100);
		else if (s)
			ledger_forget(l[i], SUBJECT_ACCOUNT, key);
	}
}

/* Only the first one has books. */
static void
who_sleeps_is_known_as_well(void)
{
	struct ledger *const l[2] = {
	    ledger_new(&options), ledger_new(&options)};
	struct ledger *old[2] = {l[0], l[1]};
	int64_t at = T0;
	size_t most = 0;

	part = ledger_part(l[0]);
	for (unsigned round = test_trials(ROUNDS); round > 0; round--) {
		send_some(l, at, 0);
		if (draw(4) == 0)
			disturb(l, at);
		for (uint32_t k = draw(9); k > 0; k--) {
			/* Some wake with minutes that short windows hold. */
			at += 60 + draw(draw(2) ? 3600 : 1200);
			write_all();
			if (draw(5) == 0)
				post(l[0]);
			for (int i = 0; i < 8; i++) {
				ledger_tick(l[0], at);
				ledger_tick(l[1], at);
			}
		}
		most = asleep(l[0]) > most ? asleep(l[0]) : most;
		if (round % 4 == 0)
			check_same(l);
	}
	CHECK(most > ACCOUNTS);
	CHECK_INT(asleep(l[1]), 0);
	ledger_free(&old[0]);
	ledger_free(&old[1]);
}

static void
sleep_for(struct ledger *l, int64_t *at, int64_t seconds)
{
	*at += seconds;
	for (int i = 0; i < 12; i++) {
		ledger_tick(l, *at);
		write_all();
	}
}

/* The board gets who sleeps, too, and nobody wakes for it. */
static void
all_are_posted_again(void)
{
	struct ledger *l = ledger_new(&options);
	struct ledger *const both[2] = {l, l};
	struct ledger_walk w;
	int64_t at = T0;
	size_t n = 0;

	part = ledger_part(l);
	post(l);
	for (int i = 0; i < 20; i++)
		send_some(both, at, 0);
	sleep_for(l, &at, 7200);
	post(l);
	sleep_for(l, &at, 60);
	CHECK_INT(asleep(l) + 1, ledger_subjects(l));
	walk_begin(l, &w);
	while (!w.is_over)
		CHECK(walk_some(l, &w, 7, on_posted, &n) <= 7);
	CHECK_INT(n, asleep(l));
	CHECK_INT(asleep(l) + post(l), ledger_subjects(l));
	CHECK_INT(asleep(l) + 1, ledger_subjects(l));
	sleep_for(l, &at, 36 * DAY);
	CHECK_INT(ledger_subjects(l), 1);
	ledger_free(&l);
}

/* By its name. */
static bool has_come[2 * ACCOUNTS];

static uint32_t
number_of(const struct subject *s)
{
	unsigned i = 2 * ACCOUNTS;
	char buf[32] = "";

	if (subject_kind(s) != SUBJECT_ACCOUNT)
		return i;
	memcpy(buf, subject_key(s).p, subject_key(s).n % sizeof(buf));
	CHECK(sscanf(buf, "u%u@", &i) == 1);
	return i;
}

static void
on_looked_at(void *ctx, struct subject *s)
{
	uint32_t i = number_of(s);

	++*(size_t *)ctx;
	if (i < 2 * ACCOUNTS)
		has_come[i] = true;
}

static void
on_changed(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	char buf[32] = "";
	unsigned i;

	(void)record;
	(void)sketches;
	++*(size_t *)ctx;
	if (kind != SUBJECT_ACCOUNT)
		return;
	memcpy(buf, key.p, key.n % sizeof(buf));
	CHECK(sscanf(buf, "u%u@", &i) == 1);
	has_come[i] = true;
}

/* Some are asked for by name, which wakes them, and some would go to sleep. */
static void
wake_and_lay(struct ledger *l, int64_t at)
{
	char name[32];

	for (uint32_t k = draw(6); k > 0; k--)
		ledger_find(l, SUBJECT_ACCOUNT,
		    str_from(name_of(draw(2 * ACCOUNTS), name)));
	if (draw(3) == 0)
		ledger_tick(l, at);
}

/* A walk leaves out nobody, whoever wakes or is laid to sleep meanwhile. */
static void
all_are_walked_over(void)
{
	struct ledger *l = ledger_new(&options);
	struct ledger *const both[2] = {l, l};
	struct ledger_walk w;
	int64_t at = T0;
	size_t n = 0, missed[2] = {0};
	char name[32];

	part = ledger_part(l);
	for (int i = 0; i < 40; i++)
		send_some(both, at, i % 2 ? ACCOUNTS : 0);
	for (int round = 0; round < 60; round++) {
		bool is_posted = round % 2;

		sleep_for(l, &at, 7200);
		post(l);
		sleep_for(l, &at, 60);
		if (round == 0)
			CHECK_INT(asleep(l) + 1, ledger_subjects(l));
		memset(has_come, 0, sizeof(has_come));
		walk_begin(l, &w);
		while (!w.is_over) {
			if (is_posted) {
				walk_some(l, &w, 5, on_changed, &n);
				ledger_each_changed(l, 3, on_changed, &n);
			} else {
				w.is_over =
				    walk_each(l, &w, 5, on_looked_at, &n);
			}
			wake_and_lay(l, ++at);
		}
		while (is_posted && ledger_changed(l) > 0)
			ledger_each_changed(l, 10, on_changed, &n);
		for (uint32_t i = 0; i < 2 * ACCOUNTS; i++)
			missed[is_posted] +=
			    !has_come[i] && ledger_find(l, SUBJECT_ACCOUNT,
						str_from(name_of(i, name)));
	}
	CHECK_INT(missed[0], 0);
	CHECK_INT(missed[1], 0);
	CHECK(n > 0);
	ledger_free(&l);
}

/* When there is no room they go first, the longest silent among the first. */
static void
who_sleeps_makes_room(void)
{
	static const struct ledger_options few = {.max_subjects = FEW};
	struct ledger *l = ledger_new(&few);
	int64_t at = T0;
	char name[32];

	part = ledger_part(l);
	for (uint32_t i = 0; i < FEW / 2; i++) {
		struct fact f = make(FACT_ACCEPTED, at, name_of(i, name));

		at += 60;
		add(l, &f);
	}
	sleep_for(l, &at, 7200);
	CHECK(asleep(l) >= FEW / 2);
	for (uint32_t i = FEW; i < 2 * FEW; i++) {
		struct fact f = make(FACT_ACCEPTED, at, name_of(i, name));

		add(l, &f);
		CHECK(ledger_subjects(l) <= FEW);
		CHECK(ledger_find(l, SUBJECT_ACCOUNT, str_from(name)) != NULL);
	}
	CHECK_INT(asleep(l), 0);
	CHECK_INT(ledger_subjects(l), FEW);
	ledger_free(&l);
}

/* Nobody who is awake goes while others sleep, however many of another queue
 * there are. */
static void
who_is_awake_stays(void)
{
	enum { MANY = 4000 };
	static const struct ledger_options many = {.max_subjects = MANY};
	struct ledger *l = ledger_new(&many);
	int64_t at = T0;
	char name[32];

	part = ledger_part(l);
	for (uint32_t i = 0; i < MANY; i++) {
		struct fact f = make(FACT_ACCEPTED, at,
		    name_of(i < MANY / 2 + 200 ? i : 0, name));

		f.client.b[14] = (uint8_t)(i >= MANY / 2 + 200 ? i / 256 : 0);
		f.client.b[15] = (uint8_t)(i >= MANY / 2 + 200 ? i : 0);
		add(l, &f);
	}
	sleep_for(l, &at, 7200);
	CHECK(asleep(l) > MANY - 500);
	for (uint32_t i = 0; i < 800; i++) {
		struct fact f =
		    make(FACT_ACCEPTED, at, name_of(MANY + i, name));

		f.client = (struct ip){0};
		add(l, &f);
		CHECK(l->all != NULL);
	}
	CHECK(ledger_subjects(l) <= MANY);
	for (uint32_t i = 0; i < 800; i++)
		CHECK(ledger_find(l, SUBJECT_ACCOUNT,
			  str_from(name_of(MANY + i, name))) != NULL);
	ledger_free(&l);
}

/* A day before, and now. */
static void
send_in_turn(struct ledger *l, int64_t at, uint32_t i)
{
	char name[32];

	for (int hour = 30; hour >= 0; hour -= 3) {
		struct fact f =
		    make(FACT_ACCEPTED, at - hour * 3600, name_of(i, name));

		f.client = (struct ip){0};
		f.kind = hour % 2 ? FACT_ACCEPTED : FACT_DELIVERED;
		add(l, &f);
	}
}

/* How many of those from `from` on to `to` sleep, all of them condensed. */
static size_t
count_asleep(struct ledger *l, uint32_t from, uint32_t to)
{
	struct dorm_entry e;
	struct ledger_value v;
	char name[32];
	size_t n = 0;

	for (uint32_t i = from; i < to; i++) {
		struct str key = str_from(name_of(i, name));

		if (!dorm_find(
			&l->dorm, SUBJECT_ACCOUNT, key, map_hash(key), &e))
			continue;
		CHECK(ledger_look_value(e.value, &v) && v.is_dense);
		n++;
	}
	return n;
}

/* Soon, in the order of silence, and not before. */
static void
who_falls_silent_sleeps(void)
{
	enum { ALL = 900, SOON = 4 * 60, TOO_SOON = 60 };
	struct ledger *l = ledger_new(&options);
	size_t n_late = 0, n_early = 0;

	part = ledger_part(l);
	for (uint32_t i = 0; i < ALL; i++) {
		send_in_turn(l, T0 + i, i);
		if (i % 5 == 0)
			ledger_tick(l, T0 + i);
		if (i % 30 == 0)
			write_all();
		if (i % 100 == 99 && i > SOON) {
			n_late += i - SOON - count_asleep(l, 0, i - SOON);
			n_early += count_asleep(l, i - TOO_SOON, i + 1);
		}
	}
	CHECK_INT(n_late, 0);
	CHECK_INT(n_early, 0);
	ledger_free(&l);
}

/* The board is behind, and who sleeps can't be posted as changed. */
static void
who_waits_stays_awake(void)
{
	struct ledger *l = ledger_new(&options);
	struct ledger *const both[2] = {l, l};
	int64_t at = T0;

	part = ledger_part(l);
	post(l);
	for (int i = 0; i < 20; i++)
		send_some(both, at, 0);
	sleep_for(l, &at, 3600);
	CHECK_INT(asleep(l), 0);
	post(l);
	sleep_for(l, &at, 60);
	CHECK_INT(asleep(l) + 1, ledger_subjects(l));
	ledger_free(&l);
}

TESTS(TEST(who_sleeps_is_known_as_well), TEST(all_are_posted_again),
    TEST(all_are_walked_over), TEST(who_sleeps_makes_room),
    TEST(who_is_awake_stays), TEST(who_falls_silent_sleeps),
    TEST(who_waits_stays_awake))
