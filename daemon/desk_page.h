/* desk_page - rows in an answer, a page at a time
 *
 * Hundreds of thousands of rows are more than one answer in one turn of the
 * loop, so the command asks with the option "page": empty for the first page,
 * then with what the answer calls "last", until it has none (cli/pages.h).
 * A page is
 *   {"empty":"nobody","keys":1,"columns":[["subject","text"],
 *    ["since","time"]],"rows":[["alice@example.com",1763791200]]}
 * Times are seconds, 0 for none. What exists from the first page to the last is
 * on one of them, perhaps on two; its first `keys` cells tell that.
 */
#ifndef DAEMON_DESK_PAGE_H
#define DAEMON_DESK_PAGE_H

#include "daemon/desk.h"

enum desk_cell { DESK_CELL_TEXT, DESK_CELL_COUNT, DESK_CELL_TIME };
enum { DESK_PAGE_EFFORT = 1024 }; /* as standings_walk counts: 300 us */

struct desk_page {
	struct control_reply *reply;
	struct json_out j;
	size_t n_columns, at;
	bool has_rows;
};

/* Where this page begins; empty: it is the first one. false: none is asked for,
 * or of another start of outpostd; the reply says so. */
bool desk_page_take(struct desk *d, const struct control_request *q,
    struct str *at, struct control_reply *r);

void desk_page_open(struct desk_page *p, const char *empty, size_t keys,
    struct control_reply *r);
void desk_page_column(
    struct desk_page *p, const char *name, enum desk_cell cell);
/* Cell by cell, as many as there are columns. */
void desk_page_text(struct desk_page *p, struct str v);
void desk_page_i64(struct desk_page *p, int64_t v);
/* next: where the next page begins; empty: there is none. */
void desk_page_close(struct desk_page *p, struct desk *d, struct str next);
/* The same after a walk over the standings. */
void desk_page_close_at(struct desk_page *p, struct desk *d, size_t left);
/* false: at is no place in one. */
bool desk_page_walk(struct desk *d, struct str at, struct standings_walk *w);

/* desk_list.c: the page that `list` gives of subjects. */
void desk_list_open(
    struct desk_page *p, const char *empty, struct control_reply *r);
void desk_list_row(struct desk_page *p, struct str subject, struct str standing,
    int64_t since, int64_t until, const char *by, const char *reason);

#endif
