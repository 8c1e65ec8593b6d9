/* unix_talk - sends standard input to a unix socket, prints the first line of
 * the answer
 *
 *   unix_talk PATH
 *
 * Exit status: 0 answered, 1 not (closed, refused), 64 usage.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

enum { SIZE = 65536 };

int
main(int argc, char **argv)
{
	static char buf[SIZE];
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t n = 0;

	if (argc != 2 || strlen(argv[1]) >= sizeof(un.sun_path))
		return 64;
	memcpy(un.sun_path, argv[1], strlen(argv[1]) + 1);
	if (connect(fd, (struct sockaddr *)&un, sizeof(un)) < 0) {
		perror(argv[1]);
		return 1;
	}
	n = fread(buf, 1, sizeof(buf), stdin);
	/* Who refuses may have hung up already, its answer waits. */
	(void)send(fd, buf, n, MSG_NOSIGNAL);
	n = 0;
	while (n < sizeof(buf) && !memchr(buf, '\n', n)) {
		ssize_t got = recv(fd, buf + n, sizeof(buf) - n, 0);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	const char *end = memchr(buf, '\n', n);

	if (!end)
		return 1;
	printf("%.*s\n", (int)(end - buf), buf);
	close(fd);
	return 0;
}
