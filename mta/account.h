/* account - who sends, under one name
 *
 * The SASL login, normalised; else the client certificate "cert:SUBJECT";
 * "uid:NAME" for local submission; "ip:ADDRESS" for a trusted client;
 * "fwd:ADDRESS" for inbound mail that leaves again. The chains of queue ids and
 * the policy service name accounts by the same functions.
 *
 * Logins and certificates are outsiders' bytes. A name is at most
 * ACCOUNT_MAX bytes of printable text, lower-case (ASCII), and a login that
 * begins like one of the kinds above gets "login:" before it.
 */
#ifndef MTA_ACCOUNT_H
#define MTA_ACCOUNT_H

#include "base/text.h"
#include "mta/settings.h"

enum { ACCOUNT_MAX = 320, ACCOUNT_TEXT = ACCOUNT_MAX + 1 };

/* What the settings say about accounts; views into them. */
struct account_rules {
	struct str default_realm;
	struct setting_list strip_suffixes;
	struct setting_list shared_accounts;
	/* How none of them begins: bits by the first two letters. */
	uint64_t never_shared;
	struct ip_nets trusted_clients;
};

void account_rules_init(
    struct account_rules *r, const struct mta_settings *settings);

/* Each of these appends the name to out (a text over ACCOUNT_TEXT bytes, empty
 * before) and is false, with nothing written, when there is no account. */
bool account_from_login(
    const struct account_rules *r, struct str login, struct text *out);
bool account_from_certificate(struct str subject, struct text *out);
/* Only for an address in trusted_clients. */
bool account_from_client(
    const struct account_rules *r, const struct ip *client, struct text *out);
bool account_from_forward(struct str address, struct text *out);
/* name empty: "uid:N". */
void account_from_uid(uint32_t uid, struct str name, struct text *out);

/* What the policy service knows about a client: login, else certificate, else
 * address. False: inbound. */
bool account_of(const struct account_rules *r, struct str login,
    struct str certificate, const struct ip *client, struct text *out);

/* Many people stand behind it: see shared_accounts. */
bool account_is_shared(const struct account_rules *r, struct str account);

/* "example.com" of "alice@example.com"; empty for one without, and for a
 * forward, whose domain's owner doesn't send. */
struct str account_domain(struct str account);

/* The claimed account: an envelope sender, lower-case. Nothing for the null
 * sender. */
void account_claimed(struct str sender, struct text *out);

/* Does the whole of s match, "*" standing for anything? ASCII case is
 * ignored. */
bool account_matches(const char *pattern, struct str s);

#endif
