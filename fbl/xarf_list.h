/* xarf_list - what is posted: one XARF document, or an array of them
 *
 * Pure. All of them are good, or none is taken.
 */
#ifndef FBL_XARF_LIST_H
#define FBL_XARF_LIST_H

#include "base/arena.h"
#include "base/error.h"

enum { XARF_LIST = 50 };

struct xarf_list {
	struct str v[XARF_LIST]; /* documents, in the arena */
	size_t n;
	bool is_array;
};

/* -1 with an error that names the place: "[3]: Report.Date: ...". */
int xarf_list_read(
    struct str body, struct arena *a, struct xarf_list *out, struct error *err);

#endif
