/* sanction_order - the events that people order */
#include "limits/sanction.h"

#include "base/json.h"
#include "base/time.h"
#include "limits/sanction_event.h"

void
sanction_event_put(char *field, size_t size, struct str s)
{
	size_t n = s.n;

	if (n > size - 1) {
		n = size - 1;
		while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n--;
	}
	if (n)
		memcpy(field, s.p, n);
	field[n] = '\0';
}

void
sanction_event_begin(
    const struct sanction_about *a, enum event_type type, struct event *out)
{
	memset(out, 0, sizeof(*out));
	out->type = type;
	out->at_us = a->now_us;
	if (a->state && a->state->last_us >= out->at_us)
		out->at_us = a->state->last_us + 1;
	out->seq = a->seq;
	sanction_event_put(out->node, sizeof(out->node), str_from(a->node));
	if (a->config)
		sanction_event_put(
		    out->config, sizeof(out->config), str_from(a->config));
	if (a->class)
		sanction_event_put(
		    out->class, sizeof(out->class), str_from(a->class));
	if (type != EVENT_MODE && type != EVENT_BRAKE && type != EVENT_UNDO &&
	    type != EVENT_TRIAL) {
		sanction_event_put(out->kind, sizeof(out->kind),
		    str_from(subject_kind_text(a->kind)));
		sanction_event_put(out->subject, sizeof(out->subject), a->key);
	}
	sanction_event_put(out->by, sizeof(out->by), STR("outpost"));
	sanction_event_put(out->evidence, sizeof(out->evidence), STR("{}"));
}

static void
order(const struct sanction_about *a, enum event_type type, int64_t until,
    struct str by, struct str reason, struct event *out)
{
	sanction_event_begin(a, type, out);
	out->is_operator = true;
	out->until = until;
	sanction_event_put(out->by, sizeof(out->by), by);
	sanction_event_put(out->reason, sizeof(out->reason), reason);
	standings_own_cause(out, out->cause);
}

/* What the subject was until now, for who asks later. */
static void
put_before(const struct sanction_about *a, struct event *out)
{
	struct text t;
	struct json_out j;

	text_init(&t, out->evidence, sizeof(out->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "before", str_from(standing_text(a->state->rung)));
	if (a->state->since > 0)
		json_time(&j, "since", a->state->since);
	if (a->evidence)
		evidence_print(a->evidence, &j);
	if (a->held.n > 0)
		json_raw(&j, "held", a->held);
	json_close(&j);
}

void
sanction_order(const struct sanction_about *a, enum standing rung,
    int64_t until, struct str by, struct str reason, struct event *out)
{
	order(a, EVENT_SANCTION, until, by, reason, out);
	out->mark = out->at_us / TIME_US;
	sanction_event_put(
	    out->rung, sizeof(out->rung), str_from(standing_text(rung)));
	sanction_event_put(out->rule, sizeof(out->rule), STR("operator"));
	put_before(a, out);
}

void
sanction_lift(const struct sanction_about *a, int64_t at, bool is_innocent,
    struct str by, struct str reason, struct event *out)
{
	const struct standing_state *state = a->state;
	bool was_observed = state->observed > state->rung;

	order(a, EVENT_LIFT, TIME_NEVER, by, reason, out);
	out->mark = at > state->mark ? at : state->mark + 1;
	out->is_observed = was_observed;
	out->is_innocent = is_innocent;
	sanction_event_put(out->rung, sizeof(out->rung),
	    str_from(
		standing_text(was_observed ? state->observed : state->rung)));
	sanction_event_put(out->rule, sizeof(out->rule), str_from(state->rule));
	put_before(a, out);
}

void
sanction_exempt(const struct sanction_about *a, bool is_exempt, int64_t until,
    struct str by, struct str reason, struct event *out)
{
	order(a, is_exempt ? EVENT_EXEMPT : EVENT_UNEXEMPT, until, by, reason,
	    out);
	put_before(a, out);
}

void
sanction_limit(const struct sanction_about *a, struct str limit, int64_t max,
    int64_t until, struct str by, struct str reason, struct event *out)
{
	struct text t;
	struct json_out j;

	order(a, max < 0 ? EVENT_UNLIMIT : EVENT_LIMIT, until, by, reason, out);
	sanction_event_put(out->rule, sizeof(out->rule), limit);
	text_init(&t, out->evidence, sizeof(out->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	if (max >= 0)
		json_i64(&j, "max", max);
	json_close(&j);
}

void
sanction_undo(const struct sanction_about *a, struct str rule,
    struct str config, int64_t since, struct str by, struct str reason,
    struct event *out)
{
	order(a, EVENT_UNDO, TIME_NEVER, by, reason, out);
	out->mark = since;
	sanction_event_put(out->config, sizeof(out->config), config);
	sanction_event_put(out->rule, sizeof(out->rule), rule);
}

void
sanction_mode(const struct sanction_about *a, bool is_enforcing, struct str by,
    struct str reason, struct event *out)
{
	order(a, EVENT_MODE, TIME_NEVER, by, reason, out);
	sanction_event_put(out->rung, sizeof(out->rung),
	    is_enforcing ? STR("enforce") : STR("observe"));
}

void
sanction_decide(const struct sanction_about *a, struct str rule,
    bool is_approved, struct str by, struct str reason, struct event *out)
{
	order(a, EVENT_BRAKE, TIME_NEVER, by, reason, out);
	sanction_event_put(out->rule, sizeof(out->rule), rule);
	sanction_event_put(out->rung, sizeof(out->rung),
	    is_approved ? STR("approve") : STR("release"));
}

void
sanction_trial(const struct sanction_about *a, struct str rule,
    uint64_t version, int64_t until, struct str by, struct str reason,
    struct event *out)
{
	struct text t;
	struct json_out j;
	char hex[24];

	order(a, EVENT_TRIAL, until, by, reason, out);
	sanction_event_put(out->rule, sizeof(out->rule), rule);
	sanction_event_put(out->rung, sizeof(out->rung),
	    until > 0 ? STR("extend") : STR("end"));
	text_init(&t, hex, sizeof(hex));
	text_printf(&t, "%016llx", (unsigned long long)version);
	text_init(&t, out->evidence, sizeof(out->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "version", str_from(hex));
	json_close(&j);
}
