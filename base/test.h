/* test - what a unit test needs: assertions that say where, and a count
 *
 * A test program is a list of functions run by test_run; each prints
 * "ok NAME" or "FAIL NAME: file:line: what". TEST_SKIP says aloud why.
 */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include "base/str.h"

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(f)       \
	{             \
#f, f \
	}

/* Runs all; returns main's exit status (1 when one failed). */
int test_run(const struct test *tests, size_t n);

void test_fail(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void test_skip(const char *why);
void test_str(const char *file, int line, struct str got, struct str want);
void test_int(const char *file, int line, long long got, long long want);

/* How many of so many random trials to make: all, or the hundredth part of them
 * that OUTPOST_TRIALS says, times that. */
unsigned test_trials(unsigned all);

#define TEST_SKIP(why) test_skip(why)
#define CHECK(cond)       \
	((cond) ? (void)0 \
		: test_fail(__FILE__, __LINE__, "not true: %s", #cond))
#define CHECK_STR(got, want) test_str(__FILE__, __LINE__, got, want)
#define CHECK_INT(got, want) \
	test_int(__FILE__, __LINE__, (long long)(got), (long long)(want))
#define TESTS(...)                                                  \
	int main(void)                                              \
	{                                                           \
		static const struct test all[] = {__VA_ARGS__};     \
		return test_run(all, sizeof(all) / sizeof(all[0])); \
	}

#endif
