/* Lines of a log: the input is a log, its lines go through one clock. */
#include <stdlib.h>

#include "mta/explain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every field is a view into the line. */
static void
check_views(const struct logline *in, const struct postfix_line *l)
{
	const char *p = in->text.p, *e = p + in->text.n;

	for (int f = 0; f < LINE_FIELDS; f++) {
		struct str v = line_get(l, (enum line_field)f);

		if (v.n > 0 && (v.p < p || v.p > e || v.n > (size_t)(e - v.p)))
			abort();
	}
}

static void
read_line(struct logline_clock *clock, struct str line)
{
	struct logline in;
	struct postfix_line l;

	if (!logline_parse(clock, line, &in))
		return;
	postfix_parse(&in, &l);
	if (l.kind >= LINE_KINDS || l.status >= LINE_STATUSES || !l.repeats)
		abort();
	check_views(&in, &l);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_make((const char *)data, size), line;
	struct logline_clock clock, again;
	struct text t;

	logline_clock_init(&clock, 1796100000);
	again = clock;
	text_grow(&t, 1 << 20);
	while (rest.n > 0) {
		if (!str_cut(&rest, '\n', &line)) {
			line = rest;
			rest.n = 0;
		}
		/* Its own bytes, so that reading behind them is seen. */
		char *copy = malloc(line.n + (line.n == 0));

		if (!copy)
			abort();
		memcpy(copy, line.p, line.n);
		read_line(&clock, str_make(copy, line.n));
		text_clear(&t);
		explain_line(&t, &again, str_make(copy, line.n));
		free(copy);
	}
	text_done(&t);
	return 0;
}
