/* fbl_door - a socket for reports, and who may use it */
#ifndef DAEMON_FBL_DOOR_H
#define DAEMON_FBL_DOOR_H

#include "base/setting.h"
#include "daemon/fbl_server.h"

struct fbl_door_options {
	const char *address; /* empty: no door */
	size_t max_bytes;
	const char *users_setting; /* its name, for the log; not copied */
	const struct setting_list *users; /* besides our own; looked up now */
	bool is_local; /* not even opened where users can't be told apart */
	void (*take)(void *ctx, struct str mail, fbl_answer_fn *answer,
	    void *answer_ctx);
	void *ctx;
};

struct fbl_door;

/* NULL: there is none; when it should be, that was logged. */
struct fbl_door *fbl_door_open(
    struct loop *l, const struct fbl_door_options *o);
void fbl_door_close(struct fbl_door **d);

#endif
