/* show - `outpost show SUBJECT`: all about one on one screen
 *
 * outpostd tells what it knows (desk_person.c). The command adds what it may
 * see itself: countries, and from outpost-queue, which tells admins only, what
 * is held and its subjects.
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "base/json.h"
#include "cli/client.h"
#include "cli/page.h"
#include "config/settings.h"

/* settings NULL: there is no configuration here; nothing is added. */
enum exit_status show_run(
    const struct client_line *l, const char *socket, struct settings *settings);

/* Asks, and draws the JSON that is answered, or prints it with --json. */
typedef void show_draw_fn(
    const struct json *doc, const struct page_shape *s, struct text *out);
enum exit_status show_answer(
    const struct client_line *l, const char *socket, show_draw_fn *draw);

#endif
