/* secret_line - a password or token in a file of its own */
#include "config/secret_line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
read_line(int fd, char line[SECRET_LINE])
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		errno = EINVAL;
		return -1;
	}
	if (st.st_mode & S_IRWXO) {
		errno = EPERM;
		return -1;
	}
	ssize_t n = read(fd, line, SECRET_LINE - 1);

	if (n < 0)
		return -1;
	line[n] = '\0';
	n = (ssize_t)strcspn(line, "\r\n");
	errno = n == SECRET_LINE - 1 ? E2BIG : EINVAL;
	line[n] = '\0';
	return n == 0 || n == SECRET_LINE - 1 ? -1 : 0;
}

int
secret_line_read(const char *path, char line[SECRET_LINE], struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int status = fd < 0 ? -1 : read_line(fd, line);
	int why = errno;

	if (fd >= 0)
		close(fd);
	if (status == 0)
		return 0;
	explicit_bzero(line, SECRET_LINE);
	if (why == EPERM)
		return error_set(
		    err, "%s: others may read it: chmod o-rwx", path);
	return error_set(err, "%s: %s", path,
	    why == EINVAL ? "has no first line" : strerror(why));
}
