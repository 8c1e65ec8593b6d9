/* pages - rows that outpostd tells a page at a time (daemon/desk_page.h)
 *
 * The command's side: asks until there are no more, passes over what comes
 * again, and lays out the whole.
 */
#ifndef CLI_PAGES_H
#define CLI_PAGES_H

#include "base/json.h"
#include "cli/client.h"

struct page {
	struct json *columns; /* [name, "text" | "count" | "time"] each */
	struct str empty;     /* what a person reads when there is no row */
};

/* Asks l's question; each row once, an array of cells. What went wrong is
 * printed. The page's views live for the call. */
typedef void pages_fn(
    void *ctx, const struct page *page, const struct json *row);
enum exit_status pages_each(
    const struct client_line *l, const char *socket, pages_fn *each, void *ctx);

/* Does outpostd answer this by pages? */
bool pages_are_asked(const struct client_line *l);
/* Asks and prints them, as a table or as JSON. */
enum exit_status pages_run(const struct client_line *l, const char *socket);

#endif
