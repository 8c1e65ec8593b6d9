/* sock_test - listening, connecting, inheriting */
#include "base/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

static char dir[64], address[128];

static const char *
path(void)
{
	return address + sizeof("unix:") - 1;
}

static void
make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/outpost-sock-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	snprintf(address, sizeof(address), "unix:%s/s", dir);
}

static void
remove_dir(void)
{
	unlink(path());
	CHECK_INT(rmdir(dir), 0);
}

static int
accept_soon(int listener)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};

	CHECK_INT(poll(&p, 1, 5000), 1);
	return sock_accept(listener);
}

static void
check_refused(const char *a, const char *part)
{
	struct error err = {""};

	CHECK_INT(sock_listen(a, 0600, &err), -1);
	if (!strstr(err.text, part))
		test_fail(__FILE__, __LINE__, "%s: %s", a, err.text);
}

static void
refuses_bad_addresses(void)
{
	char lengthy[256] = "unix:/";

	memset(lengthy + 6, 'x', 150);
	check_refused("", "is no address");
	check_refused("/run/x", "is no address");
	check_refused("unix:x", "begins with /");
	check_refused(lengthy, "at most 107");
	check_refused("inet:127.0.0.1", "has no port");
	check_refused("inet:127.0.0.1:", "has no port");
	check_refused("inet:127.0.0.1:65536", "has no port");
	check_refused("inet:127.0.0.1:-1", "has no port");
	check_refused("inet::25", "the host must be");
	check_refused("inet:example.com:25", "the host must be");
	check_refused("unix:/nonexistent/dir/s", "No such file");
	check_refused("inet:192.0.2.1:0", "cannot listen");
}

static void
check_pair(int listener, int client)
{
	char c = 0;
	int server = accept_soon(listener);

	CHECK(server >= 0 && client >= 0);
	CHECK(fcntl(server, F_GETFL) & O_NONBLOCK);
	CHECK(fcntl(server, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(client, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(write(client, "x", 1), 1);
	struct pollfd p = {.fd = server, .events = POLLIN};

	CHECK_INT(poll(&p, 1, 5000), 1);
	CHECK_INT(read(server, &c, 1), 1);
	CHECK_INT(c, 'x');
	close(server);
	close(client);
	CHECK_INT(sock_accept(listener), -1);
}

static void
speaks_unix(void)
{
	struct error err = {""};
	struct stat st;
	uid_t uid;
	gid_t gid;
	pid_t pid;

	make_dir();
	int l = sock_listen(address, 0660, &err);

	CHECK(l >= 0);
	CHECK_INT(stat(path(), &st), 0);
	CHECK_INT(st.st_mode & 07777, 0660);
	int c = sock_connect(address, &err);

	CHECK_INT(sock_peer(c, &uid, &gid, &pid), 0);
	CHECK_INT(sock_peer(c, &uid, NULL, NULL), 0);
	CHECK_INT(uid, getuid());
	CHECK_INT(gid, getgid());
	CHECK_INT(pid, getpid());
	check_pair(l, c);
	check_pair(l, sock_connect_wait(address, 1000, &err));
	CHECK_INT(sock_port(l), -1);
	close(l);
	remove_dir();
}

static void
speaks_tcp(void)
{
	struct error err = {""};
	char to[64];
	int l = sock_listen("inet:localhost:0", 0, &err);

	CHECK(l >= 0);
	snprintf(to, sizeof(to), "inet:127.0.0.1:%d", sock_port(l));
	check_pair(l, sock_connect(to, &err));
	check_pair(l, sock_connect_wait(to, 1000, &err));
	CHECK_INT(sock_listen(to, 0, &err), -1);
	CHECK(strstr(err.text, "in use") != NULL);
	close(l);
	CHECK_INT(sock_connect_wait(to, 1000, &err), -1);
	CHECK(strstr(err.text, "refused") != NULL);

	l = sock_listen("inet:[::1]:0", 0, &err);
	if (l < 0) {
		TEST_SKIP("no IPv6 here");
		return;
	}
	snprintf(to, sizeof(to), "inet:[::1]:%d", sock_port(l));
	check_pair(l, sock_connect(to, &err));
	close(l);
}

static void
replaces_only_a_stale_socket(void)
{
	struct error err = {""};

	make_dir();
	int first = sock_listen(address, 0600, &err);

	CHECK(first >= 0);
	CHECK_INT(sock_listen(address, 0600, &err), -1);
	CHECK_INT(errno, EADDRINUSE);
	CHECK(strstr(err.text, "another program listens") != NULL);
	close(first); /* the file stays */
	int second = sock_listen(address, 0600, &err);

	CHECK(second >= 0);
	close(second);
	unlink(path());
	int file = open(path(), O_CREAT | O_WRONLY, 0600);

	CHECK(file >= 0);
	close(file);
	CHECK_INT(sock_listen(address, 0600, &err), -1);
	CHECK(strstr(err.text, "is no socket") != NULL);
	CHECK_INT(access(path(), F_OK), 0);
	remove_dir();
}

static void
hangs_up_when_out_of_descriptors(void)
{
	struct error err = {""};
	struct rlimit old, few;
	char c;

	make_dir();
	int l = sock_listen(address, 0600, &err);
	int client = sock_connect(address, &err);
	int top = dup(l); /* the lowest free one: none below the limit */

	CHECK(client >= 0 && top >= 0);
	CHECK_INT(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = (rlim_t)top + 1;
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &few), 0);
	CHECK_INT(sock_accept(l), -1);
	CHECK_INT(setrlimit(RLIMIT_NOFILE, &old), 0);
	CHECK_INT(read(client, &c, 1), 0); /* hung up, no longer in the queue */
	close(top);
	close(client);
	close(l);
	remove_dir();
}

/* In a child of its own, as systemd would start it. */
static int
inherit(int first, int second)
{
	char pid[16];

	/* Out of the way of 3 and 4. */
	first = fcntl(first, F_DUPFD, 10);
	second = fcntl(second, F_DUPFD, 10);
	if (dup2(first, 3) < 0 || dup2(second, 4) < 0)
		return 1;
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	setenv("LISTEN_FDNAMES", "control:policy", 1);
	if (sock_inherited("policy", 0) != 4 ||
	    sock_inherited("control", 0) != 3)
		return 2;
	if (sock_inherited("other", 0) != -1)
		return 3;
	return fcntl(4, F_GETFL) & O_NONBLOCK ? 0 : 4;
}

static void
inherits_by_name(void)
{
	int fds[2], status = -1;

	CHECK_INT(sock_inherited("policy", 0), -1);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	pid_t child = fork();

	if (child == 0)
		_exit(inherit(fds[0], fds[1]));
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, 0);
	close(fds[0]);
	close(fds[1]);
}

static void
knows_its_own_addresses(void)
{
	static const struct {
		const char *ip;
		bool is_here;
	} v[] = {{"127.0.0.1", true}, {"127.1.2.3", true},
	    {"203.0.113.253", false}, {"2001:db8::fefe", false}};
	struct ip ip;

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		CHECK(ip_parse(str_from(v[i].ip), &ip));
		/* Where there is no IPv6, nothing can be told. */
		CHECK(sock_is_here(&ip) == v[i].is_here || !ip_is_v4(&ip));
	}
}

TESTS(TEST(knows_its_own_addresses), TEST(refuses_bad_addresses),
    TEST(speaks_unix), TEST(speaks_tcp), TEST(replaces_only_a_stale_socket),
    TEST(hangs_up_when_out_of_descriptors), TEST(inherits_by_name))
