/* chain_bounce - what kind of failure a final reply tells of */
#include "mta/chain_bounce.h"

enum { TEXT_READ = 600 };

/* The words are looked for in this order; lower-case. */
static const char *const unknown_words[] = {"user unknown", "unknown user",
    "no such user", "no such mailbox", "no such recipient", "no such account",
    "no mailbox here", "recipient unknown", "unknown recipient",
    "user does not exist", "user doesn't exist", "account does not exist",
    "address does not exist", "recipient does not exist",
    "mailbox does not exist", "mailbox not found", "mailbox unavailable",
    "mailbox unknown", "unknown mailbox", "invalid recipient",
    "invalid mailbox", "recipient not found", "user not found",
    "unrouteable address", "unknown address", "unknown local",
    "does not have an account", "doesn't have a"};
static const char *const refused_words[] = {"spam", "block", "blacklist",
    "denylist", "dnsbl", "rbl", "reputation", "unsolicited", "junk", "policy",
    "abuse", "banned", "virus", "phish", "malware", "dmarc", "spf ", "dkim",
    "content reject", "message rejected", "rejected due to", "suspicious",
    "bulk mail"};
static const char *const user_codes[] = {"5.1.1", "5.1.6", "5.1.10"};
static const char *const address_codes[] = {
    "5.1.0", "5.1.2", "5.1.3", "5.4.4", "5.4.1"};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static bool
is_one(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (str_is(s, str_from(list[i])))
			return true;
	}
	return false;
}

static bool
has_one(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (memmem(s.p, s.n, list[i], strlen(list[i])))
			return true;
	}
	return false;
}

enum fact_kind
chain_bounce_kind(struct str dsn, struct str text)
{
	char lower[TEXT_READ];
	struct str s = {lower, text.n < TEXT_READ ? text.n : TEXT_READ};

	if (is_one(dsn, user_codes, LENGTH(user_codes)))
		return FACT_UNKNOWN_USER;
	for (size_t i = 0; i < s.n; i++) {
		char c = text.p[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	if (has_one(s, unknown_words, LENGTH(unknown_words)))
		return FACT_UNKNOWN_USER;
	if (str_starts(dsn, STR("5.7.")) ||
	    has_one(s, refused_words, LENGTH(refused_words)))
		return FACT_REFUSED;
	if (is_one(dsn, address_codes, LENGTH(address_codes)))
		return FACT_UNKNOWN_USER;
	return FACT_BOUNCED;
}
