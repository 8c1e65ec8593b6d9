/* outcome_test - what an enhanced status says alone */
#include "mta/outcome.h"

#include "base/test.h"

static void
by_status(void)
{
	CHECK_INT(outcome_of_status(STR("5.1.1")), OUTCOME_UNKNOWN_USER);
	CHECK_INT(outcome_of_status(STR("5.1.10")), OUTCOME_UNKNOWN_USER);
	CHECK_INT(outcome_of_status(STR("5.1.8")), OUTCOME_OTHER);
	CHECK_INT(outcome_of_status(STR("5.7.26")), OUTCOME_REFUSED);
	CHECK_INT(outcome_of_status(STR("5.2.2")), OUTCOME_OTHER);
	CHECK_INT(outcome_of_status(STR("")), OUTCOME_OTHER);
}

TESTS(TEST(by_status))
