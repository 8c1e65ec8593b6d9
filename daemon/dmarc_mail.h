/* dmarc_mail - the DMARC aggregate report that a mail brings, if it does
 *
 * As gzip, zip or plain XML, the mail itself or a part of it. Pure.
 */
#ifndef DAEMON_DMARC_MAIL_H
#define DAEMON_DMARC_MAIL_H

#include "domains/dmarc_report.h"

/* 1: there is one; 0: none; -1: what should be one can't be read. All is in the
 * arena. */
int dmarc_mail_read(struct str mail, struct arena *a, struct dmarc_report *out,
    struct error *err);

#endif
