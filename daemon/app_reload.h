/* app_reload - what the files of a reload share */
#ifndef DAEMON_APP_RELOAD_H
#define DAEMON_APP_RELOAD_H

#include "daemon/app_state.h"

enum { RELOAD_NAMED = 100 };

struct victim {
	char *account, *reason;
	const char *rule; /* lives with the settings */
	enum standing rung;
};

struct victims {
	struct victim v[RELOAD_NAMED];
	size_t n;
	uint64_t total;
};

struct app_reload {
	struct app *app;
	struct loop_timer *turn;
	struct settings *settings; /* the new ones; NULL: none are judged */
	struct pipeline_preview preview;
	size_t at; /* of the ledger's subjects */
	uint64_t active;
	struct victims stopped; /* at once */
	struct victims tried;	/* by what goes on trial, were it not */
	loop_fn *done;		/* of the command; NULL: it was a signal */
	void *done_ctx;
	bool is_judging, is_hup_waiting;
	bool is_bad; /* err says why */
	struct error err;
};

bool app_reload_is_refused(const struct app_reload *r);

/* app_reload_tell.c */
void app_reload_log_refusal(const struct app_reload *r);
/* What is known now; is_taken: and holds. */
void app_reload_tell(const struct app_reload *r,
    const struct control_request *q, bool is_taken,
    struct control_reply *reply);
void app_reload_refuse(const struct app_reload *r,
    const struct control_request *q, struct control_reply *reply);

#endif
