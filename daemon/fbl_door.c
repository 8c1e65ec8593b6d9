/* fbl_door - a socket for reports, and who may use it */
#include "daemon/fbl_door.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

enum { USERS = 16 };

struct fbl_door {
	struct fbl_server *server;
	void (*take)(void *ctx, struct str mail, fbl_answer_fn *answer,
	    void *answer_ctx);
	void *ctx;
	const char *setting;
	uid_t users[USERS];
	size_t n_users;
	bool is_refusal_told;
};

static bool
on_may(void *ctx, uid_t uid)
{
	struct fbl_door *d = ctx;

	for (size_t i = 0; i < d->n_users; i++) {
		if (d->users[i] == uid)
			return true;
	}
	if (!d->is_refusal_told)
		log_warning("a report of uid %u was not taken, %s doesn't name "
			    "it (told once)",
		    (unsigned)uid, d->setting);
	d->is_refusal_told = true;
	return false;
}

static void
on_take(void *ctx, struct str mail, fbl_answer_fn *answer, void *answer_ctx)
{
	struct fbl_door *d = ctx;

	d->take(d->ctx, mail, answer, answer_ctx);
}

static void
find_users(struct fbl_door *d, const struct setting_list *users)
{
	d->users[d->n_users++] = geteuid();
	for (size_t i = 0; i < users->n && d->n_users < USERS; i++) {
		const struct passwd *pw = getpwnam(users->v[i]);

		if (pw)
			d->users[d->n_users++] = pw->pw_uid;
		else
			log_warning("%s: there is no user %s here", d->setting,
			    users->v[i]);
	}
}

struct fbl_door *
fbl_door_open(struct loop *l, const struct fbl_door_options *o)
{
	struct fbl_server_options s = {
	    .address = o->address,
	    .mode = 0666,
	    .host = "outpost",
	    .max_bytes = o->max_bytes,
	    .may = on_may,
	    .take = on_take,
	};
	struct error err;

	if (!*o->address)
		return NULL;
	if (o->is_local && !str_starts(str_from(o->address), STR("unix:"))) {
		log_error("%s is no unix socket: %s could not be told from "
			  "others; it stays closed",
		    o->address, o->users_setting);
		return NULL;
	}
	struct fbl_door *d = xalloc(1, sizeof(*d));

	d->take = o->take;
	d->ctx = o->ctx;
	d->setting = o->users_setting;
	find_users(d, o->users);
	s.ctx = d;
	d->server = fbl_server_new(l, &s, &err);
	if (d->server)
		return d;
	log_error("%s; reports can't be handed in there", err.text);
	free(d);
	return NULL;
}

void
fbl_door_close(struct fbl_door **d)
{
	if (!*d)
		return;
	fbl_server_free(&(*d)->server);
	free(*d);
	*d = NULL;
}
