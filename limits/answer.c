/* answer - what Postfix is told about one request */
#include "limits/answer.h"

#include "base/time.h"
#include "ledger/case_id.h"

enum { ACCOUNT_SHOWN = 100, LINK_BYTES = 256 };

static enum answer_action
action_of(enum standing rung)
{
	if (rung >= STANDING_SUSPENDED)
		return ANSWER_REJECT;
	return rung >= STANDING_THROTTLED ? ANSWER_DEFER : ANSWER_DUNNO;
}

static void
consider(struct answer *out, const struct answer_subject *subject,
    enum standing rung, bool is_verdict)
{
	enum answer_action action = action_of(rung);

	if (action > out->action)
		*out = (struct answer){action, subject, is_verdict};
}

void
answer_choose(const struct answer_subject *v, size_t n, bool is_enforcing,
    struct answer *out)
{
	*out = (struct answer){.action = ANSWER_DUNNO};
	for (size_t i = 0; i < n; i++) {
		const struct standing_state *state = v[i].state;

		consider(out, &v[i], state->rung, false);
		/* A person decided: no verdict on top. */
		if (is_enforcing && v[i].verdict && !state->is_operator)
			consider(out, &v[i], v[i].verdict->rung, true);
	}
}

bool
answer_text_is_known(const char *text, char *unknown)
{
	for (const char *p = text; (p = strchr(p, '%')); p += 2) {
		if (p[1] && strchr("auwrcL%", p[1]))
			continue;
		*unknown = p[1];
		return false;
	}
	return true;
}

/* The verdict's dearest reason that is no warning. */
static void
put_verdict_reason(const struct verdict *v, struct text *out)
{
	for (size_t i = 0; i < v->n_reasons; i++) {
		if (!v->reasons[i].is_warning) {
			reason_print(&v->reasons[i], out);
			return;
		}
	}
}

struct filling {
	const struct answer *a;
	const struct limits_settings *s;
	struct str link; /* to the case; empty: none */
	struct str account;
	int64_t now, until; /* until TIME_NEVER: not known */
};

/* What is no account's has no page. */
static const char *
cause_of(const struct answer *a)
{
	return a->is_verdict ? "" : a->subject->state->cause;
}

static void
put_case(const struct filling *f, struct text *out)
{
	char id[CASE_ID];

	case_id(cause_of(f->a), id);
	text_add(out, f->s->case_url);
	text_add(out, *id ? id : "-");
}

static void
put_link(const struct filling *f, struct text *out)
{
	if (f->link.n > 0) {
		text_str(out, f->link);
		return;
	}
	text_add(out, "case ");
	put_case(f, out);
}

static void
put_until(const struct filling *f, struct text *out)
{
	struct civil c = time_to_utc(f->until);

	if (f->until == TIME_NEVER)
		text_add(out, "further notice");
	else
		text_printf(out, "%04d-%02d-%02d %02d:%02d UTC", c.year,
		    c.month, c.day, c.hour, c.minute);
}

static void
put_wait(const struct filling *f, struct text *out)
{
	if (f->until == TIME_NEVER)
		text_add(out, "a while");
	else
		time_duration_words(
		    out, f->until > f->now ? f->until - f->now : 60);
}

static void
put_reason(const struct filling *f, struct text *out)
{
	if (f->a->is_verdict)
		put_verdict_reason(f->a->subject->verdict, out);
	else if (*f->a->subject->state->reason)
		text_add(out, f->a->subject->state->reason);
	else
		text_add(out, "sending is limited");
}

static void
fill(const struct filling *f, const char *format, struct text *out)
{
	for (const char *p = format; *p; p++) {
		if (*p != '%' || !p[1]) {
			text_char(out, *p);
			continue;
		}
		switch (*++p) {
		case 'a':
			text_str(out, str_head(f->account, ACCOUNT_SHOWN));
			break;
		case 'u':
			put_until(f, out);
			break;
		case 'w':
			put_wait(f, out);
			break;
		case 'r':
			put_reason(f, out);
			break;
		case 'c':
			put_case(f, out);
			break;
		case 'L':
			put_link(f, out);
			break;
		default:
			text_char(out, *p);
		}
	}
}

static const char *
format_of(const struct filling *f, bool is_reject)
{
	if (!is_reject)
		return f->s->throttle_text;
	if (*f->s->suspend_text)
		return f->s->suspend_text;
	return f->link.n > 0
		   ? "Sending is suspended after unusual activity; what "
		     "happened and how to go on: %L (%a)"
		   : "Sending is suspended for %a after unusual activity; "
		     "change the password and contact support, case %c";
}

static int64_t
end_of(const struct answer *a, const struct limits_settings *s, int64_t now)
{
	if (!a->is_verdict)
		return a->subject->state->until;
	int64_t after = a->subject->verdict->retry_after;

	if (a->action == ANSWER_REJECT)
		after = s->suspend_for;
	return now + (after > 0 ? after : s->throttle_for);
}

static void
put_ascii(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] < ' ' || p[i] > '~')
			p[i] = '?';
	}
}

void
answer_print_hold(const struct answer *a, struct text *out)
{
	char buf[ANSWER_BYTES + 1];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_add(&t, "HOLD until Outpost knows more: ");
	text_add(&t, a->subject->state->reason);
	put_ascii(buf, t.n);
	text_str(out, text_view(&t));
}

void
answer_print(const struct answer *a, const struct limits_settings *s,
    struct str account, int64_t now, const struct answer_links *links,
    struct text *out)
{
	char buf[ANSWER_BYTES + 1];
	char url[LINK_BYTES];
	struct text t, link;

	if (a->action == ANSWER_DUNNO) {
		text_add(out, "DUNNO");
		return;
	}
	text_init(&link, url, sizeof(url));
	if (!links || a->subject->kind != SUBJECT_ACCOUNT ||
	    !links->print(links->ctx, cause_of(a), now, &link))
		text_clear(&link);
	struct filling f = {
	    a, s, text_view(&link), account, now, end_of(a, s, now)};
	bool is_reject = a->action == ANSWER_REJECT;

	text_init(&t, buf, sizeof(buf));
	text_add(&t, is_reject ? "REJECT 5.7.1 " : "DEFER_IF_PERMIT 4.7.1 ");
	fill(&f, format_of(&f, is_reject), &t);
	put_ascii(buf, t.n);
	text_str(out, text_view(&t));
}
