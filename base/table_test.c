/* table_test */
#include "base/table.h"

#include "base/test.h"

static struct table *
make(void)
{
	struct table *t = table_new();

	table_column(t, "ACCOUNT", TABLE_LEFT);
	table_column(t, "SENT", TABLE_RIGHT);
	table_column(t, "NOTE", TABLE_LEFT);
	table_cell(t, STR("anna@example.com"));
	table_cell_i64(t, 12345);
	table_cell(t, STR("J\xc3\xbcrgen\n\x1b[2J"));
	table_cell(t, STR("bo"));
	table_cell_format(t, "%d%%", 7);
	table_end_row(t);
	return t;
}

static void
check(const struct table *t, size_t width, struct str want)
{
	char buf[1000];
	struct text out;

	text_init(&out, buf, sizeof(buf));
	table_print(t, &out, width);
	CHECK_STR(text_view(&out), want);
}

static void
test_print(void)
{
	struct table *t = make();

	CHECK_INT(table_count(t), 2);
	check(t, 0,
	    STR("ACCOUNT            SENT  NOTE\n"
		"anna@example.com  12345  J\xc3\xbcrgen??[2J\n"
		"bo                   7%\n"));
	table_free(&t);
	CHECK(t == NULL);
}

/* The account loses what is too much, the number nothing. */
static void
test_narrow(void)
{
	struct table *t = make();

	check(t, 30,
	    STR("ACCOUNT      SENT  NOTE\n"
		"anna@exam\xe2\x80\xa6  12345  J\xc3\xbcrgen??[2J\n"
		"bo             7%\n"));
	check(t, 1,
	    STR("ACCOUNT    SENT  NOTE\n"
		"anna@ex\xe2\x80\xa6  12345  J\xc3\xbcrgen?\xe2\x80\xa6\n"
		"bo           7%\n"));
	table_free(&t);
}

static void
test_wide_characters(void)
{
	struct table *t = table_new();

	table_column(t, "", TABLE_LEFT);
	table_column(t, "", TABLE_LEFT);
	table_cell(t, STR("\xe6\x97\xa5\xe6\x9c\xac")); /* two wide ones */
	table_cell(t, STR("x"));
	table_cell(t, STR("e\xcc\x81")); /* a combining accent */
	table_cell(t, STR("y"));
	check(t, 0, STR("\xe6\x97\xa5\xe6\x9c\xac  x\ne\xcc\x81     y\n"));
	table_free(&t);
}

static void
test_empty(void)
{
	struct table *t = table_new();

	CHECK_INT(table_count(t), 0);
	check(t, 80, STR(""));
	table_column(t, "ONE", TABLE_RIGHT);
	check(t, 80, STR("ONE\n"));
	table_free(&t);
}

TESTS(TEST(test_print), TEST(test_narrow), TEST(test_wide_characters),
    TEST(test_empty))
