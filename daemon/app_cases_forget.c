/* app_cases_forget - cases of an account that is forgotten */
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_cases.h"
#include "daemon/app_state.h"

enum { AT_ONCE = 64 };

static size_t
without_kept(const struct case_head **v, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (!v[i]->is_kept)
			v[left++] = v[i];
	}
	return left;
}

size_t
app_cases_forget(struct app *a, struct str account)
{
	struct cases *store = app_cases_store(a->cases);
	int64_t now = loop_now_us(a->loop) / TIME_US;
	const struct case_head *v[AT_ONCE];
	size_t n, all = 0;
	struct error err;

	do {
		n = without_kept(v, cases_of(store, account, v, AT_ONCE));
		for (size_t i = 0; i < n; i++) {
			if (cases_remove(store, v[i], "forget", now, &err) <
			    0) {
				log_error(
				    "a case can't be forgotten: %s", err.text);
				return all;
			}
			all++;
		}
	} while (n > 0);
	if (cases_kept_of(store, account))
		log_warning("a case of who is forgotten stays: it is to be "
			    "kept, as was said on another host");
	return all;
}
