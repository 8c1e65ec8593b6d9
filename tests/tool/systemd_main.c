/* systemd - what systemd does for outpostd's units, and no more
 *
 *   systemd -l PATH [-l PATH ...] -o FILE COMMAND [ARGUMENT...]
 *
 * Holds the listeners (FileDescriptorName=policy), hands them to COMMAND with
 * NOTIFY_SOCKET and WATCHDOG_USEC (a second), appends every notice to FILE, a
 * line each, and starts COMMAND again 300 ms after it ended, whatever the
 * reason. SIGTERM ends COMMAND and this.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/sock.h"
#include "base/text.h"

enum { LISTENERS = 8, RESTART_MS = 300, FIRST = 3, NOTICE = 4096 };

struct unit {
	int listeners[LISTENERS];
	size_t n;
	int notices, out;
	char notify[108];
	char **argv;
	pid_t pid;
};

static volatile sig_atomic_t is_ending;

static void
on_term(int signo)
{
	(void)signo;
	is_ending = 1;
}

static void
open_notices(struct unit *u)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	snprintf(u->notify, sizeof(u->notify), "/tmp/outpost-notify.%ld",
	    (long)getpid());
	memcpy(un.sun_path, u->notify, sizeof(un.sun_path));
	u->notices = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (u->notices < 0 ||
	    bind(u->notices, (struct sockaddr *)&un, sizeof(un)) < 0)
		fatal("%s: %s", u->notify, strerror(errno));
}

/* The child: listeners from descriptor 3 on, as sd_listen_fds(3) says. */
static void
become(struct unit *u)
{
	char number[32], names[LISTENERS * 8] = "";

	/* Out of the way first, so that none is overwritten. */
	for (size_t i = 0; i < u->n; i++)
		u->listeners[i] = dup2(u->listeners[i], 100 + (int)i);
	for (size_t i = 0; i < u->n; i++) {
		dup2(u->listeners[i], FIRST + (int)i);
		close(u->listeners[i]);
		snprintf(names + strlen(names), sizeof(names) - strlen(names),
		    "%spolicy", i ? ":" : "");
	}
	snprintf(number, sizeof(number), "%zu", u->n);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	snprintf(number, sizeof(number), "%ld", (long)getpid());
	setenv("LISTEN_PID", number, 1);
	setenv("WATCHDOG_PID", number, 1);
	setenv("WATCHDOG_USEC", "1000000", 1);
	setenv("NOTIFY_SOCKET", u->notify, 1);
	execvp(u->argv[0], u->argv);
	_exit(127);
}

static void
start(struct unit *u)
{
	u->pid = fork();
	if (u->pid == 0)
		become(u);
	dprintf(u->out, "started %ld\n", (long)u->pid);
}

static bool
take_notice(struct unit *u)
{
	char buf[NOTICE];
	ssize_t n = recv(u->notices, buf, sizeof(buf), MSG_DONTWAIT);

	if (n <= 0)
		return false;
	for (ssize_t i = 0; i < n; i++)
		buf[i] = buf[i] == '\n' ? ' ' : buf[i];
	dprintf(u->out, "%.*s\n", (int)n, buf);
	return true;
}

static void
supervise(struct unit *u)
{
	while (!is_ending) {
		struct pollfd p = {u->notices, POLLIN, 0};

		if (poll(&p, 1, 50) > 0)
			take_notice(u);
		if (waitpid(u->pid, NULL, WNOHANG) != u->pid)
			continue;
		dprintf(u->out, "ended %ld\n", (long)u->pid);
		usleep(RESTART_MS * 1000);
		if (!is_ending)
			start(u);
	}
	kill(u->pid, SIGTERM);
	waitpid(u->pid, NULL, 0);
	while (take_notice(u))
		;
	unlink(u->notify);
}

static void
add_listener(struct unit *u, const char *path)
{
	char address[300];
	struct error err;

	snprintf(address, sizeof(address), "unix:%s", path);
	if (u->n == LISTENERS ||
	    (u->listeners[u->n] = sock_listen(address, 0666, &err)) < 0)
		fatal("%s", err.text);
	u->n++;
}

int
main(int argc, char **argv)
{
	struct unit u = {.out = -1};
	int c;

	while ((c = getopt(argc, argv, "+l:o:")) != -1) {
		if (c == 'l')
			add_listener(&u, optarg);
		else if (c == 'o')
			u.out = open(optarg,
			    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		else
			return 64;
	}
	if (u.out < 0 || u.n == 0 || optind == argc)
		return 64;
	u.argv = argv + optind;
	signal(SIGTERM, on_term);
	open_notices(&u);
	start(&u);
	supervise(&u);
	return 0;
}
