/* own_ip - which of our addresses a delivery left from
 *
 * Postfix doesn't log it: the transport's syslog_name tells, where each address
 * has a transport of its own. Pure.
 */
#ifndef REPUTATION_OWN_IP_H
#define REPUTATION_OWN_IP_H

#include "base/str.h"

enum { OWN_IP_NAME = 48 };
#define OWN_IP_DEFAULT "default"

/* tag: as the line has it. "out1" of "postfix/out1/smtp", as own_ips are
 * called; "mta2" of "mta2/smtp"; OWN_IP_DEFAULT where it tells nothing. A view
 * into the tag. */
struct str own_ip_of_tag(struct str tag);

#endif
