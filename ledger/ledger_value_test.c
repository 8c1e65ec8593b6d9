/* ledger_value_test - what is packed of a subject comes back; what is damaged
 * is refused, or is another one
 */
#include "ledger/ledger_state.h"

#include <stdlib.h>

#include "base/test.h"
#include "ledger/pack.h"
#include "ledger/record_dense.h"

enum { DAY = 86400, T0 = 1700000000, ROUNDS = 1500, ROOM = 1 << 17 };

static uint64_t seed = 11;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(((seed >> 33) * below) >> 31);
}

static uint64_t
draw64(void)
{
	return (uint64_t)draw(1u << 31) << 33 | (uint64_t)draw(1u << 31) << 2;
}

static struct ip
draw_client(void)
{
	struct ip ip = {{0}};

	for (int i = 0; i < 16; i++)
		ip.b[i] = (uint8_t)draw(256);
	if (draw(2)) {
		memset(ip.b, 0, 10);
		ip.b[10] = ip.b[11] = 0xff;
	}
	return ip;
}

/* Any of the sets, or none. */
static void
make_seen(struct subject_seen *seen)
{
	uint32_t what = draw(16), n = draw(6) ? draw(30) : draw(400);
	int64_t at = T0 + draw(1 << 20);

	for (uint32_t i = 0; (what & 1) && i < n; i++)
		sketch_add(&seen->recipients, sketch_entry(draw64()),
		    at - 5 * DAY + draw(5 * DAY));
	for (uint32_t i = 0; (what & 2) && i < 1 + n % 20; i++) {
		struct ip ip = draw_client();

		networks_add(&seen->networks, &ip, at - draw(30 * DAY));
		networks_add(&seen->networks, &ip, at - draw(DAY));
	}
	for (uint32_t i = 0; (what & 4) && i < n; i++)
		known_meet(&seen->known, draw64(), at + i * (DAY / 3));
	if (!(what & 8))
		return;
	seen->habits = calloc(1, sizeof(*seen->habits));
	for (uint32_t i = 0; i < n; i++) {
		const struct habits_message m = {.at = at + i * (DAY / 5),
		    .recipients = 1 + draw(40),
		    .size_bytes = draw(1 << 20),
		    .subject = draw(2) ? draw(4) : 0,
		    .domain = draw(3) ? 0 : 1 + draw(5)};

		habits_meet(seen->habits, &m);
	}
}

static void
pack(const struct subject_seen *seen, bool is_small, struct text *out)
{
	struct text scratch;

	text_clear(out);
	text_grow(&scratch, ROOM);
	ledger_pack_seen(seen, is_small, &scratch, out);
	CHECK(!out->is_cut && !scratch.is_cut);
	text_done(&scratch);
}

/* A damaged one is used; ASan sees what it does. */
static void
check_damage(struct text *t, struct text *again)
{
	for (int i = 0; i < 12; i++) {
		struct subject_seen seen = {0};
		struct subject_look look;
		size_t bit = draw((uint32_t)(8 * t->n));
		struct str s = text_view(t);

		t->p[bit / 8] ^= (char)(1 << bit % 8);
		ledger_look_seen(s, &look);
		if (draw(2))
			s = str_head(s, draw((uint32_t)s.n + 1));
		if (draw(2)) {
			ledger_take_seen_5(s, &seen);
		} else if (ledger_take_seen(s, &seen)) {
			sketch_fold(&seen.recipients, T0 + DAY);
			networks_fold(&seen.networks, T0 + DAY);
			known_fold(&seen.known, T0 + DAY);
			pack(&seen, true, again);
		}
		subject_seen_done(&seen);
		if (i % 3)
			t->p[bit / 8] ^= (char)(1 << bit % 8);
	}
}

static void
sets_come_back(void)
{
	struct text t, again;

	text_grow(&t, ROOM);
	text_grow(&again, ROOM);
	for (int round = 0; round < ROUNDS; round++) {
		struct subject_seen seen = {0}, back = {0};
		bool is_small = draw(2);
		struct subject_look look;

		make_seen(&seen);
		known_saved(seen.known);
		sketch_saved(&seen.recipients);
		pack(&seen, is_small, &t);
		CHECK(ledger_look_seen(text_view(&t), &look));
		CHECK_INT(look.is_spelt, seen.recipients.dense != NULL);
		CHECK_INT(look.is_small, is_small || !seen.known);
		CHECK_INT(look.is_nothing, t.n == 1);
		CHECK_INT(look.due, look.is_spelt
					? 0
					: subject_due(seen.recipients.last_hour,
					      seen.recipients.n));
		CHECK(ledger_take_seen(text_view(&t), &back));
		CHECK_INT(known_count(back.known), known_count(seen.known));
		CHECK_INT(back.networks.n, seen.networks.n);
		pack(&back, is_small, &again);
		if (seen.networks.n < 2) /* of one time are in no order */
			CHECK_STR(text_view(&again), text_view(&t));
		subject_seen_done(&back);
		back = (struct subject_seen){0};
		text_char(&t, 0);
		CHECK(!ledger_take_seen(text_view(&t), &back));
		subject_seen_done(&back);
		t.n--;
		for (size_t n = 1; n < t.n; n += 1 + t.n / 40) {
			back = (struct subject_seen){0};
			CHECK(!ledger_take_seen(str_make(t.p, n), &back));
			subject_seen_done(&back);
		}
		check_damage(&t, &again);
		subject_seen_done(&seen);
	}
	text_done(&t);
	text_done(&again);
}

static void
values_come_back(void)
{
	static const struct ledger_head heads[] = {
	    {847000000, 848000000, 0, 0},
	    {848000000, 848000000, 0, 1},
	    {1, 848000000, 847000000, 0},
	    {UINT32_MAX, 1, UINT32_MAX, INT32_MAX},
	    {0, 0, 0, 0},
	    {847999000, 848000000, 1, 7},
	};
	static const struct str cells[] = {
	    {"", 0}, {"abc", 3}, {"\0\4abcdefgh", 10}, {"\0\0abcdefgh", 10}};
	static const struct str sets[] = {{"", 0}, {"\x08sets", 5}};
	char buf[128];
	struct text t;

	for (size_t i = 0; i < 6 * 4 * 2; i++) {
		const struct ledger_head *h = &heads[i / 8];
		struct str c = cells[i / 2 % 4];
		struct ledger_value v;

		text_init(&t, buf, sizeof(buf));
		ledger_put_value(h, c, i % 2, &t);
		text_str(&t, sets[i % 2]);
		CHECK(ledger_look_value(text_view(&t), &v));
		CHECK(!v.is_5);
		CHECK_INT(v.head.first_seen, h->first_seen);
		CHECK_INT(v.head.last_seen, h->last_seen);
		CHECK_INT(v.head.mark, h->mark);
		CHECK_INT(v.head.pending, h->pending);
		CHECK_INT(v.is_dense, dense_is_usual(c));
		CHECK_STR(v.cells, v.is_dense ? str_skip(c, DENSE_MARK) : c);
		CHECK_STR(v.sets, sets[i % 2]);
		CHECK_INT(ledger_value_last_seen(text_view(&t)), h->last_seen);
		for (size_t n = 0; i % 2 && n + 5 < t.n; n++)
			CHECK(!ledger_look_value(str_make(t.p, n), &v));
	}
}

TESTS(TEST(sets_come_back), TEST(values_come_back))
