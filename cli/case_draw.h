/* case_draw - `outpost case`: all of one case on a screen */
#ifndef CLI_CASE_DRAW_H
#define CLI_CASE_DRAW_H

#include "base/json.h"
#include "cli/page.h"

/* Pure: the JSON of notify/case_json.h in, text out. */
void case_draw(
    const struct json *doc, const struct page_shape *s, struct text *out);

#endif
