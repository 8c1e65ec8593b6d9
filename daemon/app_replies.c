/* app_replies - what receivers answer: counted by class, and samples of what no
 * rule is for, which the books keep
 */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/app_state.h"
#include "daemon/metrics.h"

/* "COUNT FIRST HOST" under the text. Not each time: a receiver that says it to
 * every message would fill the journal. */
static void
keep(struct app *a, const struct unmatched_sample *s)
{
	char value[UNMATCHED_HOST + 64];
	int n;

	if ((s->count & (s->count - 1)) != 0)
		return;
	n = snprintf(value, sizeof(value), "%" PRIu64 " %" PRId64 " %s",
	    s->count, s->first, s->host);
	kept_put(&a->unmatched_kept, str_from(s->text),
	    str_make(value, (size_t)n), s->last);
}

void
app_replies_said(
    void *ctx, const struct postfix_line *l, const struct reply *r, int64_t at)
{
	struct app *a = ctx;

	if (app_is_ours(&a->settings->mta, line_get(l, FIELD_RELAY_ADDRESS)))
		return;
	metric_add(
	    metrics_by(METRICS_REPLIES, str_from(reply_class_text(r->class))),
	    1);
	if (r->is_unmatched)
		keep(a,
		    unmatched_note(a->unmatched, line_get(l, FIELD_RELAY_NAME),
			line_get(l, FIELD_DSN), line_get(l, FIELD_TEXT), at));
}

static void
put(char *out, size_t size, struct str s)
{
	struct text t;

	text_init(&t, out, size);
	text_str(&t, s);
}

void
app_replies_restore(struct app *a)
{
	const struct kept_item *i = kept_newest(&a->unmatched_kept);

	for (; i; i = i->older) {
		struct unmatched_sample s = {.last = i->at};
		struct str rest = i->value, count, first;

		if (!str_cut(&rest, ' ', &count) ||
		    !str_cut(&rest, ' ', &first) ||
		    !str_to_u64(count, &s.count) ||
		    !str_to_i64(first, &s.first))
			continue;
		put(s.host, sizeof(s.host), rest);
		put(s.text, sizeof(s.text), i->key);
		unmatched_restore(a->unmatched, &s);
	}
}
