/* postfix_lost - the logging system says that it dropped lines
 *
 * journald:  "Suppressed 12 messages from postfix@-.service"
 *            "Forwarding to syslog missed 12 messages."
 * rsyslogd:  "imuxsock lost 12 messages from pid 9 due to rate-limiting"
 *            "imuxsock begins to drop messages from pid 9 due to ..."
 *            "imuxsock[pid: 9] from <postfix/smtpd:9>: begin to drop messages"
 *            "imjournal: 12 messages lost due to rate-limiting (...)"
 *
 * Only in these programs' own lines: what a client says stands in Postfix's.
 * What other programs than the mail server lost is no loss here, as far as the
 * line tells whose it was.
 */
#include "mta/postfix_parts.h"

static bool
is_mail(struct str who)
{
	return str_find(who, STR("postfix")) >= 0 ||
	       str_find(who, STR("dovecot")) >= 0 ||
	       str_find(who, STR("mail")) >= 0;
}

static bool
put(struct postfix_line *l, struct str number)
{
	size_t n = part_digits(number);

	if (n > 0)
		part_put(l, FIELD_MESSAGES, str_head(number, n));
	return n > 0;
}

static bool
take_journald(struct postfix_line *l, struct str s)
{
	struct str head, rest = s;

	if (part_take(&s, STR("Suppressed ")) &&
	    part_cut_at(&s, STR(" messages from "), &head))
		return is_mail(s) && put(l, head);
	return part_take(&rest, STR("Forwarding to syslog missed ")) &&
	       put(l, rest);
}

/* "from <postfix/smtpd:9>:" */
static bool
is_of_others(struct str s)
{
	struct str name, head;

	return part_cut_at(&s, STR(" from <"), &head) &&
	       part_cut(&s, '>', &name) && !is_mail(name);
}

static bool
take_rsyslogd(struct postfix_line *l, struct str s)
{
	struct str rest = s, head;

	if (is_of_others(s))
		return false;
	if (part_cut_at(&rest, STR("imuxsock lost "), &head))
		return put(l, rest);
	if (part_cut_at(
		&rest, STR(" messages lost due to rate-limiting"), &head)) {
		size_t n = part_last_digits(head);

		return put(l, str_skip(head, head.n - n));
	}
	return str_find(s, STR("begin to drop messages")) >= 0 ||
	       str_find(s, STR("begins to drop messages")) >= 0;
}

void
postfix_parse_lost(struct postfix_line *l, const struct logline *in)
{
	bool is_lost = false;

	if (str_starts(in->tag, STR("systemd-journal")) ||
	    str_is(in->tag, STR("journal")))
		is_lost = take_journald(l, in->text);
	else if (str_starts(in->tag, STR("rsyslogd")))
		is_lost = take_rsyslogd(l, in->text);
	if (!is_lost)
		return;
	l->kind = LINE_LOST;
	part_put(l, FIELD_TEXT, in->text);
}
