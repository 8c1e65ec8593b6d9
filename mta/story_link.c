/* story_link - which flight continues which */
#include "base/time.h"
#include "mta/story_parts.h"

enum { SWAPPED_US = 2 * TIME_US, DEPTH_MAX = 32 };

const char *
story_link_text(enum story_link link)
{
	static const char *const texts[STORY_LINKS] = {"first", "handed on to",
	    "relayed to", "behind the filter", "forwarded as", "requeued as",
	    "notice"};

	return texts[link];
}

static bool
is_above(const struct story_flight *above, const struct story_flight *f)
{
	unsigned depth = 0;

	for (; f; f = f->parent) {
		if (f == above || ++depth > DEPTH_MAX)
			return true;
	}
	return false;
}

/* A flight continues one other at most; the first line that says so counts. */
static bool
put_link(struct story_flight *child, struct story_flight *parent,
    enum story_link link)
{
	if (!child || !parent || child->parent == parent)
		return child && parent;
	if (child->parent || is_above(child, parent))
		return false;
	child->parent = parent;
	child->link = link;
	return true;
}

static bool
is_one_message(const struct story_flight *a, const struct story_flight *b)
{
	return a->message_id.n > 0 && str_is(a->message_id, b->message_id);
}

/* "queued as B": ours, or a host of ours whose log is here, too. */
static bool
is_believed(struct stories *s, const struct story_flight *child,
    const struct story_flight *parent, const struct postfix_line *p)
{
	bool is_here = str_is(child->host, parent->host);

	if (child->begin_us < parent->begin_us - SWAPPED_US ||
	    child->login.n > 0 || child->uid.n > 0)
		return false;
	if (is_here && (line_has(p, FIELD_RELAY_PATH) ||
			   story_is_own(s, line_get(p, FIELD_RELAY_ADDRESS))))
		return child->client_address.n == 0 ||
		       story_is_own(s, child->client_address);
	return is_one_message(child, parent);
}

static void
link_hop(struct stories *s, struct story_line *l, const struct postfix_line *p)
{
	struct story_flight *parent = l->flight;
	struct story_flight *child = story_find(
	    s, parent->host, p->field[FIELD_QUEUED_AS], l->line.at_us);
	bool is_here = child && str_is(child->host, parent->host);

	if (!child || !is_believed(s, child, parent, p))
		return;
	if (put_link(child, parent, is_here ? STORY_HOP : STORY_RELAY))
		l->child = child;
}

static void
link_delivery(
    struct stories *s, struct story_line *l, const struct postfix_line *p)
{
	struct str as = line_get(p, FIELD_FORWARDED_AS);

	if (p->status != LINE_SENT)
		return;
	if (line_has(p, FIELD_QUEUED_AS)) {
		link_hop(s, l, p);
	} else if (as.n > 0 && str_is(l->line.program, STR("local"))) {
		struct story_flight *child =
		    story_find(s, l->line.host, as, l->line.at_us);

		if (child && str_is(child->host, l->line.host) &&
		    put_link(child, l->flight, STORY_FORWARD))
			l->child = child;
	}
}

/* The flight before this one says who it is: XFORWARD, pickup's orig_id. */
static void
link_back(struct stories *s, struct story_line *l, enum story_link link)
{
	struct story_flight *child = l->flight;
	struct story_flight *parent;

	if (child->orig_queue_id.n == 0)
		return;
	parent =
	    story_find(s, child->host, child->orig_queue_id, child->begin_us);
	if (!parent || parent == child)
		return;
	if (link == STORY_HOP && !str_is(parent->host, child->host))
		link = STORY_RELAY;
	if (put_link(child, parent, link) && link == STORY_REQUEUE)
		parent->is_requeued = true;
}

static void
link_one(struct stories *s, struct story_line *l, bool is_back)
{
	struct postfix_line p;

	story_parse(l, &p);
	if (is_back) {
		if (p.kind == LINE_CLIENT)
			link_back(s, l, STORY_HOP);
		else if (p.kind == LINE_PICKUP)
			link_back(s, l, STORY_REQUEUE);
	} else if (p.kind == LINE_DELIVERY) {
		link_delivery(s, l, &p);
	} else if (p.kind == LINE_NOTIFICATION) {
		put_link(story_find(s, l->line.host,
			     p.field[FIELD_NOTIFICATION_ID], l->line.at_us),
		    l->flight, STORY_NOTICE);
	} else if (p.kind == LINE_PROXY_ACCEPT &&
		   line_has(&p, FIELD_QUEUED_AS)) {
		l->child = story_find(
		    s, l->line.host, p.field[FIELD_QUEUED_AS], l->line.at_us);
		if (!put_link(l->child, l->flight, STORY_PROXY))
			l->child = NULL;
	}
}

/* What a flight says of itself first: it was there. */
void
story_link_all(struct stories *s)
{
	for (int is_back = 1; is_back >= 0; is_back--) {
		for (size_t i = 0; i < s->n_lines; i++)
			link_one(s, s->lines[i], is_back != 0);
	}
}
