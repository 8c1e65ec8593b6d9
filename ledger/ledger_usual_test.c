/* ledger_usual_test - what is foretold of what is usual comes true */
#include "ledger/ledger_bed.h"
#include "ledger/ledger_draw.h"

enum { STEPS = 6000, WINDOWS = 8 };

static const struct {
	int64_t window;
	double q;
} asked[WINDOWS] = {{60, 0.95}, {300, 0.95}, {600, 0.95}, {600, 1}, {1200, 1},
    {3600, 0.95}, {3600, 1}, {DAY, 0.95}};

static struct fact
some_fact(int64_t at)
{
	struct fact f = make(FACT_RECIPIENT, at, "a@example.com");

	f.n = 1 + (int32_t)(draw(6) ? draw(4) : draw(60));
	return f;
}

/* Busy, with pauses; an hour or a day now and then. Up to some minutes late. */
static int64_t
step_of(void)
{
	if (draw(400) == 0)
		return (int64_t)draw(2 * DAY);
	if (draw(40) == 0)
		return (int64_t)draw(7200);
	return (int64_t)draw(draw(3) ? 90 : 600);
}

static void
look(struct ledger *l, struct subject *s, struct subject_past told[WINDOWS],
    size_t *n_held, size_t *n_told)
{
	for (int i = 0; i < WINDOWS; i++) {
		const struct subject_past *was = &told[i];
		struct subject_past now;

		subject_usual(
		    l, s, COUNT_RECIPIENTS, asked[i].window, asked[i].q, &now);
		if (ledger_now(l) < was->until) {
			CHECK(now.usual >= was->least);
			CHECK(now.windows >= was->at_least);
			CHECK(now.windows <= was->at_most);
			*n_held += was->least > 0;
		}
		CHECK(now.until == 0 || now.until > ledger_now(l));
		CHECK(now.until <= ledger_now(l) + 600);
		CHECK(now.least <= now.usual);
		if (ledger_now(l) >= was->until || draw(20) == 0)
			told[i] = now;
		*n_told += now.until > 0;
	}
}

static void
what_is_foretold_comes_true(void)
{
	struct ledger *l = ledger_new(&options);
	struct subject_past told[WINDOWS] = {{0}};
	size_t n_held = 0, n_told = 0;
	int64_t at = T0;

	ledger_watch(l, COUNT_RECIPIENTS, 600);
	for (int i = 0; i < STEPS; i++) {
		at += step_of();
		struct fact f =
		    some_fact(at - (draw(10) ? 0 : (int64_t)draw(3000)));

		add(l, &f);
		ledger_tick(l, at);
		struct subject *s = ledger_find(l, SUBJECT_ACCOUNT, f.account);

		CHECK(s != NULL);
		if (draw(3) == 0)
			look(l, s, told, &n_held, &n_told);
	}
	CHECK(n_held > STEPS / 4);
	CHECK(n_told > STEPS / 4);
	ledger_free(&l);
}

/* Windows of five minutes begin elsewhere every minute. */
static void
of_odd_windows_nothing_is_foretold(void)
{
	struct ledger *l = ledger_new(&options);
	struct subject_past past;

	for (int i = 0; i < 50; i++) {
		struct fact f = some_fact(T0 + i * 600);

		add(l, &f);
	}
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("a@example.com"));

	subject_usual(l, s, COUNT_RECIPIENTS, 300, 0.95, &past);
	CHECK_INT(past.until, 0);
	subject_usual(l, s, COUNT_RECIPIENTS, 600, 0.95, &past);
	CHECK(past.until > ledger_now(l));
	CHECK_INT(past.until % 600, 0);
	ledger_free(&l);
}

/* Whoever goes by what was foretold asks again. */
static void
a_late_fact_voids_the_note(void)
{
	struct ledger *l = ledger_new(&options);
	struct fact f = make(FACT_RECIPIENT, T0, "a@example.com");
	struct fact late = make(FACT_RECIPIENT, T0 - 2 * 3600, "a@example.com");
	struct subject_past past;

	add(l, &f);
	struct subject *s = ledger_find(l, SUBJECT_ACCOUNT, f.account);

	subject_set_note(s, 7);
	add(l, &f);
	CHECK_INT(subject_note(s), 7);
	add(l, &late);
	subject_usual(l, s, COUNT_RECIPIENTS, 600, 0.95, &past);
	CHECK_INT(subject_note(s), 0);
	ledger_free(&l);
}

TESTS(TEST(what_is_foretold_comes_true),
    TEST(of_odd_windows_nothing_is_foretold), TEST(a_late_fact_voids_the_note))
