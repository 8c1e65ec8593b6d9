/* refusal - from the log line that crosses a limit to the first refusal
 *
 * usage: refusal LOG POLICY-SOCKET N
 *
 * N times, each with a new account: writes the beginning of a message into
 * the log, then the line that says it has 400 recipients (the shipped limit
 * is 300 an hour), and asks the policy service every half millisecond
 * whether the account may have one more, until it says no. Prints
 * "runs N median_us M max_us X missed K"; missed is what took over 100 ms
 * or so many questions that they themselves could have crossed the limit.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_MAX = 1000, ASKS_MAX = 200, PAUSE_US = 500 };

static int64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000) + ts.tv_nsec / 1000;
}

static void
broken(const char *what)
{
	perror(what);
	exit(2);
}

static void __attribute__((format(printf, 3, 4)))
log_line(FILE *log, const char *service, const char *fmt, ...)
{
	char stamp[64];
	time_t now = time(NULL);
	struct tm tm;
	va_list ap;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S.000000+00:00", &tm);
	fprintf(log, "%s mail postfix/%s[77]: ", stamp, service);
	va_start(ap, fmt);
	vfprintf(log, fmt, ap);
	va_end(ap);
	fputc('\n', log);
	fflush(log);
}

/* True if the service lets this account have one more recipient. */
static bool
ask(int fd, int run, int n)
{
	char buf[1024];
	size_t have = 0;
	int len = snprintf(buf, sizeof(buf),
	    "request=smtpd_access_policy\nprotocol_state=RCPT\n"
	    "protocol_name=ESMTP\nclient_address=198.51.100.7\n"
	    "client_name=unknown\nhelo_name=bench\nqueue_id=\n"
	    "instance=%x.%x.0\nsender=b%d@d%d.bench.example\n"
	    "recipient=r%d@world.example\nrecipient_count=0\n"
	    "sasl_method=PLAIN\nsasl_username=b%d@d%d.bench.example\nsize=0\n\n",
	    run, n, run, run, n, run, run);

	if (write(fd, buf, (size_t)len) != len)
		broken("policy service: write");
	while (have < 2 || memcmp(buf + have - 2, "\n\n", 2) != 0) {
		ssize_t k = read(fd, buf + have, sizeof(buf) - have - 1);

		if (k <= 0)
			broken("policy service: read");
		have += (size_t)k;
	}
	buf[have] = '\0';
	return strncmp(buf, "action=DUNNO", 12) == 0 ||
	       strncmp(buf, "action=dunno", 12) == 0 ||
	       strncmp(buf, "action=PREPEND", 14) == 0;
}

/* Microseconds to the refusal; -1 when it did not come. */
static int64_t
run_once(FILE *log, int fd, int run)
{
	int64_t start;

	log_line(log, "submission/smtpd",
	    "B%07X: client=unknown[198.51.100.7], sasl_method=PLAIN, "
	    "sasl_username=b%d@d%d.bench.example",
	    run, run, run);
	log_line(
	    log, "cleanup", "B%07X: message-id=<%d@bench.example>", run, run);
	usleep(20000);
	if (!ask(fd, run, 0))
		return -1;
	log_line(log, "qmgr",
	    "B%07X: from=<b%d@d%d.bench.example>, size=4096, nrcpt=400 "
	    "(queue active)",
	    run, run, run);
	start = clock_us();
	for (int n = 1; n < ASKS_MAX; n++) {
		if (!ask(fd, run, n))
			return clock_us() - start;
		usleep(PAUSE_US);
	}
	return -1;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static int64_t took[RUNS_MAX];
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int runs = argc == 4 ? atoi(argv[3]) : 0;
	int missed = 0, n = 0, fd;
	FILE *log;

	if (runs < 1 || runs > RUNS_MAX ||
	    strlen(argv[2]) >= sizeof(sun.sun_path))
		return 64;
	log = fopen(argv[1], "a");
	if (log == NULL)
		broken(argv[1]);
	strcpy(sun.sun_path, argv[2]);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		broken(argv[2]);
	for (int i = 1; i <= runs; i++) {
		int64_t us = run_once(log, fd, i);

		if (us < 0 || us > 100000)
			missed++;
		if (us >= 0)
			took[n++] = us;
	}
	qsort(took, (size_t)n, sizeof(took[0]), compare);
	printf("runs %d median_us %lld max_us %lld missed %d\n", runs,
	    n == 0 ? -1LL : (long long)took[n / 2],
	    n == 0 ? -1LL : (long long)took[n - 1], missed);
	return missed == 0 ? 0 : 1;
}
