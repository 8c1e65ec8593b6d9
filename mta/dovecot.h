/* dovecot - what a line of Dovecot says about logins
 *
 * Dovecot 2.2 to 2.4, as syslog has it ("dovecot: imap-login: Login: ...") or
 * its own log file ("imap-login: Info: Login: ..."), with its default
 * login_log_format, in which user=<...> stands first. Two kinds of lines:
 *
 * - a login process (imap-login, pop3-login, submission-login,
 *   managesieve-login) at the end of a session: LINE_LOGIN, LINE_LOGIN_FAILED
 *   (attempts: how many; only the last one's user is named), or
 *   LINE_LOGIN_ABORTED;
 * - a password check that said no (auth, auth-worker): LINE_PASSDB_FAILED.
 *   Another database may still say yes. One for Postfix's SMTP AUTH has no
 *   session.
 *
 * What stands in user=<...> is the client's choice: a line that can be read
 * in two ways keeps its kind and has no user, address, method and session.
 * The password that auth_verbose_passwords logs is in no field.
 */
#ifndef MTA_DOVECOT_H
#define MTA_DOVECOT_H

#include "base/text.h"
#include "mta/postfix.h"

/* False when the line isn't one of these; then *out is unchanged. The rest of
 * *out as from postfix_parse, the kind LINE_FOREIGN. */
bool dovecot_parse(const struct logline *in, struct postfix_line *out);

/* The text of a line that isn't understood, for people: from where a password
 * may stand on it is "<hidden>". */
void dovecot_print_text(struct text *out, const struct logline *in);

#endif
