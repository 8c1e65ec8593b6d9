/* log_play - writes a log as a mail server would, live, with rotations
 *
 * usage: log_play [-s SEED] [-r SECONDS] [-k KEEP] [-z] [-c] IN OUT
 *   IN           lines that begin with an RFC 3339 time in UTC, in order;
 *                each is appended to OUT when its time has come
 *   -r SECONDS   rotates OUT about that often: OUT is renamed to OUT.1, OUT.1
 *                to OUT.2 and so on, and now and then OUT is away for a moment
 *   -k KEEP      generations that are kept (9)
 *   -z           generations from the second on are gzipped
 *   -c           sometimes copies to OUT.1 and truncates instead
 *
 * Some lines are written in two pieces. Prints "LINES ROTATIONS" at the end.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
	const char *path;
	int fd, keep;
	bool gzips, copies;
	uint64_t rng, lines, rotations;
	double every, next;
} play = {.fd = -1, .keep = 9, .rng = 1};

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t
roll(void)
{
	uint64_t x = play.rng += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void
rest(double seconds)
{
	struct timespec t = {.tv_sec = (time_t)seconds,
	    .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};

	if (seconds > 0)
		nanosleep(&t, NULL);
}

static double
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* "2026-01-12T08:00:00.123456+00:00 ..." */
static double
line_time(const char *line)
{
	struct tm tm = {.tm_year = 0};
	const char *end = strptime(line, "%Y-%m-%dT%H:%M:%S", &tm);

	if (end == NULL) {
		fprintf(stderr, "log_play: no time in: %s", line);
		exit(1);
	}
	return (double)timegm(&tm) + (*end == '.' ? strtod(end, NULL) : 0);
}

/* A shell command in which $0 is OUT. */
static void
run(const char *command)
{
	char text[1024];

	snprintf(text, sizeof(text), "sh -c '%s' '%s'", command, play.path);
	if (system(text) != 0)
		die(command);
}

/* OUT.1 becomes OUT.2 ..., the last one goes. */
static void
shift(void)
{
	char from[512], to[512];

	for (int i = play.keep - 1; i >= 1; i--)
		for (int gz = 0; gz <= 1; gz++) {
			const char *end = gz ? ".gz" : "";

			snprintf(
			    from, sizeof(from), "%s.%d%s", play.path, i, end);
			snprintf(
			    to, sizeof(to), "%s.%d%s", play.path, i + 1, end);
			rename(from, to);
		}
}

static void
open_out(void)
{
	play.fd = open(play.path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (play.fd < 0)
		die(play.path);
}

static void
rotate(void)
{
	char first[512];

	shift();
	snprintf(first, sizeof(first), "%s.1", play.path);
	if (play.copies && roll() % 3 == 0) {
		run("cp \"$0\" \"$0.1\"");
		if (ftruncate(play.fd, 0) != 0)
			die(play.path);
	} else {
		if (rename(play.path, first) != 0)
			die(play.path);
		close(play.fd);
		if (roll() % 4 == 0)
			rest((double)(roll() % 300) / 1000);
		open_out();
	}
	if (play.gzips)
		run("[ ! -e \"$0.2\" ] || gzip -f \"$0.2\"");
	play.rotations++;
}

static void
put(const char *p, size_t n)
{
	if (write(play.fd, p, n) != (ssize_t)n)
		die(play.path);
}

static void
put_line(const char *line, size_t n)
{
	size_t half = roll() % 64 == 0 ? roll() % n : 0;

	if (half > 0) {
		put(line, half);
		rest((double)(roll() % 20) / 1000);
	}
	put(line + half, n - half);
	play.lines++;
}

static void
play_all(FILE *in)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	play.next = clock_now() + play.every;
	while ((n = getline(&line, &size, in)) > 0) {
		rest(line_time(line) - clock_now());
		put_line(line, (size_t)n);
		if (play.every > 0 && clock_now() >= play.next) {
			rotate();
			play.next = clock_now() +
				    play.every * (double)(roll() % 2000) / 1000;
		}
	}
	free(line);
}

int
main(int argc, char **argv)
{
	FILE *in;
	int c;

	while ((c = getopt(argc, argv, "s:r:k:zc")) != -1) {
		if (c == 's')
			play.rng = strtoull(optarg, NULL, 10);
		else if (c == 'r')
			play.every = atof(optarg);
		else if (c == 'k')
			play.keep = atoi(optarg);
		else if (c == 'z')
			play.gzips = true;
		else if (c == 'c')
			play.copies = true;
		else
			return 64;
	}
	if (argc - optind != 2)
		return 64;
	play.path = argv[optind + 1];
	in = strcmp(argv[optind], "-") == 0 ? stdin : fopen(argv[optind], "r");
	if (in == NULL)
		die(argv[optind]);
	open_out();
	play_all(in);
	close(play.fd);
	printf("%" PRIu64 " %" PRIu64 "\n", play.lines, play.rotations);
	return 0;
}
