#include "base/test.h"

#include "base/text.h"
#include "fbl/header.h"

static struct arena arena;

static struct headers
read(const char *text)
{
	struct str rest = str_from(text);
	struct headers h;

	header_read_message(&rest, &arena, &h);
	return h;
}

static struct str
get(const char *text, const char *name)
{
	struct headers h = read(text);

	return header_get(&h, str_from(name));
}

static void
test_lines(void)
{
	arena_init(&arena);
	CHECK_STR(get("A: 1\nB: 2\n\nC: 3", "b"), STR("2"));
	CHECK_STR(get("A: 1\r\nB: 2\r\n\r\nC: 3", "B"), STR("2"));
	CHECK_STR(get("A: 1\rB: 2\r\rC: 3", "B"), STR("2"));
	CHECK(!get("A: 1\rB: 2\r\rC: 3", "C").p);
	CHECK_STR(get("\n\nA: 1", "A"), STR("1"));
	CHECK_STR(get("From x Sat\n>From y\nA :  1 \n", "A"), STR("1"));
	CHECK_STR(get("A: 1\nno field\nB: 2\n", "B"), STR("2"));
	CHECK_STR(get("A:\nB: 2\n", "A"), STR(""));
	CHECK(get("A:\nB: 2\n", "A").p != NULL);
	CHECK_INT(read("Hello,\nthis is: a letter\n").n, 0);
	CHECK_INT(read("").n, 0);
	arena_done(&arena);
}

static void
test_folded(void)
{
	arena_init(&arena);
	CHECK_STR(get("A: 1;\n\t2\n   3\nB: 4\n", "A"), STR("1; 2 3"));
	CHECK_STR(get("A:\r\n  1\r\n \r\n 2", "A"), STR("1 2"));
	CHECK_STR(get("A:\n \n \nB: 1\n", "A"), STR(""));
	arena_done(&arena);
}

/* An empty line among the fields: only where a message's are missing. */
static void
test_goes_on(void)
{
	arena_init(&arena);
	CHECK_STR(
	    get("From: a\n\nTo: b\nSubject: c\n\nx", "Subject"), STR("c"));
	CHECK(!get("From: a\nSubject: c\n\nTo: b\n", "To").p);
	CHECK(!get("From: a\n\nDear Sir: b\n", "Dear Sir").p);
	arena_done(&arena);
}

static void
test_bounds(void)
{
	struct text t;
	struct headers h;

	arena_init(&arena);
	text_grow(&t, 4 << 20);
	for (int i = 0; i < 5000; i++)
		text_printf(&t, "A%d: x\n", i);
	h = read(t.p);
	CHECK_INT(h.n, HEADER_FIELDS);
	CHECK(h.is_cut);
	text_clear(&t);
	text_add(&t, "A: 1\nB: ");
	for (int i = 0; i < 100; i++) {
		text_pad(&t, 'x', 100);
		text_add(&t, "\n ");
	}
	text_add(&t, "\nC: 2\n");
	h = read(t.p);
	CHECK_INT(header_get(&h, STR("B")).n, HEADER_VALUE);
	CHECK_STR(header_get(&h, STR("C")), STR("2"));
	CHECK(h.is_cut);
	text_clear(&t);
	text_pad(&t, 'x', 1 << 20);
	CHECK_INT(read(t.p).n, 0);
	text_done(&t);
	arena_done(&arena);
}

static void
test_address(void)
{
	CHECK_STR(header_address(STR("\"a@b\" <c@d>")), STR("c@d"));
	CHECK_STR(header_address(STR("<>")), STR(""));
	CHECK_STR(header_address(STR("<c@d")), STR("c@d"));
	CHECK_STR(header_address(STR("a@b (me)")), STR("a@b"));
	CHECK_STR(header_address(STR("me a@b")), STR("a@b"));
	CHECK_STR(header_address(STR("redacted")), STR("redacted"));
	CHECK_STR(header_address(STR("")), STR(""));
	CHECK_STR(header_domain(STR("a@b@example.com")), STR("example.com"));
	CHECK_STR(header_domain(STR("a")), STR(""));
}

static void
test_walk(void)
{
	struct headers h;
	size_t i = 0;

	arena_init(&arena);
	h = read("R: 1\nS: 2\nr: 3\n\n");
	CHECK_STR(header_next(&h, STR("R"), &i)->value, STR("1"));
	CHECK_STR(header_next(&h, STR("R"), &i)->value, STR("3"));
	CHECK(!header_next(&h, STR("R"), &i));
	arena_done(&arena);
}

TESTS(TEST(test_lines), TEST(test_folded), TEST(test_goes_on),
    TEST(test_bounds), TEST(test_address), TEST(test_walk))
