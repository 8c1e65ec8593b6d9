/* accounts - what an active account takes: memory, disk, Redis
 *
 * usage: accounts [ACCOUNTS [strangers|circle [memory]]]
 *
 * The population, all active within 35 days, of domains of 20 accounts:
 *   half      a message every four days
 *   a third   1.5 a day        of these messages three quarters go to one
 *   an eighth 6 a day          recipient, the others to two to six; an eighth
 *   2%        30 a day         of the recipients are inside
 * Two of five send from home, from an address of their own, the others from
 * their domain's office; half of all send a third of their mail by phone, of
 * whose addresses 200 share one. Hours of work on workdays, mostly. No limit is
 * about clients or networks: what is kept of them is what the shipped
 * configuration keeps. Every recipient is a stranger, as if nobody were
 * answered or written to again; in a circle one of ten is, as for the ordinary
 * people of tests/sim, the others are mostly the first ones it wrote to.
 *
 * It is a Wednesday at 17:00 UTC, the end of a day of work behind another, and
 * they send on: most has been counted in the last two days, in buckets of ten
 * minutes, and who sent just now is awake. Who falls silent is laid to sleep as
 * fast as of a million. Memory is told of 4:00, too, when nearly all sleep. The
 * real clock says how long a load takes, and in Redis's pages when they were
 * posted: that long after takes two bytes more of each subject than at once.
 *
 * Everything that the ledger, the books' file and Redis hold, domains, clients
 * and networks too, is divided by the accounts (of fewer than a million Redis
 * has fewer buckets). The file's pages are counted as they stand after many
 * changes (accounts_books.h); disk_file has the free ones too. Memory is what
 * malloc gave: of each account beyond the first thousand, whose is told apart;
 * tables of one size, however many accounts there are, are most of that.
 */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/test_redis.h"
#include "ledger/board.h"
#include "ledger/books.h"
#include "ledger/board_page.h"
#include "limits/scope.h"
#include "tests/bench/accounts_books.h"
#include "tests/bench/accounts_shares.h"

enum { DAYS = 35, DAY = 86400, MINUTE = 60, RECIPIENTS = 4000000 };
enum { FEW = 1000, CIRCLE = 10 /* at first */ };
enum {
	BUSY = 1767805200, /* 2026-01-07 17:00 UTC */
	QUIET = BUSY - 13 * 3600,
	MILLION = 1000000,
};

/* Of 1000 accounts. */
static const struct {
	uint32_t share;
	double per_day;
} groups[] = {{500, 0.25}, {355, 1.5}, {125, 6}, {20, 30}};
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

static struct bench {
	uint32_t accounts;
	uint16_t *circles; /* whom each wrote to; NULL: strangers */
	struct ledger *ledger;
	struct books_part part;
	struct text journal;
	struct loop *loop;
	struct redis *writer;
	struct board *board;
	uint64_t ticks; /* millionths */
	uint64_t messages, used_bytes, empty_bytes;
} b;

static uint64_t seed = 5;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(((seed >> 33) * below) >> 31);
}

static uint32_t
trait(uint32_t account, uint32_t below)
{
	return (uint32_t)((account + below) * 0x9e3779b97f4a7c15u >> 40) %
	       below;
}

static void
set_client(struct fact *f, uint32_t account)
{
	uint32_t v;

	if (trait(account, 2) == 0 && draw(3) == 0)
		v = 0x64400000u + account / 200;
	else if (trait(account, 5) < 2)
		v = 0x0b000000u + account * 37u; /* seven in a network */
	else
		v = 0x50000000u + account / 20 * 101u;
	f->client.b[10] = f->client.b[11] = 0xff;
	for (int i = 0; i < 4; i++)
		f->client.b[12 + i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t
draw_recipient(uint32_t account)
{
	if (!b.circles)
		return draw(RECIPIENTS);
	uint32_t n = CIRCLE + b.circles[account], i = n;

	if (draw(10) == 0)
		b.circles[account]++;
	else
		i = (uint32_t)((uint64_t)draw(n) * draw(n) / n);
	return (uint32_t)((account * 2654435761u + i * 40503u) % RECIPIENTS);
}

static void
add(struct fact *f, enum fact_kind kind)
{
	struct ledger_touched t;

	f->kind = kind;
	f->n = 1;
	ledger_add(b.ledger, f, &t);
}

static void
send_message(uint32_t account, int64_t at)
{
	char name[96], domain[64], to[64];
	struct fact f = {.at = at, .accepted_at = at};
	uint32_t n = draw(4) ? 1 : 2 + draw(5);

	snprintf(domain, sizeof(domain), "customer%u.example", account / 20);
	snprintf(name, sizeof(name), "user%u@%s", account % 20, domain);
	f.account = str_from(name);
	f.domain = str_from(domain);
	set_client(&f, account);
	f.size_bytes = 2000 + (draw(5) ? draw(30000) : draw(3000000));
	add(&f, FACT_ACCEPTED);
	for (; n > 0; n--) {
		snprintf(
		    to, sizeof(to), "%u@example.net", draw_recipient(account));
		f.recipient = str_from(to);
		f.is_outward = draw(8) > 0;
		add(&f, FACT_RECIPIENT);
		add(&f, draw(50) ? FACT_DELIVERED : FACT_REFUSED);
	}
	b.messages++;
}

/* How much of a day's mail is sent in this minute, against an even spread. */
static double
busy(int64_t at)
{
	int64_t hour = at / 3600 % 24, day = (at / DAY + 4) % 7;
	double v = hour >= 8 && hour < 18 ? 2.0 : 0.28;

	return day == 0 || day == 6 ? v / 4 : v * 1.3;
}

/* From one sender to the next of a group is a geometric step. */
static void
send_minute(int64_t at)
{
	double i = 0, end = 0;

	for (int g = 0; g < GROUPS; g++) {
		double p = groups[g].per_day / 1440 * busy(at);

		end += b.accounts / 1000 * groups[g].share;
		for (;;) {
			double u = (draw(1u << 30) + 1.0) / (1u << 30);

			i += floor(log(u) / log(1 - p));
			if (i >= end)
				break;
			/* The groups mix in the domains. */
			send_message(
			    (uint32_t)((uint64_t)i * 7919u % b.accounts),
			    at + draw(MINUTE));
			i++;
		}
		i = end;
	}
}

static void
commit(void)
{
	b.part.save(b.ledger, &b.journal);
	text_clear(&b.journal);
}

/* As every half minute; to nowhere, for the disk gets all of it at the end. */
static void
fold(void)
{
	struct disk_batch *batch = disk_batch_new(NULL);

	b.part.fold(b.ledger, batch, 0);
	while (b.part.fold_some(b.ledger, batch, 0, 1000) > 0)
		;
	disk_batch_free(&batch);
}

/* A tick's work is one for all accounts: of fewer than a million it comes as
 * much more seldom. */
static void
tick_minute(int64_t end)
{
	uint64_t done = b.ticks / MILLION;

	b.ticks += (uint64_t)MINUTE * b.accounts;
	for (; done < b.ticks / MILLION; done++)
		ledger_tick(b.ledger, end);
}

static void
send_all(int64_t from, int64_t to)
{
	for (int64_t at = from; at < to; at += MINUTE) {
		send_minute(at);
		tick_minute(at + MINUTE);
		commit();
		fold();
	}
}

static size_t
in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd - b.journal.cap;
}

static void
on_state(void *ctx, bool is_up, const char *reason)
{
	static const struct str size[] = {{"CONFIG", 6}, {"SET", 3},
	    {"hash-max-listpack-value", 23}, {"65536", 5},
	    {"hash-max-listpack-entries", 25}, {"1024", 4}};

	(void)ctx;
	(void)reason;
	if (is_up)
		redis_ask(b.writer, size, 6, NULL, NULL);
	if (b.board)
		board_on_state(b.board);
}

static void
on_post(void *ctx)
{
	struct board_status s;

	(void)ctx;
	board_post(b.board);
	board_status(b.board, &s);
	if (s.is_complete)
		loop_stop(b.loop);
}

static void
on_memory(void *ctx, const struct redis_reply *r)
{
	struct str text = r ? redis_reply_text(r) : STR("");
	ptrdiff_t at = str_find(text, STR("used_memory:"));

	(void)ctx;
	b.used_bytes = at < 0 ? 0 : strtoull(text.p + at + 12, NULL, 10);
	loop_stop(b.loop);
}

static void
on_wait(void *ctx)
{
	(void)ctx;
	if (redis_is_up(b.writer))
		loop_stop(b.loop);
}

/* Until it is up, or everything is posted. */
static void
run_until(loop_fn *on_time)
{
	struct loop_timer *t = loop_timer_new(b.loop, on_time, NULL);

	loop_timer_every(t, 10 * 1000);
	loop_run(b.loop);
	loop_timer_free(&t);
}

static uint64_t
post_all(void)
{
	static const struct str info[] = {{"INFO", 4}, {"memory", 6}};
	struct redis_options ro = {NULL, 1000, 20000, 20000};
	struct board_options bo = {.node = STR("aaaaaaaaaaaaaaaa"),
	    .starts = 1,
	    .max_in_flight = 2000,
	    .bits = BOARD_PAGE_BITS};
	const struct board_hooks hooks = {0};

	if (!test_redis_start())
		fatal("no redis-server");
	ro.uri = test_redis_uri();
	for (uint32_t n = b.accounts; bo.bits > 1 && n <= 750000; n *= 2)
		bo.bits--;
	ledger_change_all(b.ledger);
	b.writer = redis_new(b.loop, &ro, on_state, NULL, NULL);
	b.board = board_new(b.loop, &bo, &hooks, b.ledger, b.writer);
	run_until(on_wait);
	redis_ask(b.writer, info, 2, on_memory, NULL);
	loop_run(b.loop);
	b.empty_bytes = b.used_bytes;
	run_until(on_post);
	redis_ask(b.writer, info, 2, on_memory, NULL);
	loop_run(b.loop);
	redis_free(&b.writer);
	board_free(&b.board);
	test_redis_end();
	return b.used_bytes - b.empty_bytes;
}

static void
say(const char *what, uint64_t bytes)
{
	printf("%s %.0f per_subject %.0f\n", what, (double)bytes / b.accounts,
	    (double)bytes / (double)ledger_subjects(b.ledger));
}

/* What the ledger takes at these moments. */
struct memory {
	size_t quiet, busy;
};

static struct memory
populate(uint32_t accounts)
{
	static const struct ledger_options o = {.max_subjects = 16000000};
	struct memory m;
	size_t before;

	b.accounts = accounts;
	b.messages = 0;
	before = in_use();
	b.ledger = ledger_new(&o);
	ledger_keep(b.ledger, SUBJECT_CLIENT, SCOPE_KEEPS);
	ledger_keep(b.ledger, SUBJECT_NETWORK, SCOPE_KEEPS);
	ledger_keep_sizes(b.ledger, SUBJECT_CLIENT, DAY);
	ledger_keep_sizes(b.ledger, SUBJECT_NETWORK, DAY);
	b.part = ledger_part(b.ledger);
	send_all(BUSY - (int64_t)DAYS * DAY, QUIET);
	m.quiet = in_use() - before;
	send_all(QUIET, BUSY);
	m.busy = in_use() - before;
	return m;
}

static void
say_memory(const char *what, size_t all, size_t few)
{
	double each = (double)(all - few) / (b.accounts - FEW);

	printf("%s %.0f per_subject %.0f first_thousand %zu\n", what, each,
	    each * b.accounts / (double)ledger_subjects(b.ledger), few);
}

int
main(int argc, char **argv)
{
	struct accounts_books books;
	uint32_t n = argc > 1 ? (uint32_t)atoi(argv[1]) : 1000000;

	n = n > FEW ? n : FEW + 1;
	if (argc > 2 && strcmp(argv[2], "circle") == 0)
		b.circles = xalloc(n, sizeof(*b.circles));
	text_grow(&b.journal, (size_t)4 << 30);
	struct memory few = populate(FEW), all;

	ledger_free(&b.ledger);
	if (b.circles)
		memset(b.circles, 0, n * sizeof(*b.circles));
	all = populate(n);
	printf("accounts %u subjects %zu messages %llu\n", b.accounts,
	    ledger_subjects(b.ledger), (unsigned long long)b.messages);
	say_memory("memory", all.busy, few.busy);
	say_memory("memory_quiet", all.quiet, few.quiet);
	shares_say(b.ledger, n);
	if (argc <= 3) {
		accounts_books_write(b.ledger, &books);
		say("disk", books.used_bytes);
		say("disk_file", books.file_bytes);
		printf("load_ms %lld\n", (long long)books.load_us / 1000);
		b.loop = loop_new();
		say("redis", post_all());
		loop_free(&b.loop);
	}
	ledger_free(&b.ledger);
	free(b.circles);
	return 0;
}
