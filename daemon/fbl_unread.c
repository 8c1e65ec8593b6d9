/* fbl_unread - what came in with the reports and is none */
#include "daemon/fbl_unread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"

static int
make_dir(const char *dir, const char *name, struct error *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", dir, name);
	if (mkdir(path, 0750) == 0 || errno == EEXIST)
		return 0;
	return error_set(err, "%s: %s", path, strerror(errno));
}

static int
write_all(int fd, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		bytes = str_skip(bytes, (size_t)n);
	}
	return 0;
}

static int
sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	int status = fsync(fd);

	close(fd);
	return status;
}

static int
write_file(const char *path, struct str mail, const char *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	char head[600];
	struct text t;

	if (fd < 0)
		return -1;
	text_init(&t, head, sizeof(head) - 1);
	text_add(&t, "X-Outpost-Unread: ");
	text_printable(&t, str_from(why));
	text_add(&t, "\n");
	if (t.is_cut)
		head[t.n - 1] = '\n';
	int status = write_all(fd, text_view(&t)) < 0 ||
			     write_all(fd, mail) < 0 || fsync(fd) < 0
			 ? -1
			 : 0;

	if (close(fd) < 0)
		status = -1;
	return status;
}

bool
fbl_unread_fits(uint64_t bytes, uint64_t free, uint64_t size)
{
	const uint64_t most = 512u << 20;
	uint64_t keep = size / 20 < most ? size / 20 : most;

	return free >= keep && free - keep >= bytes;
}

static int
check_room(const char *dir, struct str mail, struct error *err)
{
	struct statvfs v;

	if (statvfs(dir, &v) < 0)
		return error_set(err, "%s: %s", dir, strerror(errno));
	if (!fbl_unread_fits(mail.n, (uint64_t)v.f_bavail * v.f_frsize,
		(uint64_t)v.f_blocks * v.f_frsize))
		return error_set(err,
		    "%s: the disk is nearly full, no more letters are kept",
		    dir);
	return 0;
}

int
fbl_unread_keep(
    const char *dir, struct str mail, const char *why, struct error *err)
{
	static atomic_uint count;
	char name[100], from[PATH_MAX], to[PATH_MAX];

	if (make_dir(dir, "", err) < 0 || make_dir(dir, "/tmp", err) < 0 ||
	    make_dir(dir, "/cur", err) < 0 || make_dir(dir, "/new", err) < 0 ||
	    check_room(dir, mail, err) < 0)
		return -1;
	snprintf(name, sizeof(name), "%lld.P%ldQ%u.outpost",
	    (long long)time_now_us(), (long)getpid(),
	    atomic_fetch_add(&count, 1));
	snprintf(from, sizeof(from), "%s/tmp/%s", dir, name);
	snprintf(to, sizeof(to), "%s/new/%s", dir, name);
	if (write_file(from, mail, why) < 0 || rename(from, to) < 0) {
		error_set(err, "%s: %s", from, strerror(errno));
		unlink(from);
		return -1;
	}
	snprintf(to, sizeof(to), "%s/new", dir);
	if (sync_dir(to) < 0)
		return error_set(err, "%s: %s", to, strerror(errno));
	return 0;
}
