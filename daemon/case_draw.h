/* case_draw - `outpost case`: all of one case on a screen */
#ifndef DAEMON_CASE_DRAW_H
#define DAEMON_CASE_DRAW_H

#include "base/json.h"
#include "daemon/page.h"

/* Pure: the JSON of notify/case_json.h in, text out. */
void case_draw(
    const struct json *doc, const struct page_shape *s, struct text *out);

#endif
