/* case_id - what people call a case */
#include "ledger/case_id.h"

#include "base/test.h"

static void
names_are_printed(void)
{
	static const struct {
		const char *cause, *id;
	} rows[] = {
	    {"00000000000000000000000000000000", "0000-0000"},
	    {"ffffffffffffffffffffffffffffffff", "ZZZZ-ZZZZ"},
	    {"00000000010000000000000000000000", "0000-0001"},
	    {"0123456789abcdef0123456789abcdef", "04HM-ASW9"},
	    {"", ""},
	    {"012345678", ""},
	    {"0123G56789abcdef", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char id[CASE_ID];

		case_id(rows[i].cause, id);
		CHECK_STR(str_from(id), str_from(rows[i].id));
	}
}

static void
names_are_read_as_people_type_them(void)
{
	static const struct {
		const char *text, *id; /* NULL: none */
	} rows[] = {
	    {"04HM-ASR9", "04HM-ASR9"},
	    {"04hmasr9", "04HM-ASR9"},
	    {"O4hm-asr9", "04HM-ASR9"},
	    {"iLoO-1100", "1100-1100"},
	    {"-0-4-h-m-a-s-r-9-", "04HM-ASR9"},
	    {"04HM-ASR", NULL},
	    {"04HM-ASR99", NULL},
	    {"04HM-ASU9", NULL},
	    {"04HM ASR9", NULL},
	    {"alice@example.com", NULL},
	    {"", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char id[CASE_ID] = "";
		bool is_read = case_id_parse(str_from(rows[i].text), id);

		CHECK_INT(is_read, rows[i].id != NULL);
		CHECK_STR(str_from(id), str_from(rows[i].id));
	}
	char id[CASE_ID];

	CHECK(!case_id_parse(str_make("04HM\0ASR9", 9), id));
}

TESTS(TEST(names_are_printed), TEST(names_are_read_as_people_type_them))
