/* app_cases_told - a case is told to nodes that may not know it */
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_cases.h"
#include "daemon/app_state.h"

enum { OVER_FOR = 30 * 86400 }; /* as `outpost report` looks back */

static const uint64_t SEQ = UINT64_C(1) << 62;

struct telling {
	const struct case_head *head;
	app_cases_emit_fn *emit;
	void *ctx;
	bool is_over;
	struct event told;
};

/* What the fold of a case reads of its reasons, when all of it has no room. */
static void
shorten(struct event *e)
{
	struct json *doc = json_parse(str_from(e->evidence), NULL);
	struct json_out j;
	struct text t;

	text_init(&t, e->evidence, sizeof(e->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_i64(&j, "score", json_number(json_get(doc, "score"), 0));
	json_i64(&j, "repeats", json_number(json_get(doc, "repeats"), 0));
	if (json_get(doc, "began"))
		json_str(&j, "began", json_text(json_get(doc, "began")));
	json_close(&j);
	json_free(&doc);
}

static bool
put_inside(struct telling *t, const struct event *e)
{
	struct text out;

	text_init(&out, t->told.evidence, sizeof(t->told.evidence));
	event_print(e, &out);
	return !out.is_cut;
}

static void
wrap(struct telling *t, const struct event *e)
{
	static struct event small;

	case_event_begin(t->head, EVENT_CASE_TOLD, STR("outpost"), &t->told);
	t->told.at_us = e->at_us;
	t->told.seq = e->seq | SEQ; /* another event than what is inside */
	memcpy(t->told.node, e->node, sizeof(t->told.node));
	t->told.is_again = true;
	if (!put_inside(t, e)) {
		small = *e;
		shorten(&small);
		if (!put_inside(t, &small))
			return;
	}
	/* Couriers know events by their causes: with that of what is inside,
	 * this would pass for it, and who waits for it would never be told. */
	standings_own_cause(&t->told, t->told.cause);
	t->emit(t->ctx, &t->told);
}

static void
tell(void *ctx, const struct event *e)
{
	struct telling *t = ctx;
	static struct event again;

	if (!case_is_event(e->type)) {
		wrap(t, e);
		return;
	}
	if (t->is_over && e->type == EVENT_CASE_FILED &&
	    strcmp(e->rule, "counts") != 0)
		return;
	again = *e;
	again.is_again = true;
	t->emit(t->ctx, &again);
}

void
app_cases_tell(struct app_cases *c, const struct case_head *head,
    app_cases_emit_fn *emit, void *ctx)
{
	static struct telling t;
	struct cases *store = app_cases_store(c);
	struct error err;

	t.head = head;
	t.emit = emit;
	t.ctx = ctx;
	t.is_over = !case_is_in_force(head) && !case_is_pending(head);
	if (t.is_over && time_now_us() / TIME_US - head->last > OVER_FOR)
		return;
	if (cases_each(store, head, tell, &t, &err) < 0)
		log_error(
		    "case %s can't be told again: %s", head->id, err.text);
}

bool
app_cases_told(const struct event *told, struct event *out)
{
	return event_parse(str_from(told->evidence), out, NULL) &&
	       !case_is_event(out->type) &&
	       strcmp(out->subject, told->subject) == 0 &&
	       strcmp(out->kind, told->kind) == 0;
}
