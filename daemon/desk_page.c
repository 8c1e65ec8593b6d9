/* desk_page - rows in an answer, a page at a time */
#include "daemon/desk_page.h"

#include <stdio.h>

bool
desk_page_take(struct desk *d, const struct control_request *q, struct str *at,
    struct control_reply *r)
{
	struct str born;
	int64_t v;

	*at = control_option(q, "page");
	if (!control_has(q, "page"))
		return control_fail(r, EXIT_FAILED,
		    "this outpost command is of another version than outpostd; "
		    "it answers by pages");
	if (at->n == 0)
		return true;
	if (str_cut(at, ' ', &born) && str_to_i64(born, &v) && v == d->born)
		return true;
	return control_fail(
	    r, EXIT_FAILED, "outpostd has begun anew meanwhile; ask again");
}

void
desk_page_open(struct desk_page *p, const char *empty, size_t keys,
    struct control_reply *r)
{
	*p = (struct desk_page){.reply = r};
	json_out_init(&p->j, &r->out);
	json_open(&p->j, NULL);
	json_str(&p->j, "empty", str_from(empty));
	json_i64(&p->j, "keys", (int64_t)keys);
	json_open_array(&p->j, "columns");
}

void
desk_page_column(struct desk_page *p, const char *name, enum desk_cell cell)
{
	static const char *const cells[] = {"text", "count", "time"};

	json_open_array(&p->j, NULL);
	json_str(&p->j, NULL, str_from(name));
	json_str(&p->j, NULL, str_from(cells[cell]));
	json_close_array(&p->j);
	p->n_columns++;
}

static void
open_rows(struct desk_page *p)
{
	if (p->has_rows)
		return;
	json_close_array(&p->j);
	json_open_array(&p->j, "rows");
	p->has_rows = true;
}

static void
begin_cell(struct desk_page *p)
{
	open_rows(p);
	if (p->at++ == 0)
		json_open_array(&p->j, NULL);
}

static void
end_cell(struct desk_page *p)
{
	if (p->at < p->n_columns)
		return;
	json_close_array(&p->j);
	p->at = 0;
}

void
desk_page_text(struct desk_page *p, struct str v)
{
	begin_cell(p);
	json_str(&p->j, NULL, v);
	end_cell(p);
}

void
desk_page_i64(struct desk_page *p, int64_t v)
{
	begin_cell(p);
	json_i64(&p->j, NULL, v);
	end_cell(p);
}

void
desk_page_close(struct desk_page *p, struct desk *d, struct str next)
{
	struct text t;

	open_rows(p);
	json_close_array(&p->j);
	json_close(&p->j);
	text_char(&p->reply->out, '\n');
	if (next.n == 0)
		return;
	text_init(&t, p->reply->last, sizeof(p->reply->last));
	text_printf(&t, "%lld ", (long long)d->born);
	text_str(&t, next);
}

void
desk_page_close_at(struct desk_page *p, struct desk *d, size_t left)
{
	char next[32];

	snprintf(next, sizeof(next), "%zu", left);
	desk_page_close(p, d, left > 0 ? str_from(next) : STR(""));
}

bool
desk_page_walk(struct desk *d, struct str at, struct standings_walk *w)
{
	uint64_t left;

	standings_walk_begin(pipeline_standings(d->pipeline), w);
	if (at.n == 0)
		return true;
	if (!str_to_u64(at, &left))
		return false;
	w->left = left < w->left ? (size_t)left : w->left;
	return true;
}
