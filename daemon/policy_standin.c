/* policy_standin - who answers DUNNO while outpostd can't */
#include "daemon/policy_standin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/time.h"

enum { STALE_US = 1000000, CONNECTIONS = 1000, REQUEST_BYTES = 16384 };

/* In memory that both processes see. */
struct signs {
	_Atomic int64_t alive_us; /* monotonic */
	_Atomic uint64_t answers;
};

struct policy_standin {
	struct signs *signs;
	pid_t pid;
};

bool
policy_standin_alive(void *standin)
{
	struct policy_standin *s = standin;

	atomic_store_explicit(
	    &s->signs->alive_us, time_mono_us(), memory_order_relaxed);
	return true;
}

bool
policy_standin_is_there(struct policy_standin *s)
{
	if (s->pid > 0 && waitpid(s->pid, NULL, WNOHANG) == s->pid)
		s->pid = 0;
	return s->pid > 0;
}

uint64_t
policy_standin_answers(const struct policy_standin *s)
{
	return atomic_load(&s->signs->answers);
}

static bool
is_needed(void *ctx)
{
	struct signs *signs = ctx;

	return time_mono_us() - atomic_load(&signs->alive_us) > STALE_US;
}

static void
answer(void *ctx, const struct policy_request *request, struct text *action)
{
	struct signs *signs = ctx;

	(void)request;
	text_add(action, "DUNNO");
	atomic_fetch_add(&signs->answers, 1);
}

static void
serve(struct signs *signs, const int *listeners, size_t n)
{
	struct policy_config config = {.max_connections = CONNECTIONS,
	    .max_request_bytes = REQUEST_BYTES,
	    .idle_us = 600 * TIME_US,
	    .slow_us = 10 * TIME_US,
	    .answer = answer,
	    .ctx = signs,
	    .duty = is_needed,
	    .duty_ctx = signs};
	struct loop *loop = loop_new();
	struct policy_server *server = policy_server_new(loop, &config);

	for (size_t i = 0; i < n; i++)
		policy_server_adopt(server, listeners[i]);
	loop_run(loop);
}

static bool
is_listener(int fd, const int *listeners, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (listeners[i] == fd)
			return true;
	return false;
}

/* In the child. Only the listeners are shared with outpostd; a terminal's
 * interrupt is for outpostd, which ends us. */
static void
become(struct signs *signs, const int *listeners, size_t n, pid_t parent)
{
	sigset_t none;

	for (int fd = 3; fd < 1024; fd++)
		if (!is_listener(fd, listeners, n))
			close(fd);
	sock_forget();
	sigemptyset(&none);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_NAME, "outpost-standin");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		serve(signs, listeners, n);
	_exit(0);
}

struct policy_standin *
policy_standin_start(const int *listeners, size_t n, struct error *err)
{
	struct policy_standin *s;
	struct signs *signs = mmap(NULL, sizeof(*signs), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid, parent = getpid();

	if (signs == MAP_FAILED) {
		error_set(err, "policy stand-in: %s", strerror(errno));
		return NULL;
	}
	/* Long ago: it begins at once. */
	atomic_init(&signs->alive_us, -2 * STALE_US);
	pid = fork();
	if (pid == 0)
		become(signs, listeners, n, parent);
	if (pid < 0) {
		error_set(err, "policy stand-in: fork: %s", strerror(errno));
		munmap(signs, sizeof(*signs));
		return NULL;
	}
	s = xalloc(1, sizeof(*s));
	s->signs = signs;
	s->pid = pid;
	return s;
}

void
policy_standin_stop(struct policy_standin **standin)
{
	struct policy_standin *s = *standin;

	if (!s)
		return;
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	munmap(s->signs, sizeof(*s->signs));
	free(s);
	*standin = NULL;
}
