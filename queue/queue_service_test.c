/* queue_service_test - who may ask outpost-queue for what */
#include "queue/queue_service.h"

#include <pwd.h>

#include "base/test.h"

static struct queue_request q;
static char who[65];

static bool
may(const struct queue_service *s, unsigned uid, enum queue_verb verb,
    const char *reason)
{
	struct error err;

	q.verb = verb;
	q.reason = str_from(reason);
	return queue_service_may(s, uid, &q, who, &err);
}

static void
rights(void)
{
	static const char *const names[] = {"games"};
	const struct setting_list admins = {names, 1}, none = {NULL, 0};
	const struct passwd *pw = getpwnam("games");
	struct queue_service s = {.user = "daemon", .admins = &admins};

	if (!pw || pw->pw_uid != 5 || !getpwuid(1)) {
		TEST_SKIP("no users daemon (1) and games (5)");
		return;
	}
	CHECK(may(&s, 0, QUEUE_VERB_DELETE, "spam"));
	CHECK_STR(str_from(who), STR("root"));
	CHECK(!may(&s, 0, QUEUE_VERB_DELETE, " "));
	CHECK(may(&s, 5, QUEUE_VERB_RETURN, "spam"));
	CHECK_STR(str_from(who), STR("games"));
	CHECK(may(&s, 1, QUEUE_VERB_HOLD, ""));
	CHECK(may(&s, 1, QUEUE_VERB_RELEASE, ""));
	CHECK(may(&s, 1, QUEUE_VERB_LIST, ""));
	CHECK(!may(&s, 1, QUEUE_VERB_DELETE, "spam"));
	CHECK(may(&s, 1, QUEUE_VERB_RETURN, "spam"));
	CHECK(!may(&s, 1, QUEUE_VERB_RETURN, ""));
	CHECK(!may(&s, 2, QUEUE_VERB_LIST, ""));
	CHECK(!may(&s, 4242424, QUEUE_VERB_LIST, ""));
	s.admins = &none;
	CHECK(!may(&s, 5, QUEUE_VERB_LIST, ""));
	s.user = "";
	CHECK(!may(&s, 4242424, QUEUE_VERB_LIST, ""));
}

TESTS(TEST(rights))
