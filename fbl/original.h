/* original - what the embedded message tells of itself and of its way */
#ifndef FBL_ORIGINAL_H
#define FBL_ORIGINAL_H

#include "fbl/fields.h"

/* Reads the message (or its header alone) into r->original and r->derived. */
void original_take(struct fbl_report *r, struct arena *a, struct str message);

/* The same of a header that was read already. */
void original_derive(struct fbl_report *r, struct arena *a);

#endif
