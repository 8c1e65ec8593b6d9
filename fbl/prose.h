/* prose - what a report says in words, for people
 *
 * The sentence that RFC 5965's example has, and those who copied it: "This is
 * an email abuse report for an email message received from IP 192.0.2.1 on
 * Thu, 8 Mar 2005 14:00:00 EDT." And Exim's "Sender IP Address: 192.0.2.1".
 */
#ifndef FBL_PROSE_H
#define FBL_PROSE_H

#include "fbl/fields.h"

/* Adds to r->derived what the sentence tells. */
void prose_derive(struct fbl_report *r, struct arena *a, struct str text);

/* A DMARC failure told in lines "Sender Domain: example.com", and perhaps the
 * header of the message below. false: it is none. */
bool prose_take_dmarc(struct fbl_report *r, struct arena *a, struct str text);

#endif
