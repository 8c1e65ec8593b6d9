/* letter_data - what stands in a letter; only letter*.c include this */
#ifndef NOTIFY_LETTER_DATA_H
#define NOTIFY_LETTER_DATA_H

#include "notify/letter.h"

/* letter.STAGE.txt, and its HTML unless it is for the desk. */
extern const struct template_spec letter_specs[];
extern const size_t letter_n_specs;
size_t letter_spec(enum letter_stage s, bool is_html);

/* The fields of that stage, filled. */
struct template_data *letter_data(
    const struct letter *l, struct str title, struct arena *a);

#endif
