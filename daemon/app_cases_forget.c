/* app_cases_forget - cases of an account that is forgotten */
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_cases.h"
#include "daemon/app_state.h"

enum { AT_ONCE = 64 };

size_t
app_cases_forget(struct app *a, struct str account)
{
	struct cases *store = app_cases_store(a->cases);
	int64_t now = loop_now_us(a->loop) / TIME_US;
	const struct case_head *v[AT_ONCE];
	size_t n, all = 0;
	struct error err;

	while ((n = cases_of(store, account, v, AT_ONCE)) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (cases_remove(store, v[i], "forget", now, &err) <
			    0) {
				log_error(
				    "a case can't be forgotten: %s", err.text);
				return all;
			}
			all++;
		}
	}
	return all;
}
