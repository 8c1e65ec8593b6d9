/* app_hooks_desk - `outpost hooks` */
#include "base/time.h"
#include "daemon/app_hooks_parts.h"
#include "daemon/report.h"

static size_t
waiting(const struct app_hooks *h, const struct hook_settings *s)
{
	size_t n = 0;

	for (const struct hook_job *j = h->first; j; j = j->next)
		n += app_hooks_find(h, j) == s;
	return n;
}

static void
print_on(const struct hook_settings *s, struct text *out)
{
	for (size_t i = 0; i < s->on.n; i++)
		text_printf(out, "%s%s", i ? ", " : "", s->on.v[i]);
}

void
app_hooks_list(
    void *app, const struct control_request *q, struct control_reply *r)
{
	struct app *a = app;
	struct report *rows = report_new(q->is_json);

	report_column(rows, "hook", TABLE_LEFT);
	report_column(rows, "on", TABLE_LEFT);
	report_column(rows, "where", TABLE_LEFT);
	report_column(rows, "done", TABLE_RIGHT);
	report_column(rows, "failed", TABLE_RIGHT);
	report_column(rows, "given_up", TABLE_RIGHT);
	report_column(rows, "waiting", TABLE_RIGHT);
	report_column(rows, "failing_since", TABLE_LEFT);
	report_column(rows, "last_failure", TABLE_LEFT);
	for (size_t i = 0; a->hooks && i < a->settings->n_hooks; i++) {
		const struct hook_settings *s = &a->settings->hooks[i];
		const struct hook_tally *t = app_hooks_tally(a->hooks, s->name);
		char on[64];
		struct text w;

		text_init(&w, on, sizeof(on));
		print_on(s, &w);
		report_str(rows, str_from(s->name));
		report_str(rows, text_view(&w));
		report_str(rows, str_from(s->where));
		report_int(rows, (int64_t)t->done);
		report_int(rows, (int64_t)t->failed);
		report_int(rows, (int64_t)t->given_up);
		report_int(rows, (int64_t)waiting(a->hooks, s));
		report_time(rows, t->failing_since);
		report_str(rows, str_from(*t->why ? t->why : "-"));
	}
	report_end(&rows, q->width,
	    "there are no hooks (see hooks in outpost.conf)", &r->out);
}
