/* users - names of local users, looked up once */
#include "daemon/users.h"

#include <pwd.h>

enum { KEPT = 256, NAME = 64 };

static struct {
	bool is_known;
	uint32_t uid;
	char name[NAME];
} kept[KEPT];

static void
look_up(size_t i, uint32_t uid)
{
	struct passwd pw, *found = NULL;
	char buf[4096];

	kept[i].is_known = true;
	kept[i].uid = uid;
	kept[i].name[0] = '\0';
	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) == 0 && found &&
	    strlen(pw.pw_name) < NAME)
		memcpy(kept[i].name, pw.pw_name, strlen(pw.pw_name) + 1);
}

void
users_name(void *ctx, uint32_t uid, struct text *out)
{
	size_t i = uid % KEPT;

	(void)ctx;
	if (!kept[i].is_known || kept[i].uid != uid)
		look_up(i, uid);
	text_add(out, kept[i].name);
}
