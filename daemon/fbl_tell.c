/* fbl_tell - somebody should look at what came in with the reports */
#include "daemon/fbl_tell.h"

#include "base/time.h"
#include "daemon/app_state.h"

/* Once an hour is enough. */
static void
tell_somebody(struct app *a, const char *what, const char *reason)
{
	int64_t hour = loop_now_us(a->loop) / TIME_US / 3600;
	char cause[64];
	struct text t;

	text_init(&t, cause, sizeof(cause));
	text_printf(&t, "%s-%lld", what, (long long)hour);
	app_alarm_about(a, "", "", "reports", reason, cause);
}

void
fbl_tell_unread(struct app *a, const char *why, const char *dir)
{
	char reason[EVENT_TEXT];
	struct text t;

	text_init(&t, reason, sizeof(reason));
	text_printf(&t, "%s: kept in %s, and perhaps others with it", why, dir);
	tell_somebody(a, "unread", reason);
}

void
fbl_tell_left(struct app *a, const char *what)
{
	char reason[EVENT_TEXT];
	struct text t;

	text_init(&t, reason, sizeof(reason));
	text_printf(&t, "%s: it stays, and perhaps others with it", what);
	tell_somebody(a, "left", reason);
}

void
fbl_tell_failing(struct app *a, const char *what, const char *why)
{
	tell_somebody(a, what, why);
}
