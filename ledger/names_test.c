/* names_test - every name comes back, and most take less */
#include "ledger/names.h"

#include "base/test.h"
#include "base/test_draw.h"

enum { MOST = 400, ROUNDS = 20000 };

/* Returns how many bytes it takes. */
static size_t
check(struct str name)
{
	char packed[MOST + 2], back[MOST];
	size_t n = names_pack(name, packed);

	CHECK(n <= name.n + 1);
	CHECK_STR(str_make(back, names_unpack(str_make(packed, n), back, MOST)),
	    name);
	/* No more is written than there is room for. */
	CHECK(
	    names_unpack(str_make(packed, n), back, name.n / 2) <= name.n / 2);
	return n;
}

static void
test_takes_less(void)
{
	CHECK_INT(check(STR("")), 0);
	CHECK_INT(check(STR("m.schneider@firma-meier.de")), 15);
	CHECK_INT(check(STR("info@contoso.co.uk")), 11);
	CHECK_INT(check(STR("192.0.2.47")), 7);
	CHECK_INT(check(STR("192.0.2.0/24")), 9);
	CHECK_INT(check(STR("2001:db8:12:3400::/64")), 17);
	CHECK_INT(check(STR("e")), 1);
}

static void
test_stays_as_it_is(void)
{
	CHECK_INT(check(STR("M.Schneider@firma-meier.de")), 27);
	CHECK_INT(check(STR("m\303\274ller@firma.de")), 17);
	CHECK_INT(check(STR("=")), 2);
	CHECK_INT(check(STR("====")), 5);
	CHECK_INT(check(str_make("a\0b", 3)), 4);
}

/* Of all lengths and letters; what is packed is the same for nobody else. */
static void
test_every_name(void)
{
	static const char often[] = "eainro.stmlc@du1h02pbgk34568"
				    "f79wvy-z/jx:_q+=";
	char name[MOST], last[MOST], a[MOST + 2], b[MOST + 2];
	struct str before = STR("");

	for (int i = 0; i < ROUNDS; i++) {
		size_t n = draw(draw(20) ? 40 : MOST + 1);
		bool is_any = draw(4) == 0;

		for (size_t k = 0; k < n; k++)
			name[k] = is_any && draw(20) == 0
				      ? (char)draw(256)
				      : often[draw(sizeof(often) - 1)];
		struct str s = str_make(name, n);

		check(s);
		CHECK_INT(str_is(str_make(a, names_pack(s, a)),
			      str_make(b, names_pack(before, b))),
		    str_is(s, before));
		memcpy(last, name, n);
		before = str_make(last, n);
	}
}

/* Whatever the bytes: it ends. */
static void
test_damaged(void)
{
	char packed[40], back[MOST];

	for (int i = 0; i < ROUNDS; i++) {
		size_t n = draw(sizeof(packed) + 1);

		for (size_t k = 0; k < n; k++)
			packed[k] = (char)(draw(3) ? draw(256) : 0xff);
		CHECK(names_unpack(str_make(packed, n), back, MOST) <= 2 * n);
	}
}

TESTS(TEST(test_takes_less), TEST(test_stays_as_it_is), TEST(test_every_name),
    TEST(test_damaged))
