/* fate_text - the words in which receivers accept, put off and refuse */
#include "tests/bench/gen_text.h"
#include "tests/sim/fate.h"

/* Of one end or delay: the status code, the reply and the command that it
 * answers; the first four are the large providers', the last three firms'. %s
 * is the recipient's domain. */
struct reply {
	const char *dsn, *text, *to;
};

static const struct reply dead[] = {
    {"5.1.1",
	"550-5.1.1 The email account that you tried to reach does not exist. "
	"Please try 550-5.1.1 double-checking the recipient's email address "
	"for typos or 550-5.1.1 unnecessary spaces. 550 5.1.1 NoSuchUser",
	"RCPT TO"},
    {"5.5.0",
	"550 5.5.0 Requested action not taken: mailbox unavailable "
	"(S2017062302).",
	"RCPT TO"},
    {"5.0.0",
	"550 Requested action not taken: mailbox unavailable For explanation "
	"visit https://postmaster.gmx.example/en/error-messages",
	"RCPT TO"},
    {"5.0.0", "552 1 Requested mail action aborted, mailbox not found",
	"end of DATA"},
    {"5.1.1",
	"550 5.1.1 Recipient address rejected: User unknown in virtual mailbox "
	"table",
	"RCPT TO"},
    {"5.1.10",
	"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by "
	"SMTP address lookup",
	"end of DATA"},
    {"5.0.0", "550 No such user here", "RCPT TO"},
};

static const struct reply refused[] = {
    {"5.7.1",
	"550-5.7.1 [192.0.2.5 12] Our system has detected that this message is "
	"550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent, "
	"550 5.7.1 this message has been blocked.",
	"end of DATA"},
    {"5.7.520",
	"550 5.7.520 Message blocked because it contains content "
	"identified as spam. AS(4810)",
	"end of DATA"},
    {"5.0.0",
	"554-Transaction failed 554-Reject due to policy restrictions. 554 "
	"For explanation visit https://postmaster.gmx.example/en/case?c=hi",
	"end of DATA"},
    {"5.7.9",
	"554 5.7.9 Message not accepted for policy reasons. See "
	"https://postmaster.yahoo.example/error-codes",
	"end of DATA"},
    {"5.7.1", "550 5.7.1 Message rejected as spam by content filtering",
	"end of DATA"},
    {"5.7.1",
	"554 5.7.1 This message has been blocked because it contains a "
	"URL on a blocklist",
	"end of DATA"},
    {"5.0.0",
	"550 This message was classified as SPAM and may not be "
	"delivered",
	"end of DATA"},
};

static const struct reply rules[] = {
    {"5.7.26",
	"550-5.7.26 Unauthenticated email from the sender's domain is "
	"not accepted due to 550 5.7.26 domain's DMARC policy.",
	"end of DATA"},
    {"5.7.515",
	"550 5.7.515 Access denied, sending domain does not meet the "
	"required authentication level.",
	"end of DATA"},
    {"5.0.0", "552 Requested mail action aborted: message size limit exceeded",
	"end of DATA"},
    {"5.7.9",
	"554 5.7.9 This mail has been blocked because the sender is "
	"unauthenticated.",
	"end of DATA"},
    {"5.7.133",
	"550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; "
	"authentication required; Delivery restriction check failed "
	"because the sender was not authenticated when sending to this "
	"group",
	"end of DATA"},
    {"5.7.1",
	"550 5.7.1 Recipient address rejected: You are not permitted to "
	"send to this list",
	"RCPT TO"},
    {"5.0.0", "550 Administrative prohibition - envelope blocked", "RCPT TO"},
};

static const struct reply full[] = {
    {"5.2.2",
	"552-5.2.2 The recipient's inbox is out of storage space. 552 "
	"5.2.2 OverQuotaPerm",
	"RCPT TO"},
    {"5.2.2", "552 5.2.2 mailbox is over quota", "RCPT TO"},
    {"5.0.0", "552 Requested mail action aborted: Quota exceeded.", "RCPT TO"},
    {"5.2.2", "552 5.2.2 mailbox full", "RCPT TO"},
    {"5.2.2", "552 5.2.2 Mailbox size limit exceeded", "end of DATA"},
    {"5.2.2",
	"554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:Quota"
	"ExceededException.MapiExceptionShutoffQuotaExceeded",
	"end of DATA"},
    {"5.0.0", "550 mailbox quota exceeded for this recipient", "RCPT TO"},
};

static const struct reply quota[] = {
    {"4.2.2",
	"452-4.2.2 The recipient's inbox is out of storage space. 452 "
	"4.2.2 OverQuotaTemp",
	"RCPT TO"},
    {"4.2.2", "452 4.2.2 mailbox is over quota", "RCPT TO"},
    {"4.0.0", "452 Requested action not taken: insufficient storage",
	"RCPT TO"},
    {"4.2.2", "452 4.2.2 mailbox full, try later", "RCPT TO"},
    {"4.2.2", "452 4.2.2 Over quota", "RCPT TO"},
    {"4.2.2", "452 4.2.2 Mailbox full", "end of DATA"},
    {"4.0.0", "450 mailbox over quota", "RCPT TO"},
};

static const struct reply greylisted[] = {
    {"4.7.0", "421 4.7.0 Try again later, closing connection.", "RCPT TO"},
    {"4.7.1", "451 4.7.1 Service busy, retry later", "RCPT TO"},
    {"4.0.0", "450 Requested mail action not taken: mailbox unavailable",
	"RCPT TO"},
    {"4.7.0", "421 4.7.0 Message temporarily deferred", "RCPT TO"},
    {"4.2.0",
	"450 4.2.0 Recipient address rejected: Greylisted, see "
	"http://postgrey.example/help/%s.html",
	"RCPT TO"},
    {"4.7.1", "451 4.7.1 Greylisting in action, please come back later",
	"RCPT TO"},
    {"4.0.0", "451 Temporarily rejected. Try again later.", "RCPT TO"},
};

static const struct reply slowed[] = {
    {"4.7.28",
	"421-4.7.28 Our system has detected an unusual rate of unsolicited mail "
	"421-4.7.28 originating from your IP address. To protect our users "
	"from spam, 421 4.7.28 mail sent from your IP address has been "
	"temporarily rate limited.",
	"end of DATA"},
    {"4.7.650",
	"451 4.7.650 The mail server [192.0.2.5] has been temporarily "
	"rate limited due to IP reputation. (S775)",
	"MAIL FROM"},
    {"4.0.0", "421 Rate limit reached. Please try again later", "MAIL FROM"},
    {"4.7.0",
	"421 4.7.0 [TSS04] Messages from 192.0.2.5 temporarily deferred "
	"due to unexpected volume or user complaints",
	"MAIL FROM"},
};

static const struct reply blocked[] = {
    {"5.7.1",
	"550-5.7.1 [192.0.2.5] The IP address sending this message has a very "
	"low reputation. 550 5.7.1 To protect our users from spam, the message "
	"has been blocked.",
	"end of DATA"},
    {"5.7.1",
	"550 5.7.1 Unfortunately, messages from [192.0.2.5] weren't "
	"sent. Please contact your Internet service provider since part "
	"of their network is on our block list (S3150).",
	"MAIL FROM"},
    {"5.0.0",
	"554-gmx.example (mxgmx017) Nemesis ESMTP Service not available "
	"554-No SMTP service 554-IP address is block listed. 554 For "
	"explanation visit https://postmaster.gmx.example/en/case",
	"MAIL FROM"},
    {"5.7.2",
	"553 5.7.2 [TSS09] All messages from 192.0.2.5 will be "
	"permanently deferred; Retrying will NOT succeed.",
	"MAIL FROM"},
};

/* A firm's words are always the same. */
static const struct reply *
pick(const struct reply *table, uint32_t who)
{
	unsigned p = fate_provider(who);

	return &table[p < 4 ? p : 4 + (who & RECIPIENT_NUMBER) % 40000 % 3];
}

static const struct reply *
reply_of(const struct fate *f, bool is_put_off, uint32_t who)
{
	if (is_put_off)
		return f->wait == FATE_GREYLISTED ? pick(greylisted, who)
		       : f->wait == FATE_QUOTA	  ? pick(quota, who)
						  : pick(slowed, who);
	switch (f->end) {
	case FATE_DEAD:
		return pick(dead, who);
	case FATE_REFUSED:
		return pick(refused, who);
	case FATE_FULL:
		return pick(full, who);
	case FATE_RULES:
		return pick(rules, who);
	default:
		return pick(blocked, who);
	}
}

static void
put_host(uint32_t who)
{
	text_put("mx.");
	fate_put_domain(who);
	text_put("[192.0.2.");
	text_num(fate_provider(who));
	text_char(']');
}

static void
put_words(const char *words, uint32_t who)
{
	for (; *words; words++) {
		if (words[0] == '%' && words[1] == 's') {
			fate_put_domain(who);
			words++;
		} else {
			text_char(*words);
		}
	}
}

static void
put_said(const struct reply *r, uint32_t who, bool is_put_off)
{
	text_put(r->dsn);
	text_put(is_put_off ? ", status=deferred (host "
			    : ", status=bounced (host ");
	put_host(who);
	text_put(" said: ");
	put_words(r->text, who);
	text_put(" (in reply to ");
	text_put(r->to);
	text_put(" command))");
}

void
fate_put(const struct world *w, const struct message *m, unsigned i,
    const struct fate *f, bool is_put_off)
{
	uint32_t who = w->recipients[m->first + i];
	bool is_timeout = is_put_off && f->wait == FATE_TIMEOUT;
	bool has_relay = !is_timeout && (is_put_off || f->end != FATE_NO_HOST);

	text_put(", relay=");
	if (has_relay) {
		put_host(who);
		text_put(":25");
	} else {
		text_put("none");
	}
	text_put(is_timeout ? ", delay=30, delays=0.1/0/30/0, dsn="
			    : ", delay=0.9, delays=0.1/0/0.4/0.4, dsn=");
	if (is_timeout) {
		text_put("4.4.1, status=deferred (connect to ");
		put_host(who);
		text_put(":25: Connection timed out)");
	} else if (is_put_off) {
		put_said(reply_of(f, true, who), who, true);
	} else if (f->end == FATE_NO_HOST) {
		text_put(
		    "5.4.4, status=bounced (Host or domain name not found. "
		    "Name service error for name=");
		fate_put_domain(who);
		text_put(" type=AAAA: Host not found)");
	} else if (f->end == FATE_SENT) {
		text_put("2.0.0, status=sent (250 2.0.0 OK)");
	} else {
		put_said(reply_of(f, false, who), who, false);
	}
}
