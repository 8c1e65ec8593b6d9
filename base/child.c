/* child - runs a program to its end: bytes in, lines out, a time limit */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"

struct run {
	const struct child *c;
	pid_t pid;
	int in, out; /* our ends; -1: closed */
	size_t written;
	int64_t end_us;
	char line[CHILD_LINE];
	size_t n;
	char last[200]; /* the last line */
};

static void
close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
spawn(struct run *r, int in, int out)
{
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LC_ALL=C";
	char *envp[] = {path, lang, NULL}, *argv[CHILD_ARGS + 2] = {0};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;

	argv[0] = str_dup(str_from(r->c->path));
	for (size_t i = 0; i < CHILD_ARGS && r->c->args[i]; i++)
		argv[i + 1] = str_dup(str_from(r->c->args[i]));
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, out, 2);
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
					    POSIX_SPAWN_SETSIGDEF |
					    POSIX_SPAWN_SETPGROUP);
	int rc = posix_spawn(&r->pid, argv[0], &files, &attr, argv, envp);

	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
	return rc;
}

static int
start(struct run *r, struct error *err)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	int rc = 0;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		rc = errno;
	r->in = in[1];
	r->out = out[0];
	if (!rc)
		rc = spawn(r, in[0], out[1]);
	close_end(&in[0]);
	close_end(&out[1]);
	if (rc) {
		close_end(&r->in);
		close_end(&r->out);
		return error_set(err, "%s: %s", r->c->path, strerror(rc));
	}
	(void)fcntl(r->in, F_SETFL, O_NONBLOCK);
	(void)fcntl(r->out, F_SETFL, O_NONBLOCK);
	return 0;
}

static void
end_line(struct run *r)
{
	struct str line = str_make(r->line, r->n);
	struct text t;

	if (r->n > 0) {
		text_init(&t, r->last, sizeof(r->last));
		text_printable(&t, str_head(line, sizeof(r->last) - 1));
	}
	r->n = 0;
	if (r->c->on_line)
		r->c->on_line(r->c->ctx, line);
}

static void
read_some(struct run *r)
{
	char buf[16384];
	ssize_t n = read(r->out, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		if (r->n > 0)
			end_line(r);
		close_end(&r->out);
		return;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] == '\n')
			end_line(r);
		else if (r->n < sizeof(r->line))
			r->line[r->n++] = buf[i];
	}
}

static void
write_some(struct run *r)
{
	struct str rest = str_skip(r->c->input, r->written);
	ssize_t n = rest.n ? write(r->in, rest.p, rest.n) : 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		r->written += (size_t)n;
	if (n < 0 || r->written == r->c->input.n)
		close_end(&r->in);
}

/* false: the time is over. */
static bool
talk(struct run *r)
{
	while (r->out >= 0) {
		struct pollfd p[2] = {{r->out, POLLIN, 0}, {r->in, POLLOUT, 0}};
		int64_t left_us = r->end_us - time_mono_us();

		if (left_us <= 0)
			return false;
		if (poll(p, 2, (int)(left_us / 1000) + 1) < 0)
			continue;
		if (p[1].revents)
			write_some(r);
		if (p[0].revents)
			read_some(r);
	}
	return true;
}

/* false: it doesn't end. */
static bool
reap(struct run *r, int *status)
{
	for (;;) {
		pid_t got = waitpid(r->pid, status, WNOHANG);

		if (got == r->pid)
			return true;
		if (time_mono_us() >= r->end_us)
			return false;
		usleep(1000);
	}
}

int
child_run(const struct child *c, struct error *err)
{
	struct run *r = xalloc(1, sizeof(*r));
	int status = 0, rc = 0;

	r->c = c;
	r->in = r->out = -1;
	r->end_us = time_mono_us() + c->timeout_s * TIME_US;
	if (start(r, err) < 0) {
		free(r);
		return -1;
	}
	/* Who doesn't read its input is no reason to end. */
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	bool is_over = talk(r);

	signal(SIGPIPE, before);
	close_end(&r->in);
	close_end(&r->out);
	if (!is_over || !reap(r, &status)) {
		kill(-r->pid, SIGKILL);
		waitpid(r->pid, &status, 0);
		rc = error_set(
		    err, "%s took more than %d seconds", c->path, c->timeout_s);
	} else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		rc = error_set(err, "%s failed: %s", c->path,
		    *r->last ? r->last : "it said nothing");
	}
	free(r);
	return rc;
}
