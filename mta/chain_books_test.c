/* chain_books_test - chains that were saved and read again go on as if nothing
 * had happened */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/books.h"
#include "mta/chain_script.h"

enum { RUNNING = 8, LINES = 1500, PARTS_MAX = 16 };

static uint64_t seed;

static unsigned
roll(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

#define DELAYS "delay=1, delays=0/0/0/1, "
#define SMTP "relay=mx[198.51.100.1]:25, delay=1, delays=0/0/0/1, "
#define NONE "relay=none, delay=1, delays=0/0/0/1, "
#define FILTER "relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, "
#define SENT "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 77AA77)\n"
#define AS(x) "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as " x ")\n"
#define LATER "dsn=4.4.1, status=deferred (timed out)\n"
#define ALICE                                                         \
	"postfix/smtpd: @A: client=c[192.0.2.7], sasl_method=PLAIN, " \
	"sasl_username=alice\n"
#define INBOUND "postfix/smtpd: @A: client=m[203.0.113.7]\n"
#define ACTIVE(x) \
	"postfix/qmgr: " x ": from=<a@x>, size=9, nrcpt=2 (queue active)\n"
#define REMOVED(x) "postfix/qmgr: " x ": removed\n"
#define TO(x, to, rest) "postfix/smtp: " x ": to=<" to ">, " rest
#define FORWARD                                                  \
	"postfix/local: @A: to=<bob@in>, relay=local, delay=1, " \
	"delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as @B)\n"

/* @A, @B, @C are queue ids of this message. */
static const char *const stories[] = {
    ALICE ACTIVE("@A") TO("@A", "a@x", SMTP SENT) TO("@A", "b@y", NONE LATER)
	ACTIVE("@A") TO("@A", "b@y", SMTP SENT) REMOVED("@A"),
    ALICE ACTIVE("@A") "postfix/smtpd: @B: client=localhost[127.0.0.1], "
		       "orig_queue_id=@A, orig_client=c[192.0.2.7]\n" ACTIVE(
			   "@B") TO("@B", "x@y", SMTP SENT) TO("@A", "x@y",
			   "orig_to=<r@z>, " FILTER AS("@B")) REMOVED("@A")
			   TO("@B", "archive@x", SMTP SENT) REMOVED("@B"),
    ALICE ACTIVE("@A") "postfix/smtpd: @B: client=localhost[127.0.0.1]\n" ACTIVE(
	"@B") TO("@B", "b@y", NONE LATER) TO("@A", "b@y", FILTER AS("@B"))
	REMOVED("@A") "postfix/pickup: @C: uid=107 from=<a@x> orig_id=@B\n" ACTIVE(
	    "@C") TO("@C", "b@y", SMTP SENT) REMOVED("@C"),
    INBOUND ACTIVE("@A") ACTIVE("@B") TO(
	"@B", "ext@x", "orig_to=<bob@in>, " SMTP SENT)
	TO("@B", "two@x", "orig_to=<bob@in>, " NONE LATER) FORWARD REMOVED("@A")
	    TO("@B", "two@x", "orig_to=<bob@in>, " SMTP SENT) REMOVED("@B"),
    "postfix/pickup: @A: uid=33 from=<Shop@X>\n" ACTIVE("@A") FORWARD ACTIVE(
	"@B") TO("@B", "e@x",
	NONE
	    LATER) "postfix/qmgr: @B: from=<a@x>, status=expired, returned to sender\n"
		   "postfix/bounce: @B: sender non-delivery notification: @C\n" REMOVED(
		       "@B") ACTIVE("@C") REMOVED("@A") REMOVED("@C"),
    INBOUND ACTIVE("@A") TO("@A", "e@x", "orig_to=<bob@in>, " SMTP SENT)
	TO("@A", "q@x", SMTP SENT) REMOVED("@A"),
    ALICE "postfix/cleanup: @A: removed (canceled)\n",
    "postfix/smtpd: @A: client=localhost[127.0.0.1]\n" ACTIVE("@A")
	TO("@A", "l@x", SMTP SENT) REMOVED("@A"),
    "postfix/virtual: @A: to=<u@in>, relay=virtual, " DELAYS
    "dsn=2.0.0, status=sent (delivered to maildir)\n",
};

struct story {
	struct str rest;
	char ids[3][12];
};

static int64_t now;

static void
start_story(struct story *one)
{
	one->rest =
	    str_from(stories[roll(sizeof(stories) / sizeof(stories[0]))]);
	for (int i = 0; i < 3; i++)
		snprintf(one->ids[i], sizeof(one->ids[i]), "%06X",
		    0xA00000 + roll(400));
}

/* The next line of one of them, now and then out of order or late. */
static void
next_line(struct story *running, struct text *out)
{
	struct story *one = &running[roll(RUNNING)];
	struct str line, second;

	if (one->rest.n == 0)
		start_story(one);
	str_cut(&one->rest, '\n', &line);
	if (roll(12) == 0 && str_cut(&one->rest, '\n', &second)) {
		one->rest = str_make(line.p, 0);
		line = second;
	}
	now += roll(40) == 0 ? 20 : roll(300) == 0 ? 4000 : roll(2);
	if (roll(2000) == 0)
		now += 7 * 86400;
	text_clear(out);
	text_printf(out, "%lld ", (long long)now);
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '@' && i + 1 < line.n &&
		    line.p[i + 1] >= 'A' && line.p[i + 1] <= 'C')
			text_add(out, one->ids[line.p[++i] - 'A']);
		else
			text_char(out, line.p[i]);
	}
}

static int
compare_lines(const void *a, const void *b)
{
	return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* Within one moment the order of a message's recipients is open. */
static void
sort_facts(const struct text *facts, struct text *out)
{
	static struct str lines[20000];
	struct str rest = text_view(facts);
	size_t n = 0;

	while (n < 20000 && str_cut(&rest, '\n', &lines[n]))
		n++;
	qsort(lines, n, sizeof(lines[0]), compare_lines);
	for (size_t i = 0; i < n; i++) {
		text_str(out, lines[i]);
		text_char(out, '\n');
	}
}

static void
check_same(struct script *a, struct script *b)
{
	struct text x, y;

	text_grow(&x, 1 << 22);
	text_grow(&y, 1 << 22);
	sort_facts(&a->facts, &x);
	sort_facts(&b->facts, &y);
	CHECK_STR(text_view(&y), text_view(&x));
	CHECK_INT(chains_count(b->chains, CHAINS_FLIGHTS),
	    chains_count(a->chains, CHAINS_FLIGHTS));
	CHECK_INT(chains_count(b->chains, CHAINS_WAITING),
	    chains_count(a->chains, CHAINS_WAITING));
	text_clear(&a->facts);
	text_clear(&b->facts);
	text_done(&x);
	text_done(&y);
}

static void
begin(struct script *s)
{
	script_init(s);
	/* Lines may be left out, so that what is known differs. */
	script_start(s, true);
}

/* Saved at random moments; read again at a random one. */
static void
test_journal(void)
{
	for (unsigned round = 0; round < 60; round++) {
		static struct story running[RUNNING];
		struct script a, b;
		struct text line, sections[PARTS_MAX];
		size_t n = 0;
		char buf[1000];

		memset(running, 0, sizeof(running));
		seed = round;
		now = 0;
		begin(&a);
		begin(&b);
		struct books_part from = chains_part(a.chains);
		struct books_part to = chains_part(b.chains);

		text_init(&line, buf, sizeof(buf));
		for (int i = 0; i < LINES; i++) {
			bool is_last = i == LINES - 1;

			next_line(running, &line);
			script_line(&a, text_view(&line));
			if ((roll(LINES / 10) != 0 || n > PARTS_MAX - 2) &&
			    !is_last)
				continue;
			text_grow(&sections[n], 1 << 24);
			from.save(from.ctx, &sections[n++]);
		}
		for (size_t i = 0; i < n; i++)
			CHECK(sections[i].n == 0 ||
			      to.replay(to.ctx, text_view(&sections[i])));
		text_clear(&a.facts);
		chains_tick(b.chains, 1);
		check_same(&a, &b);
		for (int i = 0; i < LINES; i++) {
			next_line(running, &line);
			script_line(&a, text_view(&line));
			script_line(&b, text_view(&line));
			check_same(&a, &b);
		}
		script_tick(&a, now + 30 * 86400);
		script_tick(&b, now + 30 * 86400);
		check_same(&a, &b);
		for (size_t i = 0; i < n; i++)
			text_done(&sections[i]);
		script_done(&a);
		script_done(&b);
	}
}

static struct books *
open_books(struct script *s, const char *dir)
{
	struct books_part part = chains_part(s->chains);
	struct books_options o = {
	    .dir = dir, .map_bytes = 64 << 20, .max_entry_bytes = 1 << 20};
	struct error err = {{0}};
	struct books *b = books_open(&o, &part, 1, &err);

	if (!b)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return b;
}

/* With books on disk: committed and folded at random moments, closed, read
 * again, several times. */
static void
test_disk(void)
{
	static struct story running[RUNNING];
	char dir[] = "/tmp/outpost-chains.XXXXXX", buf[1000];
	struct script a, b;
	struct text line;

	if (!mkdtemp(dir)) {
		TEST_SKIP("no folder in /tmp");
		return;
	}
	memset(running, 0, sizeof(running));
	seed = 4711;
	now = 0;
	begin(&a);
	text_init(&line, buf, sizeof(buf));
	for (int opened = 0; opened < 6; opened++) {
		begin(&b);
		struct books *books = open_books(&b, dir);

		if (!books)
			return;
		for (int i = 0; i < LINES; i++) {
			next_line(running, &line);
			script_line(&a, text_view(&line));
			script_line(&b, text_view(&line));
			check_same(&a, &b);
			if (roll(100) == 0)
				books_commit(books, NULL, NULL);
			if (roll(400) == 0)
				books_fold(books);
		}
		books_close(&books);
		script_done(&b);
	}
	script_done(&a);
	snprintf(buf, sizeof(buf), "rm -r '%s'", dir);
	CHECK(system(buf) == 0);
}

/* Any damaged byte is noticed, and what is read is left clean. */
static void
test_damage(void)
{
	static struct story running[RUNNING];
	struct script a, b;
	struct text line, section;
	char buf[1000];

	memset(running, 0, sizeof(running));
	seed = 99;
	now = 0;
	begin(&a);
	struct books_part from = chains_part(a.chains);

	text_init(&line, buf, sizeof(buf));
	text_grow(&section, 1 << 24);
	for (int i = 0; i < 400; i++) {
		next_line(running, &line);
		script_line(&a, text_view(&line));
	}
	from.save(from.ctx, &section);
	for (int i = 0; i < 300; i++) {
		size_t at = roll((unsigned)section.n);
		char was = section.p[at];

		begin(&b);
		struct books_part to = chains_part(b.chains);

		section.p[at] = (char)(was ^ (1 + (int)roll(255)));
		CHECK(!to.replay(to.ctx, text_view(&section)));
		section.p[at] = was;
		CHECK(!to.replay(to.ctx,
		    str_head(text_view(&section), roll((unsigned)section.n))));
		script_done(&b);
	}
	text_done(&section);
	script_done(&a);
}

TESTS(TEST(test_journal), TEST(test_disk), TEST(test_damage))
