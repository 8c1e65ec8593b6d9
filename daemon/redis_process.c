/* redis_process - starts a redis-server on a directory, or finds the one there
 */
#include "daemon/redis_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sock.h"

enum {
	PATH_BYTES = 256,
	CONF_BYTES = 2048,
	LOG_MAX = 1 << 20,
	TAIL = 512,
	LAST_WORDS = 200
};

/* What DESIGN asks of Redis: every second on disk, nothing evicted, small
 * hashes packed. All else is Redis' default. */
static const char settings[] = "port 0\n"
			       "unixsocketperm 770\n"
			       "daemonize no\n"
			       "supervised no\n"
			       "databases 1\n"
			       "save \"\"\n"
			       "appendonly yes\n"
			       "appendfsync everysec\n"
			       "maxmemory-policy noeviction\n"
			       "hash-max-listpack-entries 1024\n"
			       "hash-max-listpack-value 65536\n"
			       "loglevel warning\n"
			       "logfile \"\"\n";

static int
check_dir(const char *dir, struct error *err)
{
	/* sun_path has 108 bytes; the rest would end redis.conf's quotes. */
	if (strlen(dir) + sizeof("/redis.sock") > 108)
		return error_set(err, "%s: too long for a socket in it", dir);
	for (const char *p = dir; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == '"' || *p == '\\')
			return error_set(err,
			    "%s: no quotes, backslashes or control characters "
			    "in the path, please",
			    dir);
	}
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return error_set(err, "%s: %s", dir, strerror(errno));
	return 0;
}

static int
write_conf(const char *dir, struct error *err)
{
	char path[PATH_BYTES], conf[CONF_BYTES];
	struct text t;

	snprintf(path, sizeof(path), "%s/redis.conf", dir);
	text_init(&t, conf, sizeof(conf));
	text_printf(&t,
	    "# Written by outpostd at each start of the server.\n"
	    "dir \"%s\"\nunixsocket \"%s/redis.sock\"\n"
	    "pidfile \"%s/redis.pid\"\n%s",
	    dir, dir, dir, settings);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	ssize_t did = write(fd, t.p, t.n);
	int why = did < 0 ? errno : ENOSPC;

	close(fd);
	if (did != (ssize_t)t.n)
		return error_set(err, "%s: %s", path, strerror(why));
	return 0;
}

/* Appends; what has grown too long is begun anew. */
static int
open_log(const char *dir, struct error *err)
{
	char path[PATH_BYTES];
	struct stat st;

	snprintf(path, sizeof(path), "%s/redis.log", dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && st.st_size > LOG_MAX &&
	    ftruncate(fd, 0) < 0) {
		error_set(err, "%s: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int
spawn(const char *program, const char *dir, int log_fd, int lock_fd, pid_t *pid)
{
	char conf[PATH_BYTES], name[] = "redis-server";
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LC_ALL=C";
	char *argv[] = {name, conf, NULL}, *envp[] = {path, lang, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;

	snprintf(conf, sizeof(conf), "%s/redis.conf", dir);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, log_fd, 1);
	posix_spawn_file_actions_adddup2(&files, log_fd, 2);
	/* The lock: without close-on-exec it goes along. */
	posix_spawn_file_actions_adddup2(&files, lock_fd, 3);
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	/* A session of its own: the terminal's Ctrl-C is for outpostd. */
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
					    POSIX_SPAWN_SETSIGDEF |
					    POSIX_SPAWN_SETSID);
	int rc = posix_spawnp(pid, program, &files, &attr, argv, envp);

	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return rc;
}

/* Holding the lock. */
static int
start(const char *program, const char *dir, int lock_fd, pid_t *pid,
    struct error *err)
{
	int log_fd = -1, rc;

	if (write_conf(dir, err) < 0 || (log_fd = open_log(dir, err)) < 0)
		return -1;
	rc = spawn(program, dir, log_fd, lock_fd, pid);
	close(log_fd);
	if (rc)
		return error_set(err, "cannot start %s: %s (redis_server)",
		    program, strerror(rc));
	return 0;
}

/* Whoever answers on the socket, also one that we didn't start. */
static int
find(const char *dir, pid_t *pid, struct error *err)
{
	char address[PATH_BYTES];
	uid_t uid;
	gid_t gid;

	snprintf(address, sizeof(address), "unix:%s/redis.sock", dir);
	int fd = sock_connect(address, err);

	if (fd < 0)
		return -1;
	/* The peer's process is the one that called listen(). */
	int rc = sock_peer(fd, &uid, &gid, pid);

	close(fd);
	return rc < 0 ? error_set(err, "%s: unknown peer", address) : 0;
}

/* Under the lock nobody else starts one; who has it runs, or soon answers. */
static int
start_alone(const char *program, const char *dir, pid_t *pid, struct error *err)
{
	char path[PATH_BYTES];
	struct error why;
	int rc;

	snprintf(path, sizeof(path), "%s/redis.lock", dir);
	int lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (lock_fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (flock(lock_fd, LOCK_EX | LOCK_NB) == 0)
		rc = start(program, dir, lock_fd, pid, err) < 0 ? -1
								: REDIS_STARTED;
	else if (find(dir, pid, &why) == 0)
		rc = REDIS_ADOPTED;
	else
		rc =
		    error_set(err, "%s: a Redis has it but doesn't answer (%s)",
			dir, why.text);
	close(lock_fd); /* the server has its own */
	return rc;
}

int
redis_process_start(const char *program, const char *dir, pid_t *pid,
    int *pidfd, struct error *err)
{
	pid_t got;
	int rc = REDIS_ADOPTED;

	if (check_dir(dir, err) < 0)
		return -1;
	if (find(dir, &got, NULL) < 0)
		rc = start_alone(program, dir, &got, err);
	if (rc < 0)
		return -1;
	int fd = pidfd_open(got, 0); /* close-on-exec by itself */

	if (fd < 0)
		return error_set(
		    err, "%s: process %d: %s", dir, (int)got, strerror(errno));
	*pid = got;
	*pidfd = fd;
	return rc;
}

/* The end of redis.log; out has TAIL bytes. */
static struct str
read_tail(const char *dir, char *out)
{
	char path[PATH_BYTES];
	struct stat st;

	snprintf(path, sizeof(path), "%s/redis.log", dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return STR("");
	off_t at =
	    fstat(fd, &st) == 0 && st.st_size > TAIL ? st.st_size - TAIL : 0;
	ssize_t n = pread(fd, out, TAIL, at);

	close(fd);
	return str_trim(str_make(out, n > 0 ? (size_t)n : 0));
}

void
redis_process_last_words(const char *dir, struct text *t)
{
	char buf[TAIL];
	struct str s = read_tail(dir, buf);
	ptrdiff_t end = str_find_last(s, STR("\n"));

	text_printable(t, str_trim(end < 0 ? s : str_skip(s, (size_t)end)));
}

/* As Redis 7 and Valkey put it. A disk that can't be read is another matter. */
static bool
is_unreadable(struct str words)
{
	static const char *const signs[] = {"reading the append only file",
	    "Internal error in RDB reading", "Checking RDB file",
	    "Can't handle RDB format", "Wrong RDB checksum", "AOF manifest",
	    "AOF loading aborted", "Unable to obtain the AOF file"};

	if (str_find(words, STR("Unrecoverable error reading")) >= 0)
		return false;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (str_find(words, str_from(signs[i])) >= 0)
			return true;
	}
	return false;
}

/* A directory without directories in it. */
static void
remove_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	(void)rmdir(path);
}

bool
redis_process_set_aside(const char *dir)
{
	char from[PATH_BYTES], to[PATH_BYTES], buf[TAIL];
	struct str words = read_tail(dir, buf);

	if (words.n > LAST_WORDS)
		words = str_skip(words, words.n - LAST_WORDS);
	if (!is_unreadable(words))
		return false;
	snprintf(from, sizeof(from), "%s/appendonlydir", dir);
	snprintf(to, sizeof(to), "%s/appendonlydir.damaged", dir);
	remove_dir(to);
	return rename(from, to) == 0;
}
