/* arf - message/feedback-report (RFC 5965, 6591, 6692) and what is sent as it
 */
#include "fbl/original.h"
#include "fbl/prose.h"
#include "fbl/reading.h"

/* "message/rfc822", "text/rfc822-headers", "text/rfc822-header" ... */
static bool
is_original(struct str type)
{
	return str_starts(type, STR("message/rfc822")) ||
	       str_starts(type, STR("text/rfc822")) ||
	       str_starts(type, STR("message/global"));
}

/* The report's part; also one that is called text/plain. */
static const struct mime_part *
find_part(const struct reading *g)
{
	const struct mime_part *part =
	    reading_find(g, STR("message/feedback-report"), 0);

	if (part ||
	    !str_is_nocase(g->mime->report_type, STR("feedback-report")))
		return part;
	for (size_t i = 0; i < g->mime->n; i++) {
		struct str body = g->mime->v[i].body;
		struct headers h;

		if (!str_starts(g->mime->v[i].type, STR("text/")) ||
		    is_original(g->mime->v[i].type))
			continue;
		header_read(&body, g->a, &h);
		if (header_get(&h, STR("Feedback-Type")).p)
			return &g->mime->v[i];
	}
	return NULL;
}

/* The message's own part, or a text behind the report's that is a header. */
static void
take_original(struct reading *g, const struct mime_part *part)
{
	size_t next = part ? (size_t)(part - g->mime->v) + 1 : g->mime->n;

	for (size_t i = 0; i < g->mime->n; i++) {
		if (!is_original(g->mime->v[i].type))
			continue;
		original_take(g->r, g->a, g->mime->v[i].body);
		return;
	}
	for (; next < g->mime->n; next++) {
		struct str body = g->mime->v[next].body;
		struct headers h;

		header_read_message(&body, g->a, &h);
		if (h.n < 3)
			continue;
		g->r->original = h;
		original_derive(g->r, g->a);
		return;
	}
}

/* What a report without Feedback-Type says by its other fields. */
static void
derive_type(struct reading *g, struct str text)
{
	struct fbl_report *r = g->r;
	struct str word = STR("abuse");

	if (r->read.v[FBL_FEEDBACK_TYPE].n > 0)
		return;
	if (r->read.v[FBL_AUTH_FAILURE].n > 0 ||
	    str_find_nocase(text, STR("authentication failure")) >= 0)
		word = STR("auth-failure");
	else if (str_find_nocase(text, STR("opt-out report")) >= 0)
		word = STR("opt-out");
	fields_add(&r->derived, g->a, FBL_FEEDBACK_TYPE, word);
}

enum taken
arf_take(struct reading *g)
{
	const struct mime_part *part = find_part(g), *text;
	struct str body, words = STR("");

	if (!part &&
	    !str_is_nocase(g->mime->report_type, STR("feedback-report")))
		return TAKEN_NOT;
	if (part) {
		body = part->body;
		header_read(&body, g->a, &g->r->part);
		if (str_starts(header_get(&g->r->part, STR("Feedback-Type")),
			STR("xarf")))
			return TAKEN_NOT;
		fields_take(&g->r->read, g->a, &g->r->part);
	}
	take_original(g, part);
	if (g->r->part.n == 0 && !g->r->has_original) {
		error_set(g->err, "a feedback report without a readable part");
		return TAKEN_BROKEN;
	}
	text = reading_find(g, STR("text/plain"), 0);
	if (text && text != part)
		words = text->body;
	prose_derive(g->r, g->a, words);
	derive_type(g, words);
	g->r->format = FBL_FORMAT_ARF;
	return TAKEN;
}
