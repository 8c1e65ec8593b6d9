/* board_main - how fast a node's pages get to Redis, and what a turn costs
 *
 * usage: board [SUBJECTS] [MAX-IN-FLIGHT] [ROUNDS]
 *
 * A private redis-server with append-only persistence, fsync each second. Each
 * account gets a day of mail; then all of them are posted, over and over. In
 * turns with that the yardstick: HSETs of as many bytes, made beforehand and
 * written to the socket as fast as Redis answers. A line per round:
 *   records N posted N/S raw N/S cpu N/S p99 US longest US
 * by the clock, and for posting also by our own CPU time, and the CPU time of a
 * turn of the loop.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/sock.h"
#include "base/test_redis.h"
#include "base/time.h"
#include "ledger/board.h"
#include "ledger/board_page.h"

enum { GAPS = 1 << 20 };

struct bench {
	struct loop *loop;
	struct ledger *ledger;
	struct redis *writer;
	struct board *board;
	struct loop_timer *post;
	bool is_probing;
	int64_t last_us;
	size_t n_gaps;
	int64_t gaps[GAPS];
};

static void
on_state(void *ctx, bool is_up, const char *reason)
{
	/* A rewrite of the file takes a core for seconds. */
	static const struct str aof[] = {{"CONFIG", 6}, {"SET", 3},
	    {"auto-aof-rewrite-percentage", 27}, {"0", 1}, {"appendonly", 10},
	    {"yes", 3}, {"appendfsync", 11}, {"everysec", 8},
	    {"hash-max-listpack-entries", 25}, {"1024", 4},
	    {"hash-max-listpack-value", 23}, {"65536", 5}};
	struct bench *b = ctx;

	(void)reason;
	if (is_up)
		redis_ask(b->writer, aof, 12, NULL, NULL);
	if (b->board)
		board_on_state(b->board);
}

static void
on_duplicate(void *ctx)
{
	(void)ctx;
	abort();
}

static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * TIME_US + t.tv_nsec / 1000;
}

/* Once a turn. */
static void
on_probe(void *ctx)
{
	struct bench *b = ctx;
	int64_t now_us = cpu_us();

	if (b->last_us && b->n_gaps < GAPS)
		b->gaps[b->n_gaps++] = now_us - b->last_us;
	b->last_us = now_us;
	if (b->is_probing)
		loop_post(b->loop, on_probe, b);
}

static void
on_post(void *ctx)
{
	struct bench *b = ctx;
	struct board_status s;

	board_post(b->board);
	board_status(b->board, &s);
	if (s.is_complete)
		loop_stop(b->loop);
}

static void
fill(struct ledger *l, int subjects)
{
	int64_t now = time_now_us() / TIME_US;
	struct ledger_touched t;

	for (int hour = 24; hour > 0; hour -= 4) {
		for (int i = 0; i < subjects; i++) {
			char name[64], to[64];
			struct fact f = {.kind = FACT_RECIPIENT,
			    .is_outward = true,
			    .at = now - hour * 3600 + i / (subjects / 3600 + 1),
			    .n = 1};

			snprintf(name, sizeof(name), "user%d@example.com", i);
			snprintf(to, sizeof(to), "%d@example.net", i * hour);
			f.accepted_at = f.at;
			f.account = str_from(name);
			f.recipient = str_from(to);
			ledger_add(l, &f, &t);
		}
	}
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
seconds_since(int64_t began_us)
{
	return (double)(time_mono_us() - began_us) / TIME_US;
}

/* "records N posted N" and what else is known of it. */
struct posting {
	double n, seconds, cpu;
};

static struct posting
post_all(struct bench *b)
{
	struct board_status before, after;
	int64_t began_us = time_mono_us(), began_cpu = cpu_us();

	board_status(b->board, &before);
	b->last_us = 0;
	b->n_gaps = 0;
	board_post_all(b->board);
	loop_timer_every(b->post, 10 * 1000);
	b->is_probing = true;
	loop_post(b->loop, on_probe, b);
	loop_run(b->loop);
	b->is_probing = false;
	loop_timer_stop(b->post);
	board_status(b->board, &after);
	qsort(b->gaps, b->n_gaps, sizeof(b->gaps[0]), compare);
	return (struct posting){(double)(after.posted - before.posted),
	    seconds_since(began_us), (double)(cpu_us() - began_cpu) / TIME_US};
}

/* The yardstick: as many commands of as many bytes. */

enum { RECORD = 120, RAW_IN_FLIGHT = 64 * 1024 };

static void
print_raw(struct text *t, int i)
{
	char key[64], value[RECORD];

	snprintf(key, sizeof(key), "outpost:c:r:user%d@example.com", i);
	memset(value, 'v', sizeof(value));
	text_printf(t,
	    "*4\r\n$4\r\nHSET\r\n$%zu\r\n%s\r\n$16\r\n"
	    "aaaaaaaaaaaaaaaa\r\n$%d\r\n%.*s\r\n",
	    strlen(key), key, RECORD, RECORD, value);
}

static size_t
count_replies(const char *p, size_t n)
{
	size_t replies = 0;

	for (size_t i = 0; i < n; i++)
		replies += p[i] == '\n';
	return replies;
}

static double
post_raw(int n)
{
	struct error err;
	struct text all;
	char in[65536];
	int fd = sock_connect(test_redis_uri(), &err);
	size_t written = 0, read_n = 0;

	if (fd < 0)
		abort();
	text_grow(&all, (size_t)n * 300 + 1);
	for (int i = 0; i < n; i++)
		print_raw(&all, i);
	int64_t began_us = time_mono_us();

	while (read_n < (size_t)n) {
		size_t rest = all.n - written;
		struct pollfd p = {fd, POLLIN | (rest ? POLLOUT : 0), 0};

		poll(&p, 1, -1);
		if (p.revents & POLLOUT) {
			ssize_t k = send(fd, all.p + written,
			    rest < RAW_IN_FLIGHT ? rest : RAW_IN_FLIGHT,
			    MSG_NOSIGNAL | MSG_DONTWAIT);

			written += k > 0 ? (size_t)k : 0;
		}
		if (p.revents & POLLIN) {
			ssize_t k = recv(fd, in, sizeof(in), MSG_DONTWAIT);

			read_n += k > 0 ? count_replies(in, (size_t)k) : 0;
		}
	}
	double s = seconds_since(began_us);

	close(fd);
	text_done(&all);
	return s;
}

static void
run_round(struct bench *b, int subjects)
{
	double raw = post_raw(subjects);
	struct posting p = post_all(b);

	printf("records %.0f posted %.0f raw %.0f cpu %.0f p99 %lld longest "
	       "%lld\n",
	    p.n, p.n / p.seconds, subjects / raw, p.n / p.cpu,
	    b->n_gaps ? (long long)b->gaps[b->n_gaps * 99 / 100] : 0LL,
	    b->n_gaps ? (long long)b->gaps[b->n_gaps - 1] : 0LL);
}

int
main(int argc, char **argv)
{
	static struct bench b;
	int subjects = argc > 1 ? atoi(argv[1]) : 200000;
	struct ledger_options lo = {.max_subjects = (size_t)subjects * 2};
	struct redis_options ro = {NULL, 1000, 5000, 20000};
	struct board_options bo = {
	    .node = STR("aaaaaaaaaaaaaaaa"),
	    .starts = 1,
	    .max_in_flight = argc > 2 ? (size_t)atoi(argv[2]) : 800,
	};
	const struct board_hooks hooks = {.on_duplicate = on_duplicate};

	/* As many to a bucket as a million have. */
	bo.bits = BOARD_PAGE_BITS;
	for (int n = subjects; bo.bits > 1 && n <= 750000; n *= 2)
		bo.bits--;
	if (!test_redis_start()) {
		fprintf(stderr, "board: no redis-server\n");
		return 1;
	}
	ro.uri = test_redis_uri();
	b.loop = loop_new();
	b.ledger = ledger_new(&lo);
	fill(b.ledger, subjects);
	b.post = loop_timer_new(b.loop, on_post, &b);
	b.writer = redis_new(b.loop, &ro, on_state, &b, NULL);
	b.board = board_new(b.loop, &bo, &hooks, b.ledger, b.writer);
	post_all(&b);
	for (int i = argc > 3 ? atoi(argv[3]) : 3; i > 0; i--)
		run_round(&b, subjects);
	loop_timer_free(&b.post);
	redis_free(&b.writer);
	board_free(&b.board);
	ledger_free(&b.ledger);
	test_redis_end();
	loop_free(&b.loop);
	return 0;
}
