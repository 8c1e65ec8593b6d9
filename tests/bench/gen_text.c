/* gen_text - the words of a made-up log: clients, recipients, replies */
#include "tests/bench/gen_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

char text_buffer[TEXT_BUFFER + TEXT_LINE_MAX];
char *text_end = text_buffer;

static bool rfc3339;

struct provider {
	const char *domain, *relay, *sent;
};

/* "#" in the texts is replaced by digits of the hash. */
static const struct provider providers[] = {
    {"gmail.example", "gmail-smtp-in.l.google.example[192.0.2.26]:25",
	"250 2.0.0 OK  17681#### a1-20020a05600c####si#######wml.## - gsmtp"},
    {"hotmail.example", "hotmail-com.olc.outlook.example[192.0.2.41]:25",
	"250 2.6.0 <#########@mail.hosting.example> "
	"[InternalId=1692#######, Hostname=AS8P190MB####.PROD.OUTLOOK.EXAMPLE]"
	" 12### bytes in 0.###, 78.### KB/sec Queued mail for delivery -> "
	"250 2.1.5"},
    {"yahoo.example", "mta7.am0.yahoodns.example[192.0.2.77]:25",
	"250 ok dirdel"},
    {"gmx.example", "mx00.emig.gmx.example[192.0.2.9]:25",
	"250 Requested mail action okay, completed: id=1M######-1s######"},
    {"example.org", "mx.example.org[192.0.2.100]:25",
	"250 2.0.0 Ok: queued as 4F########"},
    {"example.net", "mail.example.net[198.51.100.25]:25",
	"250 OK id=1qX###-000###-1#"},
    {"uni.example", "mx1.uni.example[198.51.100.40]:25",
	"250 2.0.0 40######## Message accepted for delivery"},
    {"firma.example", "firma-example.mail.protection.example[192.0.2.36]:25",
	"250 2.6.0 <#########@mail.hosting.example> "
	"[InternalId=8804#######, Hostname=DB9PR0####.EXAMPLE] 9### bytes in "
	"0.0##, 140.### KB/sec Queued mail for delivery"},
};
enum { PROVIDERS = sizeof(providers) / sizeof(providers[0]) };

/* "@" stands for the relay without its port, "!" for the recipient. */
static const char *const deferrals[] = {
    "dsn=4.2.1, status=deferred (host @ said: 450-4.2.1 The user you are "
    "trying to contact is receiving mail at a rate that 450-4.2.1 prevents "
    "additional messages from being delivered. 450 4.2.1 ####si#####.## - "
    "gsmtp (in reply to RCPT TO command))",
    "dsn=4.7.1, status=deferred (host @ said: 451 4.7.1 <!>: Recipient "
    "address rejected: Greylisted, see https://help.example/ (in reply to "
    "RCPT TO command))",
    "dsn=4.7.0, status=deferred (host @ said: 421 4.7.0 [TSS04] Messages from "
    "203.0.113.10 temporarily deferred due to unexpected volume or user "
    "complaints - 4.16.55.1 (in reply to MAIL FROM command))",
    "dsn=4.2.2, status=deferred (host @ said: 452 4.2.2 <!>: Mailbox full "
    "(in reply to RCPT TO command))",
    "dsn=4.4.1, status=deferred (connect to @:25: Connection timed out)",
    "dsn=4.4.2, status=deferred (lost connection with @ while receiving the "
    "initial server greeting)",
    "dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to "
    "@:25: Connection refused)",
};
enum {
	DEFERRALS = sizeof(deferrals) / sizeof(deferrals[0]),
	DEFERRAL_TIMEOUT = 4,
	DEFERRAL_SUSPENDED = 6
};

static const char *const bounces[] = {
    "dsn=5.1.1, status=bounced (host @ said: 550-5.1.1 The email account that "
    "you tried to reach does not exist. 550 5.1.1 ####si#####.## - gsmtp (in "
    "reply to RCPT TO command))",
    "dsn=5.1.1, status=bounced (host @ said: 550 5.1.1 <!>: Recipient address "
    "rejected: User unknown in virtual mailbox table (in reply to RCPT TO "
    "command))",
    "dsn=5.5.0, status=bounced (host @ said: 550 Requested action not taken: "
    "mailbox unavailable (in reply to RCPT TO command))",
    "dsn=5.7.1, status=bounced (host @ said: 550 5.7.1 Message rejected as "
    "spam by content filtering. (in reply to end of DATA command))",
    "dsn=5.2.2, status=bounced (host @ said: 552 5.2.2 <!>: user is over "
    "quota (in reply to RCPT TO command))",
    "dsn=5.4.4, status=bounced (Host or domain name not found. Name service "
    "error for name=nowhere####.example type=A: Host not found)",
};
enum { BOUNCES = sizeof(bounces) / sizeof(bounces[0]), BOUNCE_NO_HOST = 5 };

void
text_use_rfc3339(void)
{
	rfc3339 = true;
}

void
text_stamp(int64_t now, unsigned usec)
{
	static int64_t of = -1;
	static char stamp[64];
	time_t t = (time_t)now;
	struct tm tm;

	if (of != now) {
		of = now;
		gmtime_r(&t, &tm);
		strftime(stamp, sizeof(stamp),
		    rfc3339 ? "%Y-%m-%dT%H:%M:%S." : "%b %e %H:%M:%S mail ",
		    &tm);
	}
	text_put(stamp);
	if (!rfc3339)
		return;
	for (unsigned d = 100000; d > 0; d /= 10)
		text_char((char)('0' + usec / d % 10));
	text_put("+00:00 mail ");
}

void
text_flush(bool now)
{
	const char *p = text_buffer;

	if (!now && text_end - text_buffer < TEXT_BUFFER)
		return;
	while (p < text_end) {
		ssize_t n = write(STDOUT_FILENO, p, (size_t)(text_end - p));

		if (n < 0) {
			perror("gen_log");
			exit(1);
		}
		p += n;
	}
	text_end = text_buffer;
}

void
text_stranger(uint64_t hash)
{
	unsigned a = (unsigned)(hash >> 16) % 250, b = (unsigned)hash % 250;

	if (hash % 5 == 0) {
		text_put("unknown[198.51.");
	} else {
		text_put("mx");
		text_num(a);
		text_put(".sender.example[198.51.");
	}
	text_num(a);
	text_char('.');
	text_num(b);
	text_char(']');
}

void
text_outsider(uint64_t hash)
{
	text_put("news");
	text_num(hash % 5000);
	text_put("@sender");
	text_num(hash % 300);
	text_put(".example");
}

static void
put_recipient(const struct text_delivery *d)
{
	text_put("box");
	text_num(d->box);
	text_char('@');
	text_put(d->inside ? "hosting.example"
			   : providers[(d->hash >> 44) % PROVIDERS].domain);
}

/* The host and address of "host[address]:25". */
static void
put_host(const char *relay)
{
	size_t n = strcspn(relay, "]") + 1;

	memcpy(text_end, relay, n);
	text_end += n;
}

/* Copies a text, filling in digits, host and recipient. */
static void
put_pattern(const char *text, const struct text_delivery *d, const char *relay)
{
	uint64_t hash = d->hash, digits = hash;

	for (; *text != '\0'; text++) {
		if (*text == '#') {
			text_char((char)('0' + digits % 10));
			digits = digits < 10 ? hash : digits / 10;
		} else if (*text == '@' && relay != NULL) {
			put_host(relay);
		} else if (*text == '!') {
			put_recipient(d);
		} else {
			text_char(*text);
		}
	}
}

static unsigned
deferral_of(uint64_t hash)
{
	return (unsigned)(hash >> 50) % DEFERRALS;
}

const char *
text_agent(uint64_t hash, bool inside, enum text_result result)
{
	if (inside)
		return hash >> 40 & 1 ? "postfix/lmtp" : "postfix/virtual";
	if (result == TEXT_DEFERRED && deferral_of(hash) == DEFERRAL_SUSPENDED)
		return "postfix/error";
	return "postfix/smtp";
}

static void
put_delays(const struct text_delivery *d)
{
	uint64_t hash = d->hash;
	unsigned age = d->age;
	unsigned c = (unsigned)(hash >> 12) % 90, e = (unsigned)hash % 90;

	text_put(", delay=");
	text_num(age);
	text_char('.');
	text_num(c + e);
	text_put(", delays=");
	text_num(age);
	text_put(".02/0.01/0.");
	text_num(c);
	text_put("/0.");
	text_num(e);
	text_put(", ");
}

static void
put_inside(const struct text_delivery *d)
{
	enum text_result result = d->result;
	bool lmtp = d->hash >> 40 & 1;

	text_put(">, relay=");
	text_put(
	    lmtp ? "mail.hosting.example[private/dovecot-lmtp]" : "virtual");
	put_delays(d);
	if (result == TEXT_SENT && lmtp)
		put_pattern("dsn=2.0.0, status=sent (250 2.0.0 <box> "
			    "q#H#Lm####WQ#gAA Saved)",
		    d, NULL);
	else if (result == TEXT_SENT)
		text_put("dsn=2.0.0, status=sent (delivered to maildir)");
	else if (result == TEXT_DEFERRED)
		text_put("dsn=4.2.2, status=deferred (mailbox over quota)");
	else
		text_put("dsn=5.1.1, status=bounced (unknown user: \"box\")");
}

static void
put_outside(const struct text_delivery *d)
{
	uint64_t hash = d->hash;
	enum text_result result = d->result;
	const struct provider *p = &providers[(hash >> 44) % PROVIDERS];
	unsigned deferral = deferral_of(hash);
	unsigned bounce = (unsigned)(hash >> 50) % BOUNCES;
	bool no_relay =
	    (result == TEXT_DEFERRED && (deferral == DEFERRAL_TIMEOUT ||
					    deferral == DEFERRAL_SUSPENDED)) ||
	    (result == TEXT_BOUNCED && bounce == BOUNCE_NO_HOST);

	text_put(">, relay=");
	text_put(no_relay ? "none" : p->relay);
	put_delays(d);
	if (result == TEXT_SENT) {
		text_put("dsn=2.0.0, status=sent (");
		put_pattern(p->sent, d, NULL);
		text_char(')');
	} else {
		put_pattern(result == TEXT_DEFERRED ? deferrals[deferral]
						    : bounces[bounce],
		    d, p->relay);
	}
}

void
text_delivery(const struct text_delivery *d)
{
	text_put("to=<");
	put_recipient(d);
	if (d->inside)
		put_inside(d);
	else
		put_outside(d);
}
