/* outcomes_test - replies, and what they mean for who sent the message */
#include "daemon/outcomes.h"

#include "base/test.h"

static const struct {
	const char *dsn;
	const char *text;
	enum outcome want;
} rows[] = {
    {"5.1.1",
	"host mx[192.0.2.1] said: 550 5.1.1 <a@b>: Recipient address "
	"rejected: User unknown in virtual mailbox table",
	OUTCOME_UNKNOWN_USER},
    {"5.1.1", "unknown user: \"anna\"", OUTCOME_UNKNOWN_USER},
    {"5.1.10", "Domain a.example does not accept mail (nullMX)",
	OUTCOME_UNKNOWN_USER},
    {"5.4.4", "Host or domain name not found. Name service error",
	OUTCOME_UNKNOWN_USER},
    {"5.0.0",
	"host mx[192.0.2.1] said: 550 Requested action not taken: "
	"mailbox unavailable",
	OUTCOME_UNKNOWN_USER},
    {"5.4.1",
	"host mx[192.0.2.1] said: 550 5.4.1 Recipient address rejected: "
	"Access denied.",
	OUTCOME_UNKNOWN_USER},
    {"5.1.1",
	"host mx[192.0.2.1] said: 550 5.1.1 The email account that you "
	"tried to reach does not exist",
	OUTCOME_UNKNOWN_USER},
    {"5.2.1", "host mx[192.0.2.1] said: 550 5.2.1 gone", OUTCOME_UNKNOWN_USER},
    {"5.7.1",
	"host mx[192.0.2.1] said: 554 5.7.1 Service unavailable; Client "
	"host [192.0.2.9] blocked using dnsbl.example",
	OUTCOME_OTHER},
    {"5.7.1", "host mx[192.0.2.1] said: 550 5.7.1 likely unsolicited mail",
	OUTCOME_REFUSED},
    {"5.0.0", "host mx[192.0.2.1] said: 554 Message rejected as spam",
	OUTCOME_REFUSED},
    {"5.7.26", "host mx[192.0.2.1] said: 550 5.7.26 no", OUTCOME_OTHER},
    {"5.1.8",
	"host mx[192.0.2.1] said: 550 5.1.8 <a@b>: Sender address "
	"rejected: Domain not found",
	OUTCOME_OTHER},
    /* This host's address, its DNS, a domain's, one receiver's own rules: no
     * word about what the account sends. */
    {"5.7.1",
	"host mx[192.0.2.1] said: 550 5.7.1 Unfortunately, messages from "
	"[192.0.2.9] weren't sent. (S3150)",
	OUTCOME_OTHER},
    {"5.7.25", "host mx[192.0.2.1] said: 550 5.7.25 no PTR record",
	OUTCOME_OTHER},
    {"5.7.1",
	"host mx[192.0.2.1] said: 550 5.7.1 You are not permitted to send to "
	"this group",
	OUTCOME_OTHER},
    {"5.0.0", "host mx[192.0.2.1] said: 550 Ip frequency limited",
	OUTCOME_OTHER},
    {"5.7.1",
	"host mx[192.0.2.1] said: 550 5.7.1 likely suspicious due to the very "
	"low reputation of the sending domain",
	OUTCOME_REFUSED},
    {"5.7.1", "host mx[192.0.2.1] said: 550 5.7.1 Rejected", OUTCOME_REFUSED},
    {"5.2.2", "host mx[192.0.2.1] said: 552 5.2.2 Mailbox full", OUTCOME_OTHER},
    {"5.0.0", "host mx[192.0.2.1] said: 552 user is over quota", OUTCOME_OTHER},
    {"5.3.4", "message size 30 exceeds size limit 20 of server", OUTCOME_OTHER},
    {"5.7.1", "host mx[192.0.2.1] said: 554 5.7.1 <a@b>: Relay access denied",
	OUTCOME_OTHER},
    {"5.4.6", "mail for b.example loops back to myself", OUTCOME_OTHER},
    {"5.4.4", "", OUTCOME_UNKNOWN_USER},
    {"", "", OUTCOME_OTHER},
    /* Neither a name nor an address is a judgement. */
    {"5.1.1",
	"host spam.blocklist.example[192.0.2.1] said: 550 5.1.1 "
	"<spam@blocked.example> nobody",
	OUTCOME_UNKNOWN_USER},
    {"5.0.0", "host mx[192.0.2.1] said: 550 <user.unknown@b> no",
	OUTCOME_OTHER},
};

static void
test_bounces(void)
{
	struct error err;
	struct settings *s = settings_load("/dev/null", &err);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (outcome_of_reply(s, STR(""), str_from(rows[i].dsn),
			str_from(rows[i].text)) != rows[i].want)
			test_fail(__FILE__, __LINE__, "%s %s", rows[i].dsn,
			    rows[i].text);
	settings_free(&s);
}

TESTS(TEST(test_bounces))
