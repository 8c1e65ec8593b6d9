/* outcome - why a receiver refused a recipient for good */
#include "mta/outcome.h"

enum outcome
outcome_of_status(struct str dsn)
{
	static const char *const unknown[] = {
	    "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"};

	if (str_starts(dsn, STR("5.7.")))
		return OUTCOME_REFUSED;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		if (str_is(dsn, str_from(unknown[i])))
			return OUTCOME_UNKNOWN_USER;
	}
	return OUTCOME_OTHER;
}
