/* replies - how many replies of receivers a second are read by the shipped
 * rules
 *
 * usage: replies N
 *
 * N of each kind, in processor time of one core: the rules' own examples as a
 * log has them, with words that make each another one ("new"), and as most
 * are, the same again ("again"). Prints "rules R new N/s again N/s read_ms M".
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "config/providers_file.h"

enum { TEXTS = 1000 };

static double
clock_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

struct bench {
	struct providers *providers;
	struct replies *replies;
	const char *examples[TEXTS];
	size_t n_examples, matched;
};

static double
rate(struct bench *b, size_t n, bool is_new)
{
	double began = clock_s();
	char text[2048];
	struct reply r;

	for (size_t i = 0; i < n; i++) {
		int len = snprintf(text, sizeof(text),
		    "host mx.b.example[192.0.2.1] said: %s %s%zu (in reply to "
		    "RCPT TO command)",
		    b->examples[i % b->n_examples], is_new ? "q" : "",
		    is_new ? i : 0);

		replies_read(b->replies, b->providers, STR(""), STR("5.0.0"),
		    str_make(text, (size_t)len), &r);
		b->matched += r.rule != NULL;
	}
	return (double)n / (clock_s() - began);
}

int
main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	static struct bench b;
	struct replies_rule rule;
	struct error err;
	double began = clock_s();

	if (providers_file_read("/dev/null", &b.providers, &b.replies, &err) <
	    0)
		fatal("%s", err.text);
	double read_ms = 1e3 * (clock_s() - began);

	while (
	    b.n_examples < TEXTS && replies_at(b.replies, b.n_examples, &rule))
		b.examples[b.n_examples++] = rule.example;
	double fresh = rate(&b, n, true), again = rate(&b, n, false);

	printf("rules %zu new %.0f again %.0f read_ms %.1f matched %.3f\n",
	    b.n_examples, fresh, again, read_ms,
	    (double)b.matched / (double)(2 * n));
	replies_free(&b.replies);
	providers_free(&b.providers);
	return 0;
}
