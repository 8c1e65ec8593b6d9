/* pipeline_delivery - who hears of a delivery line, before it is counted */
#include "base/time.h"
#include "daemon/pipeline_state.h"
#include "mta/postfix.h"

static void
tell_tried(const struct pipeline *p, const struct logline *log,
    const struct postfix_line *l)
{
	if (line_has(l, FIELD_RELAY_ADDRESS) &&
	    str_is(log->program, STR("smtp")))
		p->hooks.on_tried(p->hooks.ctx, line_get(l, FIELD_TO),
		    line_get(l, FIELD_RELAY_NAME),
		    line_get(l, FIELD_RELAY_ADDRESS));
}

/* "delivery temporarily suspended: host NAME[ADDRESS] refused ..." */
static bool
is_suspended(const struct logline *log, const struct postfix_line *l,
    struct pipeline_delivery *d)
{
	struct str text = line_get(l, FIELD_TEXT), port;

	if (l->status != LINE_DEFERRED || !str_is(log->program, STR("error")) ||
	    !str_take(&text, STR("delivery temporarily suspended: host ")))
		return false;
	ptrdiff_t end = str_find(text, STR("]"));

	if (end < 0 || !postfix_peer(str_head(text, (size_t)end + 1), &d->host,
			   &d->address, &port))
		return false;
	d->is_suspended = true;
	return true;
}

/* To a transport that isn't there (mta/maincf.h): qmgr's words, of its own. */
static bool
is_parked(const struct logline *log, const struct postfix_line *l)
{
	struct str text = line_get(l, FIELD_TEXT);

	return l->status == LINE_DEFERRED &&
	       (str_is(log->program, STR("error")) ||
		   str_is(log->program, STR("retry")) ||
		   str_is(log->program, STR("qmgr"))) &&
	       (str_is(text, STR("deferred transport")) ||
		   str_is(text, STR("mail transport unavailable")));
}

static bool
is_tried(const struct logline *log, const struct postfix_line *l,
    struct pipeline_delivery *d)
{
	if ((l->status != LINE_BOUNCED && l->status != LINE_DEFERRED &&
		l->status != LINE_SOFTBOUNCE && l->status != LINE_SENT) ||
	    !line_has(l, FIELD_RELAY_ADDRESS) ||
	    !str_is(log->program, STR("smtp")))
		return false;
	d->host = line_get(l, FIELD_RELAY_NAME);
	d->address = line_get(l, FIELD_RELAY_ADDRESS);
	return true;
}

static void
tell_delivery(const struct pipeline *p, const struct logline *log,
    const struct postfix_line *l)
{
	const struct settings *s = p->settings;
	struct pipeline_delivery d = {
	    .log = log, .line = l, .at = log->at_us / TIME_US};
	struct chains_queued q;
	struct reply r;

	d.is_parked = is_parked(log, l);
	if (!d.is_parked && !is_tried(log, l, &d) && !is_suspended(log, l, &d))
		return;
	if (l->status != LINE_SENT && !d.is_parked) {
		replies_read(s->replies, s->providers, d.host,
		    line_get(l, FIELD_DSN), line_get(l, FIELD_TEXT), &r);
		d.reply = &r;
	}
	if (chains_queued_as(p->chains, log, l->queue_id, &q)) {
		d.account = q.account;
		d.sender = q.sender;
		d.instance = q.instance;
	}
	p->hooks.on_delivery(p->hooks.ctx, &d);
}

void
pipeline_tell_delivery(const struct pipeline *p, const struct logline *log,
    const struct postfix_line *l)
{
	if (p->hooks.on_tried)
		tell_tried(p, log, l);
	if (p->hooks.on_delivery)
		tell_delivery(p, log, l);
}
