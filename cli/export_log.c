/* export_log - the log's lines of a case */
#include <stdlib.h>

#include "base/time.h"
#include "cli/export_case.h"
#include "cli/trace.h"

enum {
	MINUTE = 60,
	AFTER = 10 * MINUTE,
	BEFORE_LEAST = 3600,
	BEFORE_MOST = 86400,
	LINES_TOLD = 2000,
};

struct log_line {
	int64_t at_us;
	uint64_t order;
	struct str text; /* its own copy */
};

struct log_lines {
	int64_t from, to;
	struct log_line *v;
	size_t n, cap, messages;
};

/* As far back as the judge looked. */
static int64_t
look_back(const struct json *event)
{
	const struct json *reasons =
	    json_get(json_get(event, "evidence"), "reasons");
	int64_t longest = BEFORE_LEAST;

	for (size_t i = 0; i < json_count(reasons); i++) {
		int64_t window =
		    json_number(json_get(json_at(reasons, i), "window"), 0);

		longest = window > longest ? window : longest;
	}
	return longest < BEFORE_MOST ? longest : BEFORE_MOST;
}

static void
take_story(void *ctx, const struct story *s)
{
	struct log_lines *l = ctx;
	size_t before = l->n;

	for (size_t i = 0; i < s->n_lines; i++) {
		const struct story_line *line = s->lines[i];
		int64_t at = line->line.at_us / TIME_US;

		if (at < l->from || at > l->to)
			continue;
		if (l->n == l->cap) {
			l->cap = l->cap ? 2 * l->cap : 1024;
			l->v = xrealloc(l->v, l->cap, sizeof(*l->v));
		}
		l->v[l->n++] = (struct log_line){line->line.at_us, line->order,
		    str_make(str_dup(line->whole), line->whole.n)};
	}
	l->messages += l->n > before;
}

static int
compare(const void *a, const void *b)
{
	const struct log_line *x = a, *y = b;

	if (x->at_us != y->at_us)
		return x->at_us < y->at_us ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void
put_lines(struct export_case *c, struct log_lines *l)
{
	struct json_out *j = &c->j;
	size_t left = l->n > LINES_TOLD ? l->n - LINES_TOLD : 0;

	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), compare);
	json_time(j, "from", l->from);
	json_time(j, "to", l->to);
	json_i64(j, "messages", (int64_t)l->messages);
	json_i64(j, "lines_found", (int64_t)l->n);
	json_i64(j, "lines_left_out", (int64_t)left);
	json_open_array(j, "lines");
	for (size_t i = left; i < l->n; i++)
		export_str(c, NULL, l->v[i].text);
	json_close_array(j);
}

static void
free_lines(struct log_lines *l)
{
	for (size_t i = 0; i < l->n; i++) {
		char *copy = NULL;

		memcpy(&copy, &l->v[i].text.p, sizeof(copy));
		free(copy);
	}
	free(l->v);
}

void
export_log(struct export_case *c)
{
	int64_t back = look_back(c->event);
	const struct trace_about about = {.account = c->account,
	    .at = c->at,
	    .within = back > AFTER ? back : AFTER};
	struct log_lines l = {.from = c->at - back, .to = c->at + AFTER};
	struct error err;

	json_open(&c->j, "log");
	if (c->account.n == 0)
		json_str(&c->j, "trouble",
		    STR("lines are gathered for accounts only"));
	else if (trace_account(c->settings, &about, take_story, &l, &err) < 0)
		json_str(&c->j, "trouble", str_from(err.text));
	else
		put_lines(c, &l);
	json_close(&c->j);
	free_lines(&l);
}
