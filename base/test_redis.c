/* test_redis - a private redis-server for unit tests */
#include "base/test_redis.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sock.h"

static char dir[64], path[96], uri[104];
static pid_t server = -1;

static void
exec_server(void)
{
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	execlp("redis-server", "redis-server", "--port", "0", "--save", "",
	    "--unixsocket", path, "--dir", dir, (char *)NULL);
	_exit(127);
}

bool
test_redis_start(void)
{
	if (!*dir) {
		snprintf(dir, sizeof(dir), "/tmp/outpost-test-XXXXXX");
		if (!mkdtemp(dir))
			return false;
		snprintf(path, sizeof(path), "%s/r", dir);
		snprintf(uri, sizeof(uri), "unix:%s", path);
	}
	server = fork();
	if (server == 0)
		exec_server();
	for (int i = 0; i < 1000; i++) {
		int fd = sock_connect(uri, NULL);

		if (fd >= 0) {
			close(fd);
			return true;
		}
		if (waitpid(server, NULL, WNOHANG) == server)
			break;
		usleep(10000);
	}
	server = -1;
	return false;
}

void
test_redis_kill(void)
{
	if (server <= 0)
		return;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	server = -1;
	unlink(path);
}

void
test_redis_freeze(bool is_frozen)
{
	if (server > 0)
		kill(server, is_frozen ? SIGSTOP : SIGCONT);
}

void
test_redis_end(void)
{
	test_redis_kill();
	rmdir(dir);
	*dir = '\0';
}

const char *
test_redis_uri(void)
{
	return uri;
}
