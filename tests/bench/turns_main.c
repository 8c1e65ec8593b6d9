/* turns_main - the yardstick of the loop's turns: a bare loop beside Redis
 *
 * usage: turns SOCKET TURNS US
 *
 * What a program can do about a long turn it has done here: nothing is
 * allocated, kept or decided. Each turn takes the answers of eight XADDs from
 * the socket, changes words all over two megabytes until US of this thread's
 * time are over, and sends the next eight. Who has turns of as many
 * microseconds and as many of them can be held against it: what is over 1 ms
 * here is the machine's (a virtual one's processor time goes on while its host
 * deals with a page or a signal between its cores). Prints
 *   turns N over N longest US
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sock.h"
#include "base/time.h"

enum {
	EVENTS = 8,
	EVENT = 300, /* bytes: as long as a standing that is put back */
	WORDS = 1 << 18,
	STEPS = 256, /* between two looks at the clock */
	LONG_US = 1000
};

static uint64_t words[WORDS];

static void
work(int64_t until_us)
{
	static uint64_t x = UINT64_C(88172645463325252);

	while (time_cpu_us() < until_us) {
		for (int i = 0; i < STEPS; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			words[x % WORDS] += x;
		}
	}
}

static void
print_events(struct text *t)
{
	text_grow(t, 64 * 1024);
	for (int i = 0; i < EVENTS; i++)
		text_printf(t,
		    "*5\r\n$4\r\nXADD\r\n$5\r\nbench\r\n$1\r\n*\r\n$1\r\ne\r\n"
		    "$%d\r\n%0*d\r\n",
		    EVENT, EVENT, i);
}

/* An answer is "$N\r\nID\r\n". */
static void
take_answers(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char buf[4096];
	int lines = 0;

	while (lines < 2 * EVENTS) {
		if (poll(&p, 1, 10000) <= 0)
			fatal("Redis does not answer");
		ssize_t n = sock_recv(fd, buf, sizeof(buf));

		if (n <= 0 || buf[0] == '-')
			fatal("Redis does not take events");
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	}
}

int
main(int argc, char **argv)
{
	struct error err;
	struct text events;
	char address[256];
	long over = 0;
	int64_t longest_us = 0;

	if (argc != 4)
		fatal("usage: turns SOCKET TURNS US");
	snprintf(address, sizeof(address), "unix:%s", argv[1]);
	int fd = sock_connect_wait(address, 1000, &err);
	long turns = atol(argv[2]), each_us = atol(argv[3]);

	if (fd < 0)
		fatal("%s", err.text);
	print_events(&events);
	int64_t from_us = time_cpu_us();

	for (long i = 0; i < turns; i++) {
		if (sock_send(fd, events.p, events.n) != (ssize_t)events.n)
			fatal("Redis does not read");
		take_answers(fd);
		work(from_us + each_us);
		int64_t now_us = time_cpu_us(), took_us = now_us - from_us;

		from_us = now_us;
		over += took_us > LONG_US;
		longest_us = took_us > longest_us ? took_us : longest_us;
	}
	printf("turns %ld over %ld longest %lld\n", turns, over,
	    (long long)longest_us);
	text_done(&events);
	return 0;
}
