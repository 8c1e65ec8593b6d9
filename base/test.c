/* test - what a unit test needs */
#include "base/test.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"

enum { DEADLINE = 240 };

static const char *current;
static bool is_failed, is_skipped;

/* One that hangs is to say so itself, not to stop the whole run. */
static void
on_deadline(int signo)
{
	static const char said[] = ": still running after 240 s\n";
	ssize_t n = 0;

	(void)signo;
	n += write(STDOUT_FILENO, "FAIL ", 5);
	n += write(STDOUT_FILENO, current, strlen(current));
	n += write(STDOUT_FILENO, said, sizeof(said) - 1);
	_exit(n > 0 ? 1 : 2);
}

int
test_run(const struct test *tests, size_t n)
{
	bool is_any_failed = false;

	/* Line by line, so that a crash loses nothing and forks repeat nothing.
	 */
	setvbuf(stdout, NULL, _IOLBF, 0);
	current = "start";
	signal(SIGALRM, on_deadline);
	alarm(DEADLINE);
	for (size_t i = 0; i < n; i++) {
		current = tests[i].name;
		is_failed = is_skipped = false;
		tests[i].run();
		if (!is_failed && !is_skipped)
			printf("ok %s\n", current);
		is_any_failed = is_any_failed || is_failed;
	}
	return is_any_failed;
}

void
test_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	printf("FAIL %s: %s:%d: ", current, file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	is_failed = true;
}

void
test_skip(const char *why)
{
	if (!is_skipped)
		printf("SKIP %s: %s\n", current, why);
	is_skipped = true;
}

unsigned
test_trials(unsigned all)
{
	const char *percent = getenv("OUTPOST_TRIALS");

	return percent ? all * (unsigned)atoi(percent) / 100 : all;
}

/* Control characters as escapes: a difference must be seen. */
static void
show(struct text *t, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n')
			text_add(t, "\\n");
		else if (c < 0x20 || c == 0x7f || c == '\\')
			text_printf(t, "\\x%02x", c);
		else
			text_char(t, (char)c);
	}
}

void
test_str(const char *file, int line, struct str got, struct str want)
{
	char a[4096], b[4096];
	struct text got_text, want_text;

	if (str_is(got, want))
		return;
	text_init(&got_text, a, sizeof(a));
	text_init(&want_text, b, sizeof(b));
	show(&got_text, got);
	show(&want_text, want);
	test_fail(file, line, "got \"%s\", want \"%s\"", a, b);
}

void
test_int(const char *file, int line, long long got, long long want)
{
	if (got != want)
		test_fail(file, line, "got %lld, want %lld", got, want);
}
