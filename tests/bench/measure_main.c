/* measure - runs a program and says what it took
 *
 * usage: measure [-o FILE] PROGRAM [ARGUMENT...]
 *
 * Writes "WALL_US CPU_US PEAK_KB" to FILE (or standard error): wall time,
 * CPU time (user and system, with children that were waited for), and the
 * largest resident size. Exit status: the program's; 127 if it cannot run.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

static int64_t
time_us(struct timeval t)
{
	return t.tv_sec * INT64_C(1000000) + t.tv_usec;
}

int
main(int argc, char **argv)
{
	FILE *out = stderr;
	int first = 1, status;
	struct rusage used;
	int64_t start;
	pid_t pid;

	if (argc > 3 && strcmp(argv[1], "-o") == 0) {
		out = fopen(argv[2], "we");
		first = 3;
	}
	if (first >= argc || out == NULL)
		return 64;
	start = clock_us();
	pid = fork();
	if (pid == 0) {
		execvp(argv[first], argv + first);
		perror(argv[first]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
		return 127;
	fprintf(out, "%lld %lld %ld\n", (long long)(clock_us() - start),
	    (long long)(time_us(used.ru_utime) + time_us(used.ru_stime)),
	    used.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
