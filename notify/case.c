/* case - the file of a suspension: what is known of it, as a fold */
#include "notify/case.h"

#include "base/json.h"
#include "base/time.h"

enum { DAY = 86400 };

static struct case_stamp
stamp_of(const struct event *e)
{
	uint64_t tie = 0xcbf29ce484222325u;

	for (const char *p = e->node; *p; p++)
		tie = (tie ^ (unsigned char)*p) * 0x100000001b3u;
	return (struct case_stamp){e->at_us, tie ^ e->seq};
}

static bool
is_before(struct case_stamp a, struct case_stamp b)
{
	return a.at_us != b.at_us ? a.at_us < b.at_us : a.tie < b.tie;
}

/* The later one holds. */
static bool
take_later(struct case_stamp *have, const struct event *e)
{
	struct case_stamp stamp = stamp_of(e);

	if (!is_before(*have, stamp))
		return false;
	*have = stamp;
	return true;
}

static void
put(char *field, size_t size, const char *text)
{
	struct text t;

	text_init(&t, field, size);
	text_add(&t, text);
}

#define PUT(field, text) put(field, sizeof(field), text)

static bool
is_rung(const struct event *e, const char *rung)
{
	return strcmp(e->rung, rung) == 0;
}

static int64_t
time_in(const struct json *object, const char *name)
{
	int64_t us;

	return time_parse_rfc3339(json_text(json_get(object, name)), &us)
		   ? us / TIME_US
		   : 0;
}

static void
open_case(struct case_head *c, const struct event *e)
{
	struct case_stamp stamp = stamp_of(e);
	struct json *doc;

	if (c->is_opened && !is_before(stamp, c->opened))
		return; /* another node's, later */
	c->is_opened = true;
	c->opened = stamp;
	c->since = e->at_us / TIME_US;
	c->until = e->until;
	c->mark = e->mark;
	c->is_operator = e->is_operator;
	c->is_braked = strcmp(e->how, "braked") == 0;
	PUT(c->rung, e->rung);
	PUT(c->rule, e->rule);
	PUT(c->class, e->class);
	PUT(c->config, e->config);
	PUT(c->by, e->by);
	doc = *e->evidence ? json_parse(str_from(e->evidence), NULL) : NULL;
	c->score = json_number(json_get(doc, "score"), 0);
	c->repeats = json_number(json_get(doc, "repeats"), 0);
	c->began = time_in(doc, "began");
	json_free(&doc);
}

/* The first end is the one; of complaints the first since they were heard of
 * last. */
static bool
end_case(struct case_head *c, const struct event *e, enum case_end how,
    const char *next)
{
	struct case_stamp stamp = stamp_of(e);

	if (!c->is_opened ||
	    is_before(stamp, c->is_complaints ? c->stirred : c->opened))
		return false;
	if (c->end != CASE_GOES_ON && !is_before(stamp, c->ended))
		return false;
	c->end = how;
	c->ended = stamp;
	PUT(c->next, next);
	return true;
}

static bool
is_throttle(const struct event *e)
{
	return e->type == EVENT_SANCTION;
}

/* That an account is throttled comes again and again. What is new: that it is,
 * once a day, and after the case was thought to be over. */
static bool
is_stirred(const struct case_head *c, const struct event *e)
{
	struct case_stamp stamp = stamp_of(e);
	bool is_over = c->end != CASE_GOES_ON && !is_before(stamp, c->ended);

	return !c->is_opened || is_before(stamp, c->opened) || is_over ||
	       (is_throttle(e) && strcmp(c->rung, "warned") == 0) ||
	       stamp.at_us / TIME_US / DAY > c->stirred.at_us / TIME_US / DAY;
}

static bool
fold_complaints(struct case_head *c, const struct event *e)
{
	bool is_throttled = is_throttle(e) || strcmp(c->rung, "throttled") == 0;

	if (!is_stirred(c, e))
		return false;
	open_case(c, e);
	c->is_complaints = true;
	c->until = TIME_NEVER;
	c->mark = 0;
	PUT(c->rung, is_throttled ? "throttled" : "warned");
	take_later(&c->stirred, e);
	if (c->end != CASE_GOES_ON && !is_before(c->stirred, c->ended)) {
		c->end = CASE_GOES_ON;
		c->ended = (struct case_stamp){0};
		*c->next = '\0';
	}
	return true;
}

/* An operator's ends what was before; an automatic one only a milder one. */
static bool
replaces(const struct case_head *c, const struct event *e)
{
	char cause[33];

	if (e->is_observed)
		return false;
	if (e->is_operator || c->is_complaints)
		return e->is_operator || case_is_opened_by(e, cause);
	return !c->is_operator && is_rung(e, "suspended") &&
	       strcmp(c->rung, "suspended") != 0;
}

enum { OVERTURN_WITHIN = 30 * 86400 };

static bool
fold_lift(struct case_head *c, const struct event *e)
{
	bool is_end = !e->is_observed && end_case(c, e, CASE_END_LIFTED, "");
	int64_t at = e->at_us / TIME_US;

	if (!e->is_innocent || !c->is_opened || at < c->since ||
	    at > c->since + OVERTURN_WITHIN)
		return is_end;
	c->is_overturned = true;
	return true;
}

static const char *
next_of(const struct event *e, char next[33])
{
	return case_is_opened_by(e, next) ? next : e->cause;
}

static bool
fold_end(struct case_head *c, const struct event *e)
{
	char next[33];

	switch (e->type) {
	case EVENT_LIFT:
		return fold_lift(c, e);
	case EVENT_SANCTION:
	case EVENT_WARNING:
		return replaces(c, e) &&
		       end_case(c, e, CASE_END_REPLACED, next_of(e, next));
	case EVENT_UNDONE:
		if (!c->is_opened || strcmp(e->after, c->cause) != 0)
			return false;
		c->is_overturned = true;
		end_case(c, e, CASE_END_UNDONE, "");
		return true;
	case EVENT_EXPIRE:
		return is_rung(e, c->rung) && !e->is_observed &&
		       strcmp(e->rule, c->rule) == 0 && e->mark == c->mark &&
		       e->is_operator == c->is_operator && !c->is_complaints &&
		       end_case(c, e, CASE_END_EXPIRED, "");
	default:
		return false;
	}
}

static bool
is_in_evidence(const struct event *e)
{
	struct json *doc = json_parse(str_from(e->evidence), NULL);
	bool is_in = json_is_true(json_get(doc, "in_evidence"));

	json_free(&doc);
	return is_in;
}

static bool
fold_answer(struct case_head *c, const struct event *e)
{
	enum case_answer answer;

	if (c->answers == CASE_ANSWERS ||
	    !case_answer_parse(str_from(e->rung), &answer))
		return false;
	c->answers++;
	c->is_answer_in_evidence |= is_in_evidence(e);
	if (take_later(&c->answered, e))
		c->answer = answer;
	return true;
}

static void
fold_decision(struct case_head *c, const struct event *e)
{
	if (!take_later(&c->decided, e))
		return;
	c->is_approved = is_rung(e, "approved");
	PUT(c->decided_by, e->by);
}

/* How many left before it was stopped. */
static void
fold_piece(struct case_head *c, const struct event *e)
{
	if (strcmp(e->rule, "counts") != 0)
		return;
	struct json *doc = json_parse(str_from(e->evidence), NULL);
	int64_t n = json_number(json_get(doc, "leaked"), 0);

	if (n > c->recipients)
		c->recipients = n;
	json_free(&doc);
}

static void
take_last(int64_t *have, const struct event *e)
{
	int64_t at = e->at_us / TIME_US;

	if (at > *have)
		*have = at;
}

static bool
fold_own(struct case_head *c, const struct event *e)
{
	switch (e->type) {
	case EVENT_CASE_FILED:
		fold_piece(c, e);
		break;
	case EVENT_CASE_ANSWER:
		return fold_answer(c, e);
	case EVENT_CASE_PASSWORD:
		if (take_later(&c->password, e))
			c->is_password_in_evidence = is_in_evidence(e);
		break;
	case EVENT_CASE_DECISION:
		fold_decision(c, e);
		break;
	case EVENT_CASE_ASSIGNED:
		if (take_later(&c->assigned, e))
			PUT(c->assignee, e->rule);
		break;
	case EVENT_CASE_REMINDER:
		take_last(&c->reminded, e);
		break;
	case EVENT_CASE_CLOSED:
		if (c->is_complaints)
			return end_case(c, e, CASE_END_EXPIRED, "");
		take_last(&c->closed, e);
		break;
	case EVENT_CASE_REVOKED:
		if (e->mark > c->link_generation && e->mark <= UINT32_MAX)
			c->link_generation = (uint32_t)e->mark;
		break;
	case EVENT_CASE_KEPT:
		if (take_later(&c->kept_set, e))
			c->is_kept = is_rung(e, "kept");
		break;
	default:
		break;
	}
	return true;
}

static enum case_state
waiting_state(const struct case_head *c)
{
	if (c->answer == CASE_ME || c->answer == CASE_HUMAN ||
	    c->password.at_us > 0 || c->is_complaints)
		return CASE_REVIEW;
	return c->answer == CASE_NOT_ME ? CASE_PASSWORD : CASE_OPEN;
}

static enum case_state
state_of(const struct case_head *c)
{
	bool is_asked_again =
	    c->is_approved
		? c->is_complaints && is_before(c->decided, c->stirred)
		: is_before(c->decided, c->answered);
	bool is_over = c->end != CASE_GOES_ON;

	if (c->decided.at_us > 0 && (is_over || !is_asked_again))
		return c->is_approved ? CASE_APPROVED : CASE_DENIED;
	if (is_over)
		return CASE_ENDED;
	if (c->closed > 0 && c->closed >= c->answered.at_us / TIME_US &&
	    c->closed >= c->password.at_us / TIME_US)
		return CASE_CLOSED;
	return waiting_state(c);
}

static bool
fold_any(struct case_head *c, const struct event *e)
{
	char cause[33];

	if (case_is_event(e->type)) {
		if (strcmp(e->file, c->cause) != 0)
			return false;
		return fold_own(c, e);
	}
	if (strcmp(e->kind, "account") != 0 ||
	    strcmp(e->subject, c->account) != 0)
		return false;
	if (!case_is_opened_by(e, cause) || strcmp(cause, c->cause) != 0)
		return fold_end(c, e);
	if (case_is_of_complaints(e))
		return fold_complaints(c, e);
	open_case(c, e);
	return true;
}

bool
case_fold(struct case_head *c, const struct event *e)
{
	int64_t at = e->at_us / TIME_US;

	if (!*c->cause) {
		char cause[33];

		if (case_is_event(e->type))
			memcpy(cause, e->file, sizeof(cause));
		else if (!case_is_opened_by(e, cause))
			return false;
		PUT(c->cause, cause);
		PUT(c->account, e->subject);
		case_id(c->cause, c->id);
	}
	if (!fold_any(c, e))
		return false;
	c->state = state_of(c);
	if (at > c->last)
		c->last = at;
	return true;
}

bool
case_is_in_force(const struct case_head *c)
{
	return c->is_opened && c->end == CASE_GOES_ON;
}

int64_t
case_waits_since(const struct case_head *c)
{
	int64_t answered = c->answered.at_us / TIME_US;

	return answered > c->since ? answered : c->since;
}

bool
case_is_pending(const struct case_head *c)
{
	return c->state == CASE_OPEN || c->state == CASE_REVIEW ||
	       c->state == CASE_PASSWORD;
}
