/* suppressed - who wants no more mail of an account
 *
 * Who complained about it, or said so, by a report that is to be believed; and
 * only people with a name: what some reporters put in the place of an address
 * suppresses nobody. The list is one over all nodes (kept_merge): who was taken
 * off stays in it, and it says so.
 */
#ifndef FBL_SUPPRESSED_H
#define FBL_SUPPRESSED_H

#include "fbl/complaint.h"
#include "fbl/kept.h"

/* What a believed report does to the list: a complaint, a trap or an opt-out
 * adds its complainer, a not-spam takes him off again, unless he opted out.
 * true: it changed. */
bool suppressed_note(
    struct kept *k, const struct complaint *c, struct str account, int64_t now);
bool suppressed_has(
    const struct kept *k, struct str account, struct str address);
/* An operator takes him off, at a time of suppressed_end_at: another node may
 * have told of it before. false: it changes nothing. */
bool suppressed_end(
    struct kept *k, struct str account, struct str address, int64_t at);
int64_t suppressed_end_at(
    const struct kept *k, struct str account, struct str address, int64_t now);

struct suppressed {
	struct str account, address;
	struct str why, reporter;
	int64_t since;
};
/* Views into the item. false: he was taken off. */
bool suppressed_read(const struct kept_item *i, struct suppressed *out);

#endif
