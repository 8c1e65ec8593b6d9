/* follow_journal_test - a private journal, written by systemd-journal-remote */
#include "follow/follow_journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/test.h"
#include "base/text.h"
#include "base/time.h"

#define REMOTE "/lib/systemd/systemd-journal-remote"

static struct {
	char dir[32], path[64], cursor[256];
	struct follow_journal *journal;
	struct follow_trust trust;
	struct error err;
	struct text got; /* the lines, without time and host */
	unsigned gaps, lines;
	int64_t clock_us; /* of the entries */
} t;

static void
on_line(void *ctx, size_t source, struct str line)
{
	struct str word;

	(void)ctx;
	(void)source;
	t.lines++;
	CHECK(str_cut(&line, ' ', &word));
	CHECK(str_cut(&line, ' ', &word));
	CHECK_STR(word, STR("mx"));
	text_str(&t.got, line);
	text_char(&t.got, '|');
}

static void
on_gap(void *ctx, size_t source, const char *why)
{
	(void)ctx;
	(void)source;
	CHECK(strstr(why, t.dir) != NULL);
	t.gaps++;
}

static const struct follow_sink sink = {on_line, on_gap, NULL, 0, 0};

struct entry {
	const char *identifier, *message, *more;
};

/* more: further fields, each with its newline. */
static void
write_entries(const struct entry *e, size_t n)
{
	char command[256];

	snprintf(command, sizeof(command),
	    REMOTE " -o %s/mail.journal - >/dev/null 2>&1", t.dir);
	FILE *f = popen(command, "w");

	for (size_t i = 0; i < n; i++) {
		t.clock_us++;
		fprintf(f,
		    "__REALTIME_TIMESTAMP=%lld\n__MONOTONIC_TIMESTAMP=%lld\n"
		    "_BOOT_ID=%032d\n_MACHINE_ID=%032d\n_HOSTNAME=mx\n"
		    "SYSLOG_FACILITY=2\nSYSLOG_PID=7\n%s",
		    (long long)t.clock_us, (long long)t.clock_us, 1, 2,
		    e[i].more ? e[i].more : "_UID=0\n");
		fprintf(f, "SYSLOG_IDENTIFIER=%s\nMESSAGE=%s\n\n",
		    e[i].identifier, e[i].message);
	}
	CHECK_INT(pclose(f), 0);
}

static void
write_one(const char *identifier, const char *message, const char *more)
{
	const struct entry e = {identifier, message, more};

	write_entries(&e, 1);
}

static void
open_journal(void)
{
	t.journal = follow_journal_new(t.path, &t.trust);
	follow_journal_place(t.journal, str_from(t.cursor));
}

static void
close_journal(void)
{
	struct text w;

	text_init(&w, t.cursor, sizeof(t.cursor));
	text_str(&w, follow_journal_cursor(t.journal));
	follow_journal_free(&t.journal);
}

static bool
begin(void)
{
	memset(&t, 0, sizeof(t));
	if (access(REMOTE, X_OK) != 0) {
		TEST_SKIP("needs systemd-journal-remote");
		return false;
	}
	strcpy(t.dir, "/tmp/follow-XXXXXX");
	if (!mkdtemp(t.dir))
		fatal("no directory");
	snprintf(t.path, sizeof(t.path), "journal:%s", t.dir);
	text_grow(&t.got, 1 << 20);
	t.trust.n = 1;
	t.clock_us = time_now_us() - 1000 * TIME_US;
	open_journal();
	return true;
}

static void
end(void)
{
	char command[64];

	follow_journal_free(&t.journal);
	text_done(&t.got);
	snprintf(command, sizeof(command), "rm -rf %s", t.dir);
	CHECK_INT(system(command), 0);
}

static struct str
lines(void)
{
	text_clear(&t.got);
	for (int i = 0; i < 3;)
		i += follow_journal_read(t.journal, &sink, &t.err) <= 0;
	return text_view(&t.got);
}

static void
what_is_appended(void)
{
	if (!begin())
		return;
	CHECK_INT(follow_journal_read(t.journal, &sink, &t.err), -1);
	CHECK(strstr(t.err.text, t.dir) != NULL);
	write_one("postfix/smtpd", "one", NULL);
	usleep(1100 * 1000); /* not tried again sooner */
	CHECK_STR(lines(), STR("postfix/smtpd[7]: one|"));
	CHECK(follow_journal_fd(t.journal) > 0);
	CHECK_STR(lines(), STR(""));
	write_one("postfix/smtpd", "two", NULL);
	CHECK_STR(lines(), STR("postfix/smtpd[7]: two|"));
	write_one("postfix/smtpd", "three", NULL);
	CHECK_STR(lines(), STR("postfix/smtpd[7]: three|"));
	CHECK_INT(t.gaps, 0);
	end();
}

static void
it_goes_on_behind_its_cursor(void)
{
	if (!begin())
		return;
	write_one("postfix/smtpd", "one", NULL);
	CHECK_STR(lines(), STR("postfix/smtpd[7]: one|"));
	close_journal();
	write_one("postfix/smtpd", "two", NULL);
	open_journal();
	CHECK_STR(lines(), STR("postfix/smtpd[7]: two|"));
	close_journal();
	open_journal();
	CHECK_STR(lines(), STR(""));
	CHECK_INT(t.gaps, 0);
	int64_t at_us =
	    follow_journal_cursor_us(follow_journal_cursor(t.journal));

	CHECK_INT(at_us, t.clock_us);
	end();
}

static void
a_cursor_that_is_gone(void)
{
	char name[64];

	if (!begin())
		return;
	write_one("postfix/smtpd", "one", NULL);
	CHECK_STR(lines(), STR("postfix/smtpd[7]: one|"));
	close_journal();
	snprintf(name, sizeof(name), "%s/mail.journal", t.dir);
	unlink(name);
	t.clock_us -= 2;
	write_one("postfix/smtpd", "before it", NULL);
	t.clock_us += 5;
	write_one("postfix/smtpd", "after it", NULL);
	open_journal();
	CHECK_STR(lines(), STR("postfix/smtpd[7]: after it|"));
	CHECK_INT(t.gaps, 1);
	close_journal();
	/* None at all. */
	strcpy(t.cursor, "no cursor");
	open_journal();
	CHECK_STR(lines(),
	    STR("postfix/smtpd[7]: before it|postfix/smtpd[7]: after it|"));
	CHECK_INT(t.gaps, 2);
	end();
}

static void
whom_it_believes(void)
{
	static const struct entry entries[] = {
	    {"postfix/smtpd", "by root", "_UID=0\n"},
	    {"postfix/smtpd", "by somebody", "_UID=1000\n"},
	    {"postfix/smtpd", "elsewhere", "_TRANSPORT=syslog\n"},
	    {"systemd-journald", "lies", "_UID=0\n_TRANSPORT=syslog\n"},
	    {"systemd-journald", "truth", "_UID=0\n_TRANSPORT=driver\n"},
	    {"post fix[1]: x", "odd", "_UID=0\n"},
	    {"", "nameless", "_UID=0\n_COMM=smtpd\n"},
	    {"postfix/smtpd", "", "_UID=0\n"},
	};

	if (!begin())
		return;
	write_entries(entries, sizeof(entries) / sizeof(entries[0]));
	CHECK_STR(lines(),
	    STR("postfix/smtpd[7]: by root|postfix/smtpd[7]: elsewhere|"
		"systemd-journald[7]: truth|postfix1x[7]: odd|"
		"smtpd[7]: nameless|"));
	end();
}

/* Of this thread: the machine may have other work. */
static int64_t
cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * TIME_US + ts.tv_nsec / 1000;
}

/* No turn is long, however much there is. */
static void
many(void)
{
	static struct entry entries[20000];
	int64_t longest_us = 0, began_us;
	int more = 1;

	if (!begin())
		return;
	for (size_t i = 0; i < 20000; i++)
		entries[i] = (struct entry){"postfix/smtpd", "many", NULL};
	write_entries(entries, 20000);
	follow_journal_read(t.journal, &sink, &t.err); /* opened */
	while (more > 0) {
		began_us = cpu_us();
		more = follow_journal_read(t.journal, &sink, &t.err);
		if (cpu_us() - began_us > longest_us)
			longest_us = cpu_us() - began_us;
		text_clear(&t.got);
	}
	CHECK_INT(t.lines, 20000);
	printf("longest turn %lld us\n", (long long)longest_us);
	end();
}

static void
names(void)
{
	CHECK(follow_journal_is(STR("journal")));
	CHECK(follow_journal_is(STR("journal:/x")));
	CHECK(follow_journal_is(STR("journal:mail")));
	CHECK(!follow_journal_is(STR("journal.log")));
	CHECK(!follow_journal_is(STR("/journal")));
	CHECK_INT(follow_journal_cursor_us(STR("s=1;t=5c;x=2")), 0x5c);
	CHECK_INT(follow_journal_cursor_us(STR("s=1;t=5g;x=2")), 0);
	CHECK_INT(follow_journal_cursor_us(STR("s=1;t=;x=2")), 0);
	CHECK_INT(follow_journal_cursor_us(STR("")), 0);
}

TESTS(TEST(names), TEST(what_is_appended), TEST(it_goes_on_behind_its_cursor),
    TEST(a_cursor_that_is_gone), TEST(whom_it_believes), TEST(many))
