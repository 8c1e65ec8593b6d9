/* report - rows for a person or a program */
#include "daemon/report.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"

enum { COLUMNS = 16, JSON_MAX = 64 * 1024 * 1024 };

struct report {
	struct table *table; /* NULL for a program */
	struct text text;
	struct json_out json;
	const char *names[COLUMNS];
	size_t n_names, at;
};

struct report *
report_new(bool is_json)
{
	struct report *r = xalloc(1, sizeof(*r));

	if (!is_json) {
		r->table = table_new();
		return r;
	}
	text_grow(&r->text, JSON_MAX);
	json_out_init(&r->json, &r->text);
	json_open_array(&r->json, NULL);
	return r;
}

void
report_end(
    struct report **rp, int64_t width, const char *empty, struct text *out)
{
	struct report *r = *rp;

	*rp = NULL;
	if (!r->table) {
		json_close_array(&r->json);
		text_str(out, text_view(&r->text));
		text_char(out, '\n');
		out->is_cut |= r->text.is_cut;
		text_done(&r->text);
	} else if (table_count(r->table) == 0) {
		text_printf(out, "%s\n", empty);
	} else {
		table_print(r->table, out, width > 0 ? (size_t)width : 0);
	}
	table_free(&r->table);
	free(r);
}

void
report_column(struct report *r, const char *name, enum table_align align)
{
	if (r->n_names < COLUMNS)
		r->names[r->n_names++] = name;
	if (r->table)
		table_column(r->table, name, align);
}

/* The member's name for the next value; opens the row's object. */
static const char *
next(struct report *r)
{
	if (r->at == 0)
		json_open(&r->json, NULL);
	return r->names[r->at++];
}

static void
end_cell(struct report *r)
{
	if (r->at < r->n_names)
		return;
	json_close(&r->json);
	r->at = 0;
}

void
report_str(struct report *r, struct str v)
{
	if (r->table) {
		table_cell(r->table, v);
		return;
	}
	json_str(&r->json, next(r), v);
	end_cell(r);
}

void
report_int(struct report *r, int64_t v)
{
	if (r->table) {
		table_cell_i64(r->table, v);
		return;
	}
	json_i64(&r->json, next(r), v);
	end_cell(r);
}

void
report_none(struct report *r)
{
	if (r->table) {
		table_cell(r->table, STR("-"));
		return;
	}
	json_nil(&r->json, next(r));
	end_cell(r);
}

void
report_time(struct report *r, int64_t at)
{
	char buf[64];
	struct text t;

	if (!r->table) {
		const char *name = next(r);

		if (at == 0)
			json_nil(&r->json, name);
		else
			json_time(&r->json, name, at);
		end_cell(r);
		return;
	}
	text_init(&t, buf, sizeof(buf));
	if (at == 0)
		text_add(&t, "-");
	else if (at == TIME_NEVER)
		text_add(&t, "never");
	else
		time_local_text(&t, at);
	table_cell(r->table, text_view(&t));
}

void
report_bool(struct report *r, bool v)
{
	if (r->table) {
		table_cell(r->table, v ? STR("yes") : STR("no"));
		return;
	}
	json_bool(&r->json, next(r), v);
	end_cell(r);
}
