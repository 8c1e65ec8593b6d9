/* postfix_queue - lines of cleanup, pickup, qmgr, bounce and postsuper */
#include "mta/postfix_parts.h"

/* Lines beyond this may have been cut somewhere on their way (Postfix itself
 * cuts at 2000); what is read from their end isn't trusted. */
enum { CUT_LENGTH = 1000 };

/* "<...>" without its brackets; anything else as it is. */
static struct str
strip_brackets(struct str s)
{
	if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>')
		return str_make(s.p + 1, s.n - 2);
	return s;
}

/* Of digits at the end, preceded by the literal: both are dropped. */
static bool
drop_number(struct str *s, struct str before, struct str *number)
{
	size_t n = part_last_digits(*s);
	struct str rest = str_head(*s, s->n - n);

	if (n == 0 || !part_drop(&rest, before))
		return false;
	*number = str_make(s->p + s->n - n, n);
	*s = rest;
	return true;
}

/* From the right, because the address may hold anything:
 * "S>, size=1234, nrcpt=1 (queue active)" */
static void
parse_active(struct postfix_line *l, struct str s)
{
	struct str size, nrcpt;

	if (!part_drop(&s, STR(" (queue active)")) ||
	    !drop_number(&s, STR(", nrcpt="), &nrcpt) ||
	    !drop_number(&s, STR(">, size="), &size))
		return;
	l->kind = LINE_QUEUE_ACTIVE;
	part_put(l, FIELD_FROM, s);
	part_put(l, FIELD_SIZE, size);
	part_put(l, FIELD_NRCPT, nrcpt);
}

/* "S>, status=expired, returned to sender" */
static void
parse_expired(struct postfix_line *l, struct str s)
{
	static const struct str ways[] = {
	    PART("expired"), PART("force-expired")};

	if (!part_drop(&s, STR(", returned to sender")))
		return;
	for (size_t i = 0; i < 2; i++) {
		struct str from = s;

		if (!part_drop(&from, ways[i]) ||
		    !part_drop(&from, STR(">, status=")))
			continue;
		l->kind = LINE_EXPIRED;
		part_put(l, FIELD_FROM, from);
		part_put(l, FIELD_STATUS,
		    str_make(s.p + s.n - ways[i].n, ways[i].n));
		return;
	}
}

/* "removed", and cleanup's "removed (canceled)". */
static bool
parse_removed(struct postfix_line *l, struct str s)
{
	if (!part_take(&s, STR("removed")))
		return false;
	if (s.n > 0 && (!part_take(&s, STR(" (")) || !part_drop(&s, STR(")"))))
		return false;
	l->kind = LINE_REMOVED;
	if (s.n > 0)
		part_put(l, FIELD_TEXT, s);
	return true;
}

void
postfix_parse_qmgr(struct postfix_line *l, struct str text)
{
	if (l->queue_id.n == 0 || parse_removed(l, text))
		return;
	if (part_take(&text, STR("from=<"))) {
		if (text.n > 0 && text.p[text.n - 1] == ')')
			parse_active(l, text);
		else
			parse_expired(l, text);
		/* A sender so long that its line was cut sends all the same. */
		if (l->kind == LINE_OTHER && text.n >= CUT_LENGTH)
			l->kind = LINE_QUEUE_ACTIVE;
	} else if (str_starts(text, STR("to=<"))) {
		postfix_parse_delivery(l, text); /* its "error" of old times */
	}
}

void
postfix_parse_cleanup(struct postfix_line *l, struct str text)
{
	if (l->queue_id.n == 0) {
		postfix_parse_warning(l, text);
		return;
	}
	if (part_take(&text, STR("message-id="))) {
		l->kind = LINE_MESSAGE_ID;
		part_put(l, FIELD_MESSAGE_ID, strip_brackets(text));
	} else if (part_take(&text, STR("resent-message-id="))) {
		l->kind = LINE_MESSAGE_ID;
		part_put(l, FIELD_RESENT_MESSAGE_ID, strip_brackets(text));
	} else if (str_starts(text, STR("to=<"))) {
		postfix_parse_delivery(l, text);
	} else if (!parse_removed(l, text)) {
		postfix_parse_action(l, text);
	}
}

/* "uid=0 from=<S>", and after postsuper -r " orig_id=OLD". */
void
postfix_parse_pickup(struct postfix_line *l, struct str text)
{
	bool is_cut = text.n >= CUT_LENGTH;
	struct str uid, from;
	size_t i;

	if (l->queue_id.n == 0 || !part_take(&text, STR("uid=")))
		return;
	uid = str_head(text, part_digits(text));
	text = str_skip(text, uid.n);
	if (uid.n == 0 || !part_take(&text, STR(" from=<")))
		return;
	l->kind = LINE_PICKUP;
	part_put(l, FIELD_UID, uid);
	from = text;
	if (part_drop(&from, STR(">"))) {
		part_put(l, FIELD_FROM, from);
		return;
	}
	for (i = text.n; i > 0 && text.p[i - 1] != '='; i--)
		continue;
	struct str id = str_skip(text, i);
	from = str_head(text, i);
	if (part_queue_id(id) != id.n || id.n == 0 ||
	    !part_drop(&from, STR("> orig_id=")))
		return;
	part_put(l, FIELD_FROM, from);
	if (!is_cut)
		part_put(l, FIELD_ORIG_ID, id);
}

/* "sender non-delivery notification: NEWID" */
void
postfix_parse_bounce(struct postfix_line *l, struct str text)
{
	struct str what, id = text;

	if (l->queue_id.n == 0 ||
	    !part_cut_at(&id, STR(" notification: "), &what) ||
	    (!str_starts(what, STR("sender ")) &&
		!str_starts(what, STR("postmaster "))) ||
	    id.n == 0 || part_queue_id(id) != id.n)
		return;
	l->kind = LINE_NOTIFICATION;
	part_put(l, FIELD_NOTIFICATION, what);
	part_put(l, FIELD_NOTIFICATION_ID, id);
}

void
postfix_parse_postsuper(struct postfix_line *l, struct str text)
{
	static const struct str actions[] = {PART("removed"), PART("requeued"),
	    PART("placed on hold"), PART("released from hold"),
	    PART("expired")};
	static const struct str totals[] = {PART("Deleted"), PART("Requeued"),
	    PART("Placed on hold"), PART("Released from hold"), PART("Expired"),
	    PART("Force-expired")};
	struct str what;

	for (size_t i = 0; l->queue_id.n > 0 && i < 5; i++)
		if (str_is(text, actions[i])) {
			l->kind = LINE_POSTSUPER;
			part_put(l, FIELD_ACTION, text);
		}
	if (l->queue_id.n > 0 || !part_cut(&text, ':', &what))
		return;
	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		struct str n = str_skip(text, 1);

		n = str_head(n, part_digits(n));
		if (str_is(what, totals[i]) && n.n > 0) {
			l->kind = LINE_POSTSUPER;
			part_put(l, FIELD_ACTION, what);
			part_put(l, FIELD_MESSAGES, n);
		}
	}
}
