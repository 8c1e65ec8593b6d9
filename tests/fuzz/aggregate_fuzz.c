/* aggregate_fuzz - any file as daily counts, and any line as a row of them
 *
 * What is read can be written and read again; nothing is given out of a file
 * that has an error.
 */
#include <stdlib.h>

#include "fbl/aggregate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
on_row(void *ctx, const struct aggregate *a)
{
	char row[AGGREGATE_ROW];
	struct aggregate again;
	size_t *rows = ctx;
	struct text t;

	++*rows;
	text_init(&t, row, sizeof(row));
	aggregate_print(a, &t);
	if (t.is_cut || !aggregate_parse(text_view(&t), &again) ||
	    aggregate_key(text_view(&t)).n >= t.n)
		abort();
}

static void
take_file(struct str file, const char *format)
{
	struct error err;
	size_t rows = 0;

	if (aggregate_read(file, format, on_row, &rows, &err) < 0 && rows > 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str file = str_make((const char *)data, n);
	struct aggregate a;
	size_t rows = 0;

	take_file(file, NULL);
	take_file(file, "snds");
	take_file(file, "signal-spam");
	if (aggregate_parse(file, &a))
		on_row(&rows, &a);
	return 0;
}
