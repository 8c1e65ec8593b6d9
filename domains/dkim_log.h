/* dkim_log - who signs what, as the signer's log lines say
 *
 * opendkim (SyslogSuccess yes): "ID: DKIM-Signature field added (s=SEL,
 * d=DOMAIN)", also dkimpy-milter's; rspamd: "... DKIM_SIGNED(0.00){DOMAIN:s=
 * SEL;} ..." among a task's symbols. Pure.
 */
#ifndef DOMAINS_DKIM_LOG_H
#define DOMAINS_DKIM_LOG_H

#include "base/dns_answer.h"

/* The first signature that the line tells of; false: of none. The selector is
 * a view into the text. */
bool dkim_log_parse(struct str program, struct str text, char domain[DNS_NAME],
    struct str *selector);

#endif
