/* incident_test - opened once, followed, closed, opened again */
#include "reputation/incident.h"

#include "base/test.h"
#include "base/time.h"

enum { T0 = 1764000000 };

static const struct incident_limits limits = {900, 5, 20, 25};

static void
answers(struct incident_watch *w, int64_t at, enum incident_level level,
    bool is_delivered, uint32_t n)
{
	incident_watch_note(
	    w, limits.window, at, level, is_delivered, n, STR("mx1"));
}

/* A floor under the share; a share over the floor. */
static void
watches(void)
{
	struct incident_watch w = {0};

	answers(&w, T0, INCIDENT_BLOCKED, false, 4);
	CHECK_INT(incident_watch_level(&w, &limits, T0, false), INCIDENT_NONE);
	answers(&w, T0 + 1, INCIDENT_BLOCKED, false, 1);
	CHECK_INT(
	    incident_watch_level(&w, &limits, T0, false), INCIDENT_BLOCKED);
	CHECK_INT(incident_watch_level(&w, &limits, T0, true), INCIDENT_NONE);
	answers(&w, T0 + 2, INCIDENT_NONE, true, 100);
	CHECK_INT(incident_watch_level(&w, &limits, T0, false), INCIDENT_NONE);
	CHECK(incident_watch_is_calm(&w, &limits, T0));
	/* It fades. */
	answers(&w, T0 + 2000, INCIDENT_SLOWED, false, 19);
	CHECK_INT(
	    incident_watch_level(&w, &limits, T0 + 2000, false), INCIDENT_NONE);
	answers(&w, T0 + 2000, INCIDENT_SLOWED, false, 1);
	CHECK_INT(incident_watch_level(&w, &limits, T0 + 2000, false),
	    INCIDENT_SLOWED);
	CHECK(!incident_watch_is_calm(&w, &limits, T0 + 2000));
	/* Silence is no calm. */
	CHECK(!incident_watch_is_calm(&w, &limits, T0 + 9000));
}

static struct event
event(enum event_type type, const char *node, int64_t at, const char *rung,
    const char *subject)
{
	static struct event e;
	struct text t;

	memset(&e, 0, sizeof(e));
	e.type = type;
	e.at_us = at * TIME_US;
	strcpy(e.node, node);
	strcpy(e.kind, INCIDENT_KIND);
	strcpy(e.rung, rung);
	text_init(&t, e.subject, sizeof(e.subject));
	text_add(&t, subject);
	incident_begin_cause(str_from(subject), T0, e.file);
	text_init(&t, e.cause, sizeof(e.cause));
	text_printf(&t, "%lld", (long long)at);
	strcpy(e.evidence, "{}");
	return e;
}

static bool
fold(struct incidents *s, enum event_type type, const char *node, int64_t at,
    const char *rung)
{
	struct event e = event(type, node, at, rung, "big/out1");

	return incidents_fold(s, &e);
}

static void
one_of_two_nodes(void)
{
	struct incidents *s = incidents_new(10);
	int64_t since;

	CHECK(fold(s, EVENT_INCIDENT_OPENED, "a", T0, "slowed"));
	CHECK(!fold(s, EVENT_INCIDENT_OPENED, "a", T0, "slowed"));
	CHECK(fold(s, EVENT_INCIDENT_NEWS, "b", T0 + 1, "blocked"));
	CHECK_INT(incidents_level(s, STR("out1"), STR("big"), &since),
	    INCIDENT_BLOCKED);
	CHECK_INT(since, T0);
	CHECK_INT(
	    incidents_level(s, STR("out2"), STR("big"), &since), INCIDENT_NONE);
	const struct incident *i = incidents_find(s, STR("big/out1"));

	CHECK(i && i == incidents_newest(s) && !i->older);
	CHECK(i == incidents_find(s, str_from(i->id)));
	CHECK(i == incidents_find(s, STR("big")));
	CHECK_STR(i->provider, STR("big"));
	CHECK_STR(i->what, STR("out1"));
	CHECK_INT(i->times, 1);
	CHECK(fold(s, EVENT_INCIDENT_NEWS, "b", T0 + 60, "none"));
	CHECK_INT(incident_level(i), INCIDENT_SLOWED);
	CHECK_INT(i->closed, 0);
	CHECK(fold(s, EVENT_INCIDENT_CLOSED, "a", T0 + 90, "none"));
	CHECK_INT(i->closed, T0 + 90);
	/* Again. */
	CHECK(fold(s, EVENT_INCIDENT_OPENED, "a", T0 + 200, "blocked"));
	CHECK_INT(i->closed, 0);
	CHECK_INT(i->times, 2);
	CHECK_INT(incidents_open(s), 1);
	incidents_free(&s);
}

/* A node that is gone keeps nothing open. */
static void
gone_node(void)
{
	struct incidents *s = incidents_new(10);

	fold(s, EVENT_INCIDENT_OPENED, "a", T0, "blocked");
	fold(s, EVENT_INCIDENT_NEWS, "b", T0, "blocked");
	fold(s, EVENT_INCIDENT_CLOSED, "b", T0 + 4 * 3600, "none");
	CHECK_INT(incidents_open(s), 0);
	incidents_free(&s);
}

static void
in_any_order(void)
{
	struct incidents *s = incidents_new(10);

	fold(s, EVENT_INCIDENT_CLOSED, "a", T0 + 90, "none");
	CHECK(!fold(s, EVENT_INCIDENT_OPENED, "a", T0, "blocked"));
	CHECK_INT(incidents_open(s), 0);
	incidents_free(&s);
}

static void
is_bounded(void)
{
	struct incidents *s = incidents_new(2);
	const char *const v[] = {"a/b", "c/d", "e/f", "none"};

	for (int i = 0; i < 4; i++) {
		struct event e =
		    event(EVENT_INCIDENT_OPENED, "a", T0 + i, "blocked", v[i]);

		CHECK_INT(incidents_fold(s, &e), i < 3);
	}
	CHECK(!incidents_find(s, STR("a/b")));
	CHECK_INT(incidents_open(s), 2);
	incidents_free(&s);
}

TESTS(TEST(watches), TEST(one_of_two_nodes), TEST(gone_node),
    TEST(in_any_order), TEST(is_bounded))
