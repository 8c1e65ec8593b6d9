/* app_bookless - outpostd while its books can't be used
 *
 * Without them nobody knows who is suspended, or what was counted up to where:
 * nothing is judged, written or overwritten. But ending would cost every mail
 * the seconds until Postfix gives up, so outpostd stays: the stand-in lets all
 * pass at once, the tables hold who was suspended, systemd's status, the log
 * and every outpost command say what is wrong. It is tried again by itself and
 * with every reload, and goes on when the books are good.
 */
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/notify_systemd.h"

enum { AGAIN_US = 10 * 1000 * 1000, SAY_AGAIN = 60 };

struct waiting {
	struct app *app;
	char reason[sizeof(((struct error *)0)->text)];
	bool is_ending;
};

static void
on_question(void *ctx, const struct control_request *q, struct control_reply *r)
{
	const struct waiting *w = ctx;

	(void)q;
	control_fail(r, EXIT_FAILED,
	    "outpostd guards nothing, mail flows unasked: %s", w->reason);
}

static void
on_again(void *ctx)
{
	struct waiting *w = ctx;

	app_policy_tick(w->app);
	loop_stop(w->app->loop);
}

static void
on_end(void *ctx)
{
	struct waiting *w = ctx;

	w->is_ending = true;
	loop_stop(w->app->loop);
}

static void
on_alive(void *ctx)
{
	(void)ctx;
	notify_systemd_watchdog();
}

/* Once, when it is another reason, and now and then. */
static void
say(struct app *a, const char *reason)
{
	if (strcmp(a->bookless, reason) == 0 && a->bookless_tries++ % SAY_AGAIN)
		return;
	if (strcmp(a->bookless, reason) != 0)
		a->bookless_tries = 1;
	memcpy(a->bookless, reason, sizeof(a->bookless));
	log_error("%s; nothing is guarded and nothing is written, mail flows "
		  "unasked, who was suspended stays so in the tables; tried "
		  "again every 10 seconds",
	    reason);
}

bool
app_bookless_wait(struct app *a, struct error *err)
{
	struct control_options control = {
	    .path = a->settings->daemon.control_socket,
	    .group = a->settings->daemon.control_group,
	};
	int64_t watchdog_us = notify_systemd_watchdog_us();
	struct waiting w = {.app = a};
	struct loop_timer *again = loop_timer_new(a->loop, on_again, &w);
	struct loop_timer *alive = loop_timer_new(a->loop, on_alive, &w);
	struct loop_signal *hup =
	    loop_signal_new(a->loop, SIGHUP, on_again, &w);
	struct loop_signal *term =
	    loop_signal_new(a->loop, SIGTERM, on_end, &w);
	struct loop_signal *interrupt =
	    loop_signal_new(a->loop, SIGINT, on_end, &w);

	memcpy(w.reason, err->text, sizeof(w.reason));
	say(a, w.reason);
	control.is_told = a->bookless_tries > 1;
	a->control =
	    control_server_new(a->loop, &control, on_question, &w, err);
	if (!a->control)
		log_error("%s; no outpost command is answered", err->text);
	notify_systemd_status("GUARDS NOTHING, mail flows unasked: ", w.reason);
	notify_systemd_ready();
	loop_timer_in(again, AGAIN_US);
	if (watchdog_us > 0)
		loop_timer_every(alive, watchdog_us);
	loop_run(a->loop);
	loop_timer_free(&again);
	loop_timer_free(&alive);
	loop_signal_free(&hup);
	loop_signal_free(&term);
	loop_signal_free(&interrupt);
	control_server_free(&a->control);
	return !w.is_ending;
}
