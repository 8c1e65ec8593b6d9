/* local_config - `config list|show|diff`: the configurations that held so far
 */
#include <stdlib.h>

#include "config/generations.h"
#include "cli/local.h"
#include "daemon/report.h"
#include "config/trials.h"

enum { OUT_MAX = 16 * 1024 * 1024, LINES_MAX = 4000 };

struct lister {
	struct report *report;
	size_t n;
};

static void
list_one(void *ctx, const struct generation *g)
{
	struct lister *l = ctx;
	char buf[512];
	struct text names;

	l->n++;
	report_int(l->report, (int64_t)g->number);
	report_str(l->report, str_from(g->name));
	report_time(l->report, g->since);
	text_init(&names, buf, sizeof(buf));
	trials_print_names(g->text, &names);
	report_str(l->report, text_view(&names));
}

static enum exit_status
list(const struct settings *s, bool is_json)
{
	struct lister l = {report_new(is_json), 0};
	struct text t;

	report_column(l.report, "number", TABLE_RIGHT);
	report_column(l.report, "generation", TABLE_LEFT);
	report_column(l.report, "since", TABLE_LEFT);
	report_column(l.report, "trial", TABLE_LEFT);
	generations_each(s, list_one, &l);
	text_grow(&t, OUT_MAX);
	report_end(&l.report, 100, "none was kept yet", &t);
	enum exit_status status = local_print(text_view(&t));

	text_done(&t);
	return status;
}

/* By number, by name, "" the latest, "-" the one before it. */
struct finder {
	const char *wanted;
	char *found, *before;
};

static void
find_one(void *ctx, const struct generation *g)
{
	struct finder *f = ctx;
	bool is_latest = !*f->wanted || strcmp(f->wanted, "-") == 0;
	uint64_t number;

	if (!is_latest && strcmp(f->wanted, g->name) != 0 &&
	    !(str_to_u64(str_from(f->wanted), &number) && number == g->number))
		return;
	free(f->before);
	f->before = f->found;
	f->found = str_dup(g->text);
}

/* NULL: there is none. */
static char *
find(const struct settings *s, const char *wanted)
{
	struct finder f = {wanted, NULL, NULL};
	char *out;

	generations_each(s, find_one, &f);
	out = strcmp(wanted, "-") == 0 ? f.before : f.found;
	free(out == f.found ? f.before : f.found);
	return out;
}

struct lines {
	struct str v[LINES_MAX];
	size_t n;
};

static struct lines *
cut_lines(const char *text)
{
	struct lines *l = xalloc(1, sizeof(*l));
	struct str rest = str_from(text), line;

	while (l->n < LINES_MAX && str_cut(&rest, '\n', &line))
		l->v[l->n++] = line;
	return l;
}

/* The longest common subsequence of the lines, from the end. */
static uint16_t *
measure(const struct lines *a, const struct lines *b)
{
	size_t w = b->n + 1;
	uint16_t *m = xalloc((a->n + 1) * w, sizeof(*m));

	for (size_t i = a->n; i-- > 0;) {
		for (size_t k = b->n; k-- > 0;) {
			uint16_t down = m[(i + 1) * w + k];
			uint16_t right = m[i * w + k + 1];

			if (str_is(a->v[i], b->v[k]))
				m[i * w + k] =
				    (uint16_t)(m[(i + 1) * w + k + 1] + 1);
			else
				m[i * w + k] = down > right ? down : right;
		}
	}
	return m;
}

static void
put_line(struct text *out, const char *sign, struct str line)
{
	text_add(out, sign);
	text_printable(out, line);
	text_char(out, '\n');
}

static void
print_diff(const char *old, const char *new, struct text *out)
{
	struct lines *a = cut_lines(old), *b = cut_lines(new);
	uint16_t *m = measure(a, b);
	size_t i = 0, k = 0, w = b->n + 1;

	while (i < a->n || k < b->n) {
		if (i < a->n && k < b->n && str_is(a->v[i], b->v[k])) {
			i++;
			k++;
		} else if (i < a->n && (k == b->n || m[(i + 1) * w + k] >=
							 m[i * w + k + 1])) {
			put_line(out, "-", a->v[i++]);
		} else {
			put_line(out, "+", b->v[k++]);
		}
	}
	free(m);
	free(a);
	free(b);
}

static enum exit_status
show(const char *text, bool is_json)
{
	return local_print_text(str_from(text), is_json);
}

static enum exit_status
diff(const char *old, const char *new, bool is_json)
{
	struct text t;

	text_grow(&t, OUT_MAX);
	print_diff(old, new, &t);
	enum exit_status status = local_print_text(text_view(&t), is_json);

	text_done(&t);
	return status;
}

static enum exit_status
unknown(const char *wanted)
{
	return local_fail(EXIT_UNKNOWN,
	    "no such generation%s%s is kept (outpost config list)",
	    *wanted ? " as " : "", strcmp(wanted, "-") == 0 ? "" : wanted);
}

enum exit_status
local_config(const struct settings *s, const struct client_line *l)
{
	const char *verb = l->n_args > 0 ? l->args[0] : "list";
	bool is_show = strcmp(verb, "show") == 0;

	if (l->n_args <= 1 && strcmp(verb, "list") == 0)
		return list(s, l->is_json);
	if ((!is_show || l->n_args != 2) &&
	    (strcmp(verb, "diff") != 0 || l->n_args > 3))
		return local_fail(EXIT_USAGE, "usage: outpost config %s",
		    commands[COMMAND_ID_config].usage);
	const char *first = l->n_args > 1 ? l->args[1] : "-";
	const char *second = l->n_args > 2 ? l->args[2] : "";
	char *old = find(s, first);
	char *new = is_show ? NULL : find(s, second);
	enum exit_status status;

	if (!old || (!is_show && !new))
		status = unknown(old ? second : first);
	else
		status = is_show ? show(old, l->is_json)
				 : diff(old, new, l->is_json);
	free(old);
	free(new);
	return status;
}
