/* follow_slice_test - a file is read no further than there is time */
#include "follow/follow_source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

static unsigned got, n_wrong;

static void
on_line(void *ctx, size_t source, struct str line)
{
	char want[32];

	(void)ctx;
	(void)source;
	snprintf(want, sizeof(want), "line %u", got++);
	n_wrong += !str_is(line, str_from(want));
}

static void
append(int fd, const char *text)
{
	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
}

/* Time has run out before the first line: some are read in any case. */
static void
the_rest_comes_later(void)
{
	const struct follow_sink late = {on_line, NULL, NULL, 0, 1};
	char path[] = "/tmp/follow_slice_test.XXXXXX", line[40];
	struct follow_source s;
	struct error err;
	int fd = mkstemp(path);
	unsigned reads = 0;

	follow_source_init(&s, str_from(path));
	for (unsigned n = 0; n < 50; n++) {
		snprintf(line, sizeof(line), "line %u\n", n);
		append(fd, line);
	}
	append(fd, "line");
	while (follow_source_read(&s, &late, &err) > 0)
		CHECK_INT(got, 8 * ++reads);
	CHECK_INT(reads, 6);
	CHECK_INT(got, 50);
	append(fd, " 50\n");
	CHECK_INT(follow_source_read(&s, &late, &err), 0);
	CHECK_INT(got, 51);
	CHECK_INT(n_wrong, 0);
	follow_source_done(&s);
	close(fd);
	unlink(path);
}

TESTS(TEST(the_rest_comes_later))
