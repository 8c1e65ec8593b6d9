/* case_event - which events are of a case, and what they have in common */
#include "notify/case.h"

#include <assert.h>

#include "base/crypto.h"
#include "base/time.h"

enum { WEEK = 7 * 86400 };

static const char *const states[] = {
    [CASE_OPEN] = "open",
    [CASE_REVIEW] = "review",
    [CASE_PASSWORD] = "password",
    [CASE_APPROVED] = "approved",
    [CASE_DENIED] = "denied",
    [CASE_CLOSED] = "closed",
    [CASE_ENDED] = "ended",
};

static const char *const answers[] = {
    [CASE_NO_ANSWER] = "",
    [CASE_ME] = "me",
    [CASE_NOT_ME] = "not-me",
    [CASE_HUMAN] = "human",
};

const char *
case_state_text(enum case_state s)
{
	assert((unsigned)s < CASE_STATES);
	return states[s];
}

bool
case_state_parse(struct str s, enum case_state *out)
{
	for (int i = 0; i < CASE_STATES; i++) {
		if (str_is(s, str_from(states[i]))) {
			*out = (enum case_state)i;
			return true;
		}
	}
	return false;
}

const char *
case_answer_text(enum case_answer a)
{
	assert((unsigned)a <= CASE_HUMAN);
	return answers[a];
}

bool
case_answer_parse(struct str s, enum case_answer *out)
{
	for (int i = CASE_ME; i <= CASE_HUMAN; i++) {
		if (str_is(s, str_from(answers[i]))) {
			*out = (enum case_answer)i;
			return true;
		}
	}
	return false;
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

bool
case_is_event(enum event_type t)
{
	return t >= EVENT_CASE_FILED && t <= EVENT_CASE_KEPT;
}

static bool
is_of_account(const struct event *e)
{
	return strcmp(e->kind, "account") == 0 && !e->is_observed &&
	       *e->cause && *e->subject;
}

static bool
is_stop(const struct event *e)
{
	return e->type == EVENT_SANCTION &&
	       (is_rung(e, "held") || is_rung(e, "suspended"));
}

bool
case_is_of_complaints(const struct event *e)
{
	return is_of_account(e) && strcmp(e->rule, CASE_RULE_COMPLAINTS) == 0 &&
	       (e->type == EVENT_WARNING ||
		   (e->type == EVENT_SANCTION && is_rung(e, "throttled")));
}

/* One for the account and week, however often it is throttled in it. */
static void
name_complaints(const struct event *e, char cause[33])
{
	static const struct crypto_key key = {"outpost case complaints"};
	int64_t at = e->at_us / TIME_US;
	char buf[sizeof(e->subject) + 32];
	uint8_t sum[32];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	text_printf(&text, "%s\n%lld", e->subject, (long long)(at / WEEK));
	crypto_hmac(&key, text_view(&text), sum);
	text_init(&text, cause, 33);
	text_hex(&text, sum, 16);
}

bool
case_is_opened_by(const struct event *e, char cause[33])
{
	if (case_is_of_complaints(e)) {
		name_complaints(e, cause);
		return true;
	}
	if (!is_of_account(e) || !is_stop(e))
		return false;
	memcpy(cause, e->cause, 33);
	return true;
}

void
case_event_begin(const struct case_head *c, enum event_type t, struct str by,
    struct event *out)
{
	struct text text;

	memset(out, 0, sizeof(*out));
	out->type = t;
	PUT(out->kind, "account");
	PUT(out->subject, c->account);
	PUT(out->file, c->cause);
	PUT(out->how, c->is_complaints ? CASE_RULE_COMPLAINTS : "");
	PUT(out->evidence, "{}");
	text_init(&text, out->by, sizeof(out->by));
	text_printable(&text, by);
}

void
case_stage_cause(const struct case_head *c, enum event_type t, char cause[33])
{
	static const struct crypto_key key = {"outpost case stage"};
	char buf[128];
	uint8_t sum[32];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	text_printf(&text, "%s\n%s\n%lld", event_type_text(t), c->cause,
	    (long long)(c->is_complaints ? c->stirred.at_us
					 : c->answered.at_us));
	crypto_hmac(&key, text_view(&text), sum);
	text_init(&text, cause, 33);
	text_hex(&text, sum, 16);
}
