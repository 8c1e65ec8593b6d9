/* check_socket - can smtpd ask there, and is it answered? */
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sock.h"
#include "cli/check_parts.h"

enum { ANSWER_MS = 3000, PATH_BYTES = 4096 };

static bool
may(const struct stat *st, const struct passwd *who, mode_t bits)
{
	if (who->pw_uid == 0)
		return true;
	if (st->st_uid == who->pw_uid)
		return (st->st_mode >> 6 & bits) == bits;
	if (st->st_gid == who->pw_gid)
		return (st->st_mode >> 3 & bits) == bits;
	return (st->st_mode & bits) == bits;
}

/* What keeps this user from the socket: a directory, or itself; "" nothing. */
static void
find_obstacle(const char *path, const struct passwd *who, char out[PATH_BYTES])
{
	struct stat st;
	size_t n = strlen(path);

	*out = '\0';
	if (n >= PATH_BYTES)
		return;
	for (size_t i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(out, path, i);
		out[i] = '\0';
		if (stat(out, &st) < 0 || !may(&st, who, i == n ? 2 : 1))
			return;
	}
	*out = '\0';
}

static bool
is_answered(const char *address, struct error *err)
{
	static const char ask[] = "request=smtpd_access_policy\n"
				  "protocol_state=CONNECT\n\n";
	char buf[512] = "";
	int fd = sock_connect_wait(address, ANSWER_MS, err);

	if (fd < 0)
		return false;
	struct pollfd p = {fd, POLLIN, 0};
	bool is_sent =
	    send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) == sizeof(ask) - 1;
	ssize_t n = is_sent && poll(&p, 1, ANSWER_MS) > 0
			? read(fd, buf, sizeof(buf) - 1)
			: 0;

	close(fd);
	if (n > 7 && memcmp(buf, "action=", 7) == 0)
		return true;
	error_set(err, "no answer to a policy request");
	return false;
}

void
check_socket(struct check *c, const char *address, const char *owner)
{
	const struct passwd *who = getpwnam(owner);
	char obstacle[PATH_BYTES] = "", mend[PATH_BYTES + 64];
	struct error err;

	if (strncmp(address, "unix:", 5) == 0 && who)
		find_obstacle(address + 5, who, obstacle);
	if (access(obstacle, F_OK) == 0) {
		snprintf(mend, sizeof(mend), "chmod o+%s %s",
		    strcmp(obstacle, address + 5) == 0 ? "rw" : "x", obstacle);
		check_say(c, CHECK_FAIL, "socket", mend,
		    "%s: %s may not reach it (%s): nothing is asked, all mail "
		    "passes",
		    address, owner, obstacle);
	} else if (is_answered(address, &err)) {
		check_say(c, CHECK_OK, "socket", NULL, "%s answers", address);
	} else {
		check_say(c, CHECK_FAIL, "socket",
		    "systemctl start outpostd; journalctl -u outpostd -n 20",
		    "%s: %s: nothing is asked, all mail passes", address,
		    err.text);
	}
}
