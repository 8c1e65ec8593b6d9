/* letter_due - who is written to, about which events */
#include "notify/letter.h"

static bool
is_stage_of(const struct event *e, enum letter_stage *out)
{
	switch (e->type) {
	case EVENT_SANCTION:
		*out = strcmp(e->rung, "held") == 0 ? LETTER_HELD
						    : LETTER_SUSPENDED;
		return true;
	case EVENT_LIFT:
		*out = LETTER_LIFTED;
		return true;
	case EVENT_EXPIRE:
		*out = LETTER_ENDED;
		return true;
	case EVENT_UNDONE:
		*out = LETTER_MISTAKE;
		return true;
	case EVENT_CASE_ANSWER:
		*out = LETTER_ANSWERED;
		return true;
	case EVENT_CASE_PASSWORD:
		*out = LETTER_PASSWORD;
		return true;
	case EVENT_CASE_REMINDER:
		*out = LETTER_REMINDER;
		return true;
	case EVENT_CASE_CLOSED:
		*out = LETTER_CLOSED;
		return true;
	case EVENT_CASE_DECISION:
		/* An approval is told by the lift that follows. */
		*out = LETTER_DENIED;
		return strcmp(e->rung, "denied") == 0;
	default:
		return false;
	}
}

static bool
is_written(const struct notify_settings *s, enum letter_stage stage)
{
	const char *name = letter_stage_text(stage);

	for (size_t i = 0; i < s->letter_stages.n; i++) {
		if (strcmp(s->letter_stages.v[i], name) == 0)
			return true;
	}
	return false;
}

bool
letter_is_of_forward(const struct event *e)
{
	return e->type == EVENT_WARNING && strcmp(e->kind, "account") == 0 &&
	       strcmp(e->rule, LETTER_FORWARD_RULE) == 0 &&
	       str_starts(str_from(e->subject), STR(LETTER_FORWARD_PREFIX));
}

bool
letter_is_due(const struct notify_settings *s, const struct event *e,
    enum letter_stage *out)
{
	bool is_stop = !case_is_event(e->type);

	if (e->type == EVENT_SENDER) {
		*out = strcmp(e->rung, "spf") == 0 ? LETTER_SPF : LETTER_SENDER;
		return !e->is_observed && is_written(s, *out);
	}
	if (letter_is_of_forward(e)) {
		*out = LETTER_FORWARD;
		return !e->is_observed && is_written(s, *out);
	}
	if (e->type == EVENT_DIGEST) {
		*out = strcmp(e->rule, LETTER_REPORT_RULE) == 0
			   ? LETTER_DESK_REPORT
			   : LETTER_DESK_DIGEST;
		return true;
	}
	if (e->type == EVENT_LISTED || e->type == EVENT_UNLISTED) {
		*out = LETTER_DESK_LISTED;
		return true;
	}
	if (e->type == EVENT_INCIDENT_OPENED ||
	    e->type == EVENT_INCIDENT_CLOSED) {
		*out = LETTER_DESK_INCIDENT;
		return true;
	}
	/* A few complaints are the desk's business. */
	if (!is_stop && strcmp(e->how, CASE_RULE_COMPLAINTS) == 0)
		return false;
	if (e->is_observed || strcmp(e->kind, "account") != 0 ||
	    !is_stage_of(e, out) || !is_written(s, *out))
		return false;
	if (is_stop && strcmp(e->rung, "suspended") != 0)
		return strcmp(e->rung, "held") == 0 &&
		       is_written(s, LETTER_HELD);
	return true;
}

bool
letter_is_address(struct str s)
{
	ptrdiff_t at = str_find_char(s, '@');

	if (at <= 0 || (size_t)at + 1 >= s.n || s.n > 254)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 127 || strchr("<>()[]\\,;:\"", c))
			return false;
		if (c == '@' && i != (size_t)at)
			return false;
	}
	return true;
}

/* The mailbox's part, without what a + adds to it; s keeps the domain. */
static struct str
cut_local(struct str *s)
{
	struct str local = *s, stem;

	str_cut(s, '@', &local);
	return str_cut(&local, '+', &stem) && stem.n > 0 ? stem : local;
}

bool
letter_is_same_mailbox(struct str a, struct str b)
{
	struct str one = cut_local(&a), other = cut_local(&b);

	return str_is_nocase(one, other) && str_is_nocase(a, b);
}
