/* check - `outpost check`: is this set-up as it must be? */
#include "cli/check.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "cli/check_parts.h"
#include "cli/local.h"

enum { OUTPUT_MAX = 1 << 20, COMMAND_MS = 5000 };

static const char *const levels[CHECK_LEVELS] = {
    [CHECK_OK] = "OK", [CHECK_WARN] = "WARN", [CHECK_FAIL] = "FAIL"};

void
check_say(struct check *c, enum check_level level, const char *what,
    const char *mend, const char *fmt, ...)
{
	char buf[1024], clean[1024];
	struct text t;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	text_init(&t, clean, sizeof(clean));
	text_printable(&t, str_from(buf));
	c->found[level]++;
	if (!c->is_json) {
		text_printf(
		    &c->out, "%-4s  %-9s %s\n", levels[level], what, clean);
		if (mend) {
			text_add(&c->out, "                -> ");
			text_printable(&c->out, str_from(mend));
			text_char(&c->out, '\n');
		}
		return;
	}
	json_open(&c->json, NULL);
	json_str(&c->json, "level", str_from(levels[level]));
	json_str(&c->json, "what", str_from(what));
	json_str(&c->json, "found", text_view(&t));
	if (mend)
		json_str(&c->json, "mend", str_from(mend));
	else
		json_nil(&c->json, "mend");
	json_close(&c->json);
}

static pid_t
spawn(const char *const argv[], int *fd)
{
	int fds[2];

	if (pipe(fds) < 0)
		return -1;
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		if (!freopen("/dev/null", "w", stderr) ||
		    !freopen("/dev/null", "r", stdin))
			_exit(127);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(fds[1]);
	*fd = fds[0];
	return pid;
}

bool
check_command(const char *const argv[], struct text *out)
{
	char buf[4096];
	int fd, status = -1;
	pid_t pid = spawn(argv, &fd);
	int64_t until = time_mono_us() + COMMAND_MS * 1000LL;
	bool is_over = false;

	if (pid < 0)
		return false;
	while (!is_over && time_mono_us() < until) {
		struct pollfd p = {fd, POLLIN, 0};
		int ms = (int)((until - time_mono_us()) / 1000) + 1;
		ssize_t n =
		    poll(&p, 1, ms) > 0 ? read(fd, buf, sizeof(buf)) : -1;

		if (n > 0)
			text_bytes(out, buf, (size_t)n);
		is_over = n == 0;
	}
	close(fd);
	if (!is_over)
		kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid && is_over && status == 0;
}

static void
sum_up(struct check *c)
{
	if (c->is_json)
		json_close_array(&c->json);
	else
		text_printf(&c->out, "%u fine, %u to look at, %u broken",
		    c->found[CHECK_OK], c->found[CHECK_WARN],
		    c->found[CHECK_FAIL]);
	text_char(&c->out, '\n');
}

enum exit_status
check_run(const struct client_line *l, struct settings *s)
{
	struct check c = {
	    .settings = s,
	    .line = l,
	    .postfix = client_option(l, "postfix-config"),
	    .now = time(NULL),
	    .is_json = l->is_json,
	};

	text_grow(&c.out, OUTPUT_MAX);
	json_out_init(&c.json, &c.out);
	if (c.is_json)
		json_open_array(&c.json, NULL);
	check_postfix(&c);
	check_log(&c);
	check_logging(&c);
	check_redis(&c);
	check_daemon(&c);
	check_dovecot(&c);
	sum_up(&c);
	enum exit_status status = local_print(text_view(&c.out));

	text_done(&c.out);
	if (status != EXIT_OK || c.found[CHECK_FAIL])
		return EXIT_FAILED;
	return c.found[CHECK_WARN] ? EXIT_WARNED : EXIT_OK;
}
