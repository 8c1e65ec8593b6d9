/* show_draw - one subject on a screen, from what show.c gathered
 *
 * Pure: JSON in, text out.
 */
#ifndef CLI_SHOW_DRAW_H
#define CLI_SHOW_DRAW_H

#include "base/json.h"
#include "cli/page.h"

void show_draw(
    const struct json *doc, const struct page_shape *s, struct text *out);

/* show_chart.c: the part of the page that is a chart. */
void show_chart(
    struct page *p, const struct json *doc, const struct page_shape *s);
/* show_lists.c: mail, accounts, networks, history, limits. */
void show_lists(struct page *p, const struct json *doc, int64_t now);
/* show_words.c */
struct str show_text(const struct json *v, const char *key);
int64_t show_number(const struct json *v, const char *key);
/* Seconds; 0: null or absent. */
int64_t show_time(const struct json *v, const char *key);
/* "05:12" of today, else "2026-11-21 05:12". */
void show_when(struct text *out, int64_t at, int64_t now);
/* "05:12" of today, else "2026-11-21". */
void show_about(struct text *out, int64_t at, int64_t now);
/* Always with the day. */
void show_day(struct text *out, int64_t at);
/* "1.2 MB" */
void show_bytes(struct text *out, int64_t n);
/* "suspended by anna: reason": an event of the history. */
void show_event(const struct json *event, struct text *out);

#endif
