/* dmarc_pack - DMARC aggregate reports as bytes: in the store, and for the
 * other nodes
 *
 * Pure.
 */
#ifndef DOMAINS_DMARC_PACK_H
#define DOMAINS_DMARC_PACK_H

#include "domains/dmarc_report.h"

enum { DMARC_PACKED_ROW = 8 + 16 + 2 + 8 * 256, DMARC_PACK_ROWS = 500 };

/* A report's head; reporter: who vouches for it, or what it calls itself. */
struct dmarc_head {
	int64_t begin, end;
	bool is_vouched;
	enum dmarc_policy policy;
	char reporter[DMARC_TEXT + 1], id[DMARC_TEXT + 1];
};
void dmarc_pack_head(const struct dmarc_report *r, struct str reporter,
    bool is_vouched, struct text *out);
bool dmarc_unpack_head(struct str v, struct dmarc_head *out);

/* Its row; the texts of one that is read are in `texts`. */
enum { DMARC_ROW_TEXTS = 5 };
void dmarc_pack_row(const struct dmarc_row *row, struct text *out);
bool dmarc_unpack_row(struct str v, char texts[DMARC_ROW_TEXTS][DMARC_TEXT + 1],
    struct dmarc_row *out);

/* All of it, at most DMARC_PACK_ROWS of its rows; what is read is in the arena.
 */
void dmarc_pack(const struct dmarc_report *r, struct str reporter,
    bool is_vouched, struct text *out);
bool dmarc_unpack(struct str v, struct arena *a, struct dmarc_report *out,
    struct str *reporter, bool *is_vouched);

#endif
