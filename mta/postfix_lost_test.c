/* postfix_lost_test - which lines say that lines were lost, and how many */
#include "base/test.h"
#include "base/text.h"
#include "mta/postfix.h"

enum { NOT = -1 };

static const struct {
	const char *line; /* without its time and host */
	int n;		  /* lost; 0: some */
} cases[] = {
    {"systemd-journald[99]: Suppressed 1500 messages from postfix@-.service",
	1500},
    {"systemd-journald[9]: Suppressed 12 messages from dovecot.service", 12},
    {"systemd-journald[9]: Suppressed 12 messages from nginx.service", NOT},
    {"systemd-journald[9]: Suppressed x messages from postfix.service", NOT},
    {"systemd-journald[9]: Suppressed messages", NOT},
    {"systemd-journald[9]: Forwarding to syslog missed 7 messages.", 7},
    {"rsyslogd: imuxsock lost 321 messages from pid 77 due to rate-limiting",
	321},
    {"rsyslogd-2177: imuxsock lost 3 messages from pid 77 due to x", 3},
    {"rsyslogd-2177: imuxsock begins to drop messages from pid 77 due to "
     "rate-limiting",
	0},
    {"rsyslogd: imuxsock[pid: 951]: 45 messages lost due to rate-limiting (200 "
     "allowed within 5 seconds)",
	45},
    {"rsyslogd: imuxsock[pid: 951] from <postfix/smtpd:951>: begin to drop "
     "messages due to rate-limiting",
	0},
    {"rsyslogd: imuxsock[pid: 951] from <nginx:951>: begin to drop messages "
     "due to rate-limiting",
	NOT},
    {"rsyslogd: imjournal: 20000 messages lost due to rate-limiting (20000 "
     "allowed within 600 seconds)",
	20000},
    {"rsyslogd: [origin software=\"rsyslogd\"] start", NOT},
    /* Who can choose words of a line, but not its program. */
    {"postfix/smtpd[1]: warning: x[192.0.2.1]: Suppressed 9 messages from "
     "postfix.service",
	NOT},
    {"postfix/smtpd[1]: imuxsock lost 9 messages from pid 1", NOT},
    {"postfix/cleanup[1]: 4jXCTZ213Bz1dvTj: message-id=<systemd-journald: "
     "Suppressed 9 messages from postfix.service>",
	NOT},
    {"x/systemd-journald[1]: Suppressed 9 messages from postfix.service", NOT},
    {"dovecot: imap-login: Suppressed 9 messages from postfix.service", NOT},
    {"nginx: Suppressed 9 messages from postfix.service", NOT},
};

static void
lines(void)
{
	struct logline_clock clock;
	struct postfix_line p;
	struct logline log;
	char line[512];

	logline_clock_init(&clock, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text t;

		text_init(&t, line, sizeof(line));
		text_printf(&t, "2026-11-22T01:02:03Z mail %s", cases[i].line);
		CHECK(logline_parse(&clock, text_view(&t), &log));
		postfix_parse(&log, &p);
		int n = p.kind != LINE_LOST
			    ? NOT
			    : (int)line_number(&p, FIELD_MESSAGES);
		if (n != cases[i].n)
			CHECK_STR(str_from(line), STR("otherwise"));
		CHECK_INT(n, cases[i].n);
	}
}

TESTS(TEST(lines))
