/* outcome - why a receiver refused a recipient for good
 *
 * Words first, in lower case and without what stands in <>: an address such as
 * <spam@example.com> says nothing. Then the enhanced status (RFC 3463 and the
 * IANA registry).
 */
#include "mta/outcome.h"

enum { LOOKED_AT = 1024 };

static const char *const sender_words[] = {"sender address rejected",
    "sender rejected", "sender refused", "sender verify failed",
    "domain of sender", "sender domain", "sender denied", "senders are not",
    "envelope sender", "mail from domain", NULL};

static const char *const full_words[] = {"mailbox full", "mailbox is full",
    "mailbox too large", "quota", "over the maximum", "overquota", "storage",
    "exceeded the space", "size limit", "message size", "message too large",
    "message too big", "too big", "too many hops", "exceeded its",
    "exceeded maximum", "relay access denied", "relay denied",
    "relaying denied", "no relaying", "configured to relay", "not verified",
    "relaying not allowed", "not permitted to relay", "unable to relay",
    "loops back", "forwarding loop", "mail loop", NULL};

static const char *const unknown_words[] = {"user unknown", "unknown user",
    "user not exist", "no such domain", "user doesn't have", "account has been",
    "is frozen", "disabled recipient", "recipient suspend", "suspended account",
    "no mx record", "no such user", "user not found", "user doesn't exist",
    "user does not exist", "mailbox unavailable", "mailbox not found",
    "no mailbox", "no such mailbox", "mailbox does not exist",
    "mailbox doesn't exist", "mailbox unknown", "unknown mailbox",
    "invalid mailbox", "not a valid mailbox", "does not exist", "doesn't exist",
    "do not exist", "no longer exist", "unknown recipient", "recipient unknown",
    "recipient not found", "invalid recipient", "no such recipient",
    "no such address", "no such person", "unknown address", "address unknown",
    "address not found", "unknown local", "unknown account",
    "account not found", "no such account", "no account", "invalid address",
    "bad address", "unrouteable address", "unroutable address", "recipnotfound",
    "not our customer", "user invalid", "invalid user", "no user",
    "user is unknown", "addressee unknown", "recipient is unknown",
    "recipient address rejected: undeliverable", "not listed in", "is disabled",
    "account disabled", "mailbox disabled", "account is inactive",
    "account inactive", "mailbox is inactive", "no valid recipient",
    "host or domain name not found", "host not found", "domain not found",
    "host unknown", "unknown host", "unknown domain", "nullmx", "isn't a valid",
    "is not a valid", "not a known user", "isn't in my",
    "not in my validrcptto", "unknown or illegal alias", NULL};

static const char *const refused_words[] = {"spam", "blocked", "blacklist",
    "black list", "blocklist", "block list", "denylist", "dnsbl", "rbl",
    "listed by", "listed in", "listed at", "reputation", "policy",
    "unsolicited", "junk", "abuse", "banned", "bulk", "phish", "malware",
    "virus", "dmarc", "dkim", "spf", "sender policy", "unauthenticated",
    "reverse dns", "reverse lookup", "ptr record", "ptr resource", "invalid ip",
    "open relay", "weren't sent", "cannot find your", "bad content",
    "content rejected", "message content", "suspicious", "blackhole",
    "not welcome", "client host rejected", "helo command rejected",
    "refused by", "message rejected", "rejected for", "not authorized",
    "not allowed", "prohibited", "access denied", "denied", NULL};

/* The reply alone, lower case, NUL-terminated: without "host NAME[IP] said: "
 * (a name is no judgement) and addresses. */
static void
put_plain(char *out, struct str text)
{
	ptrdiff_t said = str_find(text, STR(" said: "));
	size_t n = 0;
	bool is_address = false;

	if (said >= 0)
		text = str_skip(text, (size_t)said + 7);
	for (size_t i = 0; i < text.n && n < LOOKED_AT - 1; i++) {
		char c = text.p[i];

		if (c == '<')
			is_address = true;
		else if (c == '>')
			is_address = false;
		else if (!is_address && c != '\0')
			out[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	out[n] = '\0';
}

/* Which pairs of bytes a text has, roughly: most words need no search. By the
 * first byte, a bit per second one. */
struct pairs {
	const char *plain;
	uint32_t has[128];
};

static inline uint32_t
second_bit(char c)
{
	return UINT32_C(1) << ((unsigned char)c & 31);
}

static void
find_pairs(struct pairs *out, const char *plain)
{
	out->plain = plain;
	memset(out->has, 0, sizeof(out->has));
	for (const char *p = plain; p[0]; p++)
		out->has[p[0] & 127] |= second_bit(p[1]);
}

static inline bool
has_pair(const struct pairs *text, const char *p)
{
	return text->has[p[0] & 127] & second_bit(p[1]);
}

/* A word has three letters or more. */
static bool
has_word(const struct pairs *text, const char *const *words)
{
	for (; *words; words++) {
		const char *w = *words;

		if (has_pair(text, w) && has_pair(text, w + 1) &&
		    (!w[3] || has_pair(text, w + 2)) && strstr(text->plain, w))
			return true;
	}
	return false;
}

static bool
is_one_of(struct str dsn, const char *const *list)
{
	for (; *list; list++)
		if (str_is(dsn, str_from(*list)))
			return true;
	return false;
}

enum outcome
outcome_of_bounce(struct str dsn, struct str text)
{
	static const char *const unknown[] = {"5.1.1", "5.1.2", "5.1.3",
	    "5.1.6", "5.1.10", "5.2.1", "5.4.4", NULL};
	static const char *const sender[] = {"5.1.7", "5.1.8", NULL};
	static const char *const full[] = {"5.2.2", "5.2.3", "5.3.4", NULL};
	/* Exchange Online for a recipient that its directory doesn't know. */
	static const char exchange[] = "recipient address rejected: access";
	char plain[LOOKED_AT];
	struct pairs pairs;

	put_plain(plain, text);
	find_pairs(&pairs, plain);
	if (is_one_of(dsn, sender) || has_word(&pairs, sender_words))
		return OUTCOME_REFUSED;
	if (is_one_of(dsn, full) || has_word(&pairs, full_words))
		return OUTCOME_OTHER;
	if (str_is(dsn, STR("5.4.1")) && strstr(plain, exchange))
		return OUTCOME_UNKNOWN_USER;
	bool is_refused = has_word(&pairs, refused_words);
	bool is_policy = str_starts(dsn, STR("5.7."));
	if (has_word(&pairs, unknown_words) && !(is_refused && is_policy))
		return OUTCOME_UNKNOWN_USER;
	if (is_refused || is_policy)
		return OUTCOME_REFUSED;
	return is_one_of(dsn, unknown) ? OUTCOME_UNKNOWN_USER : OUTCOME_OTHER;
}
