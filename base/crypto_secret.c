/* crypto_secret - the installation's secret, a file of 32 random bytes */
#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
check(const char *path, int fd, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, "%s: is no regular file", path);
	if (st.st_mode & 07)
		return error_set(err,
		    "%s: others may read or write it; chmod 0640 %s", path,
		    path);
	if (st.st_size != CRYPTO_KEY)
		return error_set(err,
		    "%s: has %lld bytes, not %d: restore it from the backup or "
		    "another node (with a new one, recipients and references "
		    "known so far are forgotten)",
		    path, (long long)st.st_size, CRYPTO_KEY);
	return 0;
}

int
crypto_secret_read(
    const char *path, struct crypto_key *secret, struct error *err)
{
	struct crypto_key read_key;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (check(path, fd, err) < 0) {
		close(fd);
		return -1;
	}
	ssize_t n = read(fd, read_key.b, sizeof(read_key.b));

	close(fd);
	if (n != (ssize_t)sizeof(read_key.b))
		return error_set(err, "%s: can't be read", path);
	*secret = read_key;
	return 0;
}

int
crypto_secret_make(const char *path, struct error *err)
{
	struct crypto_key key;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

	if (fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	crypto_random(key.b, sizeof(key.b));
	/* fchmod: the umask may have taken the group's right. */
	bool ok = fchmod(fd, 0640) == 0 &&
		  write(fd, key.b, sizeof(key.b)) == sizeof(key.b) &&
		  fsync(fd) == 0;

	if (close(fd) == 0 && ok)
		return 0;
	error_set(err, "%s: %s", path, strerror(errno));
	unlink(path); /* made by us, a moment ago */
	return -1;
}
