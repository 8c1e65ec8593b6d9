/* chain_login_test - from lines about logins to facts */
#include <stdio.h>

#include "mta/chain_script.h"

#include "mta/explain.h"

static struct script s;

static void
begin(void)
{
	script_init(&s);
	script_set(&s, "default_realm", "example.com");
	script_start(&s, false);
}

#define ELEMENTS "method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, TLS, session=<S>"

static void
test_sessions(void)
{
	begin();
	script_lines(&s,
	    "0 dovecot: imap-login: Login: user=<Anna>, " ELEMENTS "\n"
	    "0 dovecot: imap-login: Logged in: user=<anna@x>, " ELEMENTS "\n"
	    "0 dovecot: pop3-login: Aborted login (auth failed, 1 attempts in "
	    "2 secs): user=<bob>, " ELEMENTS "\n"
	    "0 dovecot: imap-login: Login aborted: Connection closed (auth "
	    "failed, 3 attempts in 6 secs) (auth_failed): user=<bob>, " ELEMENTS
	    "\n"
	    "0 dovecot: imap-login: Disconnected (no auth attempts in 2 secs): "
	    "user=<>, rip=192.0.2.7, lip=192.0.2.1\n");
	SCRIPT_FACTS(&s, "login anna@example.com 1\n"
			 "login anna@x 1\n"
			 "login_failed bob@example.com 1\n"
			 "login_failed bob@example.com 1\n"
			 "login_failed  2\n");
	script_done(&s);
}

/* The name a client gives imitates the rest of the line. */
static void
test_forged(void)
{
	static const char *const names[] = {
	    "x>, method=PLAIN, rip=198.51.100.66, lip=1, session=<a",
	    "x>, rip=198.51.100.66", "x>, session=<a", "x>, method=PLAIN",
	    ": user=<anna>, rip=198.51.100.66", "<", "anna>"};
	char line[400];

	begin();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line),
		    "0 dovecot: imap-login: Disconnected (auth failed, 1 "
		    "attempts in 1 secs): user=<%s>, " ELEMENTS "\n",
		    names[i]);
		script_lines(&s, line);
		SCRIPT_FACTS(&s, "");
	}
	script_done(&s);
}

#define SASL                                                                     \
	"postfix/smtpd: warning: unknown[192.0.2.9]: SASL PLAIN authentication " \
	"failed: UGFzc3dvcmQ6\n"

/* Postfix's line is the failure; Dovecot's tells whose, once. */
static void
test_smtp(void)
{
	begin();
	script_lines(&s,
	    "0 dovecot: auth: sql(anna,192.0.2.9): Password mismatch (given "
	    "password: pw) - trying the next passdb\n"
	    "0 dovecot: auth: static(anna,192.0.2.9): Password mismatch\n");
	SCRIPT_FACTS(&s, "");
	script_lines(&s, "1 " SASL "2 " SASL);
	SCRIPT_FACTS(&s, "login_failed anna@example.com 1\nlogin_failed  1\n");
	script_lines(&s,
	    "3 dovecot: auth: sql(anna,192.0.2.8): unknown user\n"
	    "4 dovecot: auth: sql(anna,192.0.2.9,<S>): unknown user\n"
	    "5 dovecot: auth: sql(old,192.0.2.9): unknown user\n"
	    "20 " SASL);
	SCRIPT_FACTS(&s, "login_failed  1\n");
	script_lines(&s,
	    "21 dovecot: auth(bob,192.0.2.9,sasl:login): sql: unknown user\n"
	    "22 postfix/smtpd: warning: unknown[192.0.2.9]: SASL PLAIN "
	    "authentication failed: x, sasl_username=carl\n"
	    "23 " SASL);
	SCRIPT_FACTS(&s, "login_failed carl@example.com 1\nlogin_failed  1\n");
	script_done(&s);
}

/* Neither the fields nor what people are shown. */
static void
test_passwords(void)
{
	static const char *const lines[] = {
	    "dovecot: auth: sql(a,192.0.2.9): Password mismatch (given "
	    "password: sesame)",
	    "dovecot: auth: sql(a (given password: ,192.0.2.9): unknown user "
	    "(given password: sesame)",
	    "dovecot: auth: sql(a): unknown user (given password: sesame)",
	    "auth: Debug: client in: AUTH 1 PLAIN service=smtp resp=sesame",
	    "auth: Debug: client in: CONT<TAB>1<TAB>sesame",
	    "auth: Debug: sql(a,1.2.3.4): CRYPT(sesame) != 'sesame'",
	    "auth: Debug: client passdb out: OK 1 user=a pass=sesame",
	    "auth-worker(9): Debug: PASSV 1 sesame",
	};
	struct logline_clock clock;
	char line[400], buf[2000];
	struct text t;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		logline_clock_init(&clock, SCRIPT_BEGIN);
		snprintf(
		    line, sizeof(line), "Nov 21 10:00:00 mail %s", lines[i]);
		text_init(&t, buf, sizeof(buf));
		explain_line(&t, &clock, str_from(line));
		if (str_find(text_view(&t), STR("sesame")) >= 0)
			test_fail(__FILE__, __LINE__, "%s", buf);
	}
}

TESTS(TEST(test_sessions), TEST(test_forged), TEST(test_smtp),
    TEST(test_passwords))
