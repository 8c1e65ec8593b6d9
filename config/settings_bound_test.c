/* settings_bound_test - what only a restart can move is named */
#include "config/settings.h"

#include "base/test.h"

static struct settings *
defaults(void)
{
	struct error err;
	struct settings *s = settings_load("/dev/null", &err);

	if (!s)
		fatal("%s", err.text);
	return s;
}

static void
test_named(void)
{
	static const char *const files[] = {"/var/log/mail.info"};
	struct settings *old = defaults(), *new = defaults();
	char buf[256];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	settings_print_bound(old, new, &t);
	CHECK_STR(text_view(&t), STR(""));
	new->daemon.policy_timeout = 77;
	new->limits.score_watch = 19;
	settings_print_bound(old, new, &t);
	CHECK_STR(text_view(&t), STR(""));
	new->daemon.files = (struct setting_list){files, 1};
	new->daemon.state_dir = "/srv/outpost";
	new->mta.flights_max = 100;
	settings_print_bound(old, new, &t);
	CHECK_STR(text_view(&t), STR("state_dir, files, flights_max"));
	settings_free(&old);
	settings_free(&new);
}

TESTS(TEST(test_named))
