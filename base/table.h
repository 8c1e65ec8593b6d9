/* table - aligned columns for a person at a terminal
 *
 *   struct table *t = table_new();
 *   table_column(t, "ACCOUNT", TABLE_LEFT);
 *   table_column(t, "SENT", TABLE_RIGHT);
 *   table_cell(t, account);      (cell by cell; a row is full after as many
 *   table_cell_i64(t, sent);      cells as there are columns)
 *   table_print(t, out, width);
 *   table_free(&t);
 *
 * Values are foreign bytes: they are made printable (text_printable). Widths
 * are counted in columns of a terminal.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/text.h"

enum table_align { TABLE_LEFT, TABLE_RIGHT };

struct table;
struct table *table_new(void);
void table_free(struct table **t);

/* All columns are declared before the first cell. header is a literal; if all
 * are empty, no header is printed. */
void table_column(struct table *t, const char *header, enum table_align align);

void table_cell(struct table *t, struct str value);
void table_cell_i64(struct table *t, int64_t value);
void table_cell_format(struct table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Fills the rest of a row that was begun with empty cells. */
void table_end_row(struct table *t);

size_t table_count(const struct table *t); /* rows, a begun one too */

/* width: what a line may take, 0 for no limit. If the lines are longer, the
 * widest left-aligned columns are narrowed and their values end in an
 * ellipsis; right-aligned ones (numbers) never are. */
void table_print(const struct table *t, struct text *out, size_t width);

/* The longest head of s that takes at most `max` columns of a terminal; *width
 * is how many it takes. */
struct str table_fit(struct str s, size_t max, size_t *width);

#endif
