/* outcomes - what a reply says of the account that sent the message */
#include "daemon/outcomes.h"

/* Whose fault it is, if that of who sent the message. */
static bool
is_of_the_sender(enum reply_scope scope)
{
	return scope == REPLY_SCOPE_CONTENT || scope == REPLY_SCOPE_DOMAIN ||
	       scope == REPLY_SCOPE_ACCOUNT;
}

enum outcome
outcome_of_reply(
    const struct settings *s, struct str host, struct str dsn, struct str text)
{
	struct reply r;

	replies_read(s->replies, s->providers, host, dsn, text, &r);
	return outcome_of_read(&r);
}

enum outcome
outcome_of_read(const struct reply *r)
{
	switch (r->class) {
	case REPLY_UNKNOWN_USER:
	case REPLY_INACTIVE_MAILBOX:
		return OUTCOME_UNKNOWN_USER;
	case REPLY_SPAM_CONTENT:
	case REPLY_VIRUS:
		return OUTCOME_REFUSED;
	case REPLY_BLOCKED:
	case REPLY_RATE_LIMITED:
	case REPLY_RECIPIENT_POLICY:
		return is_of_the_sender(r->scope) ? OUTCOME_REFUSED
						  : OUTCOME_OTHER;
	default:
		return OUTCOME_OTHER;
	}
}
