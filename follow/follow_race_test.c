/* follow_race_test - a log is rotated at every moment while its generations are
 * looked for, opened and read */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "follow/follow.h"
#include "follow/follow_past.h"
#include "follow/follow_source.h"

enum { KEPT = 40, AHEAD = 20, LINES = 1200, SECONDS = 60 };

static struct {
	char dir[32], path[64], saved[4096];
	struct follow_source source;
	unsigned gaps, wrong;
	struct error gap;
	volatile unsigned *next; /* the line to come; the rotator waits */
} t;

static void
on_line(void *ctx, size_t source, struct str line)
{
	char want[32];

	(void)ctx;
	(void)source;
	snprintf(want, sizeof(want), "this is line %u", (*t.next)++);
	t.wrong += !str_is(line, str_from(want));
}

static void
on_gap(void *ctx, size_t source, const char *why)
{
	(void)ctx;
	(void)source;
	t.gaps++;
	error_set(&t.gap, "%s", why);
}

static const struct follow_sink sink = {on_line, on_gap, NULL, 0, 0};

/* A file of one line, long ago: nobody waits for more of it. */
static void
make(const char *path, unsigned line)
{
	const struct timespec times[2] = {{1700000000, 0}, {1700000000, 0}};
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || dprintf(fd, "this is line %u\n", line) < 0)
		fatal("%s: can't be written", path);
	futimens(fd, times);
	close(fd);
}

static void
move(const char *from, const char *to)
{
	char a[80], b[80];

	snprintf(a, sizeof(a), "%s%s", t.path, from);
	snprintf(b, sizeof(b), "%s%s", t.path, to);
	rename(a, b);
}

/* In a process of its own, as fast as it can. */
static void
rotate_all(void)
{
	char next[80], from[16], to[16];

	snprintf(next, sizeof(next), "%s/next", t.dir);
	for (unsigned line = 1; line < LINES; line++) {
		while (line > *t.next + AHEAD)
			usleep(100);
		make(next, line);
		for (int i = KEPT; i > 0; i--) {
			snprintf(from, sizeof(from), ".%d", i);
			snprintf(to, sizeof(to), ".%d", i + 1);
			move(from, to);
		}
		move("", ".1");
		rename(next, t.path);
	}
}

static pid_t
begin(void)
{
	memset(&t, 0, sizeof(t));
	strcpy(t.dir, "/tmp/follow-XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	snprintf(t.path, sizeof(t.path), "%s/mail.log", t.dir);
	t.next = mmap(NULL, sizeof(*t.next), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	follow_source_init(&t.source, str_from(t.path));
	make(t.path, 0);
	struct error err;

	CHECK(follow_source_read(&t.source, &sink, &err) >= 0);
	CHECK_INT(*t.next, 1);
	pid_t pid = fork();

	if (pid == 0) {
		rotate_all();
		_exit(0);
	}
	return pid;
}

static void
end(pid_t pid)
{
	char command[64];

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	follow_source_done(&t.source);
	munmap((void *)(uintptr_t)t.next, sizeof(*t.next));
	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	CHECK_INT(system(command), 0);
}

/* Killed, and started where it was. */
static void
start_again(void)
{
	struct text saved;
	struct follow_place p;

	text_init(&saved, t.saved, sizeof(t.saved));
	follow_source_print(&t.source, &saved);
	follow_source_done(&t.source);
	follow_source_init(&t.source, str_from(t.path));
	struct str in = text_view(&saved);

	CHECK(follow_place_take(&in, &p));
	follow_source_place(&t.source, &p);
}

static void
no_line_is_lost(void)
{
	pid_t pid = begin();
	int64_t end_us = time_mono_us() + SECONDS * TIME_US;
	struct error err;

	while (*t.next < LINES && t.wrong == 0 && t.gaps == 0 &&
	       time_mono_us() < end_us) {
		start_again();
		for (int i = 0; i < 4; i++)
			follow_source_read(&t.source, &sink, &err);
	}
	CHECK_INT(*t.next, LINES);
	CHECK_INT(t.wrong, 0);
	if (t.gaps > 0)
		CHECK_STR(str_from(t.gap.text), STR("no gap"));
	end(pid);
}

TESTS(TEST(no_line_is_lost))
