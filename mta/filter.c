/* filter - what a content filter's line says of a message */
#include "mta/filter.h"

#include "mta/postfix_parts.h"

static const struct str spam = PART("spam"), virus = PART("virus");

/* What stands behind the only `mark`; false: there is none, or several. */
static bool
find_only(struct str s, struct str mark, struct str *behind)
{
	ptrdiff_t at = str_find(s, mark);

	if (at < 0)
		return false;
	*behind = str_skip(s, (size_t)at + mark.n);
	return str_find(*behind, mark) < 0;
}

static bool
take_id(struct postfix_line *l, struct str s, const char *ends)
{
	size_t n = part_queue_id(s);

	if (n == 0 || (n < s.n && !strchr(ends, s.p[n])))
		return false;
	l->queue_id = str_head(s, n);
	return true;
}

static void
put(struct postfix_line *l, struct str action)
{
	l->kind = LINE_FILTER;
	part_put(l, FIELD_ACTION, action);
}

/* "T (reject)": soft ones and greylisting are no verdicts. */
static bool
is_spam_action(struct str s)
{
	static const struct str actions[] = {PART("T (reject)"),
	    PART("T (add header)"), PART("T (rewrite subject)"),
	    PART("F (add header)"), PART("F (rewrite subject)"),
	    PART("T (quarantine)"), PART("F (quarantine)"),
	    PART("T (discard)")};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (str_starts(s, actions[i]))
			return true;
	}
	return false;
}

static bool
parse_rspamd(struct str s, struct postfix_line *l)
{
	struct str id, verdict, line;

	if (!find_only(s, STR("rspamd_task_write_log: id: <"), &line) ||
	    !find_only(line, STR(">, qid: <"), &id) ||
	    !find_only(line, STR("(default: "), &verdict) || verdict.p < id.p ||
	    !is_spam_action(verdict) || !take_id(l, id, ">"))
		return false;
	put(l, spam);
	return true;
}

/* "(01234-05) Blocked SPAM" or "(01234-05-2) Passed SPAMMY" */
static bool
take_verdict(struct str *s, struct str *action)
{
	ptrdiff_t end;

	if (!part_take(s, STR("(")) || (end = str_find(*s, STR(") "))) < 0 ||
	    end > 20)
		return false;
	*s = str_skip(*s, (size_t)end + 2);
	if (!part_take(s, STR("Blocked ")) && !part_take(s, STR("Passed ")))
		return false;
	if (str_starts(*s, STR("INFECTED "))) {
		*action = virus;
		return true;
	}
	*action = spam;
	return str_starts(*s, STR("SPAM ")) || str_starts(*s, STR("SPAMMY "));
}

static bool
parse_amavis(struct str s, struct postfix_line *l)
{
	struct str action, id;

	if (!take_verdict(&s, &action) ||
	    (!find_only(s, STR(", Queue-ID: "), &id) &&
		(str_find(s, STR(", Queue-ID: ")) >= 0 ||
		    !find_only(s, STR(", queued_as: "), &id))) ||
	    !take_id(l, id, ",/ "))
		return false;
	put(l, action);
	return true;
}

bool
filter_parse(const struct logline *in, struct postfix_line *out)
{
	if (str_starts(in->tag, STR("rspamd")))
		return parse_rspamd(in->text, out);
	return str_starts(in->tag, STR("amavis")) &&
	       parse_amavis(in->text, out);
}
