/* pages - rows that outpostd tells a page at a time */
#include "cli/pages.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "cli/export_blocked.h"
#include "daemon/report.h"

enum { PRINTED_MAX = 1 << 30, KEY_MAX = 8192 };

struct asking {
	pages_fn *each;
	void *ctx;
	struct map known; /* keys of the rows so far */
	char at[96];
	enum exit_status exit;
};

/* Of the cells that say what the row is about. */
static bool
is_new(struct asking *a, const struct json *row, size_t keys)
{
	char key[KEY_MAX];
	struct text t;

	text_init(&t, key, sizeof(key));
	for (size_t i = 0; i < keys; i++) {
		text_str(&t, json_text(json_at(row, i)));
		text_char(&t, '\n');
	}
	if (map_find(&a->known, text_view(&t)))
		return false;
	char *kept = str_dup(text_view(&t));

	map_put(&a->known, str_make(kept, t.n), kept);
	return true;
}

static void
tell_rows(struct asking *a, struct str out)
{
	struct json *doc = json_parse(out, NULL);
	const struct page page = {
	    json_get(doc, "columns"), json_text(json_get(doc, "empty"))};
	const struct json *rows = json_get(doc, "rows");
	size_t keys = (size_t)json_number(json_get(doc, "keys"), 1);

	/* The page is known to who tells rows, even without any. */
	a->each(a->ctx, &page, NULL);
	for (size_t i = 0; i < json_count(rows); i++) {
		if (is_new(a, json_at(rows, i), keys))
			a->each(a->ctx, &page, json_at(rows, i));
	}
	json_free(&doc);
}

/* One page; false: that was the last, or it failed. */
static bool
ask_page(struct asking *a, const struct client_line *l, const char *socket)
{
	struct client_line question = *l;
	struct error err;

	question.options[question.n_options].name = "page";
	question.options[question.n_options++].value = a->at;
	struct json *doc = client_ask(&question, socket, &err);

	if (!doc) {
		fprintf(stderr, "outpost: outpostd does not answer: %s\n",
		    err.text);
		a->exit = EXIT_UNREACHABLE;
		return false;
	}
	struct str last = json_text(json_get(doc, "last"));
	struct text t;

	a->exit =
	    (enum exit_status)json_number(json_get(doc, "exit"), EXIT_FAILED);
	if (a->exit == EXIT_OK)
		tell_rows(a, json_text(json_get(doc, "out")));
	else
		fprintf(stderr, "outpost: %.*s",
		    STR_ARG(json_text(json_get(doc, "err"))));
	text_init(&t, a->at, sizeof(a->at));
	text_str(&t, last);
	json_free(&doc);
	return a->exit == EXIT_OK && *a->at;
}

enum exit_status
pages_each(
    const struct client_line *l, const char *socket, pages_fn *each, void *ctx)
{
	struct asking a = {.each = each, .ctx = ctx};
	char *key;

	if (l->n_options == CLIENT_OPTIONS) {
		fprintf(stderr, "outpost: too many options\n");
		return EXIT_USAGE;
	}
	map_init(&a.known);
	while (ask_page(&a, l, socket))
		continue;
	for (size_t i = 0; (key = map_next(&a.known, &i));)
		free(key);
	map_done(&a.known);
	return a.exit;
}

struct printer {
	struct report *report;
	bool is_json;
	char empty[200];
};

static bool
is_cell(const struct page *page, size_t i, const char *what)
{
	return str_is(
	    json_text(json_at(json_at(page->columns, i), 1)), str_from(what));
}

/* The names of columns live as long as the report: they are kept here. */
static void
begin(struct printer *p, const struct page *page)
{
	static char names[16][64];
	struct text t;

	p->report = report_new(p->is_json);
	for (size_t i = 0; i < json_count(page->columns) && i < 16; i++) {
		text_init(&t, names[i], sizeof(names[i]));
		text_str(&t, json_text(json_at(json_at(page->columns, i), 0)));
		report_column(p->report, names[i],
		    is_cell(page, i, "count") ? TABLE_RIGHT : TABLE_LEFT);
	}
	text_init(&t, p->empty, sizeof(p->empty));
	text_str(&t, page->empty);
}

static void
print_row(void *ctx, const struct page *page, const struct json *row)
{
	struct printer *p = ctx;

	if (!p->report)
		begin(p, page);
	for (size_t i = 0; i < json_count(row) && i < 16; i++) {
		const struct json *cell = json_at(row, i);

		if (is_cell(page, i, "text"))
			report_str(p->report, json_text(cell));
		else if (is_cell(page, i, "time"))
			report_time(p->report, json_number(cell, 0));
		else
			report_int(p->report, json_number(cell, 0));
	}
}

bool
pages_are_asked(const struct client_line *l)
{
	return (l->command == COMMAND_ID_list &&
		   !client_option(l, "senders")) ||
	       export_blocked_is_asked(l);
}

enum exit_status
pages_run(const struct client_line *l, const char *socket)
{
	struct printer p = {.is_json = l->is_json};
	struct text out;

	if (export_blocked_is_asked(l))
		return export_blocked_run(l, socket);
	enum exit_status status = pages_each(l, socket, print_row, &p);

	if (!p.report)
		return status;
	text_grow(&out, PRINTED_MAX);
	report_end(&p.report, client_width(), p.empty, &out);
	if (status == EXIT_OK && out.is_cut) {
		fprintf(stderr, "outpost: the answer is too long; ask for "
				"less\n");
		status = EXIT_FAILED;
	}
	if (status == EXIT_OK)
		fwrite(out.p, 1, out.n, stdout);
	text_done(&out);
	return status;
}
