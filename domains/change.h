/* change - what is to become of the records of names, and of it again
 *
 * Pure. A change knows all TXT records of its name before and after, so that
 * whoever makes it, or takes it back, can say what must stand there now.
 */
#ifndef DOMAINS_CHANGE_H
#define DOMAINS_CHANGE_H

#include "base/setting.h"
#include "domains/update.h"

struct change {
	struct update_set before, after;
};

/* Without the records of these texts, with that one; of other records nothing
 * changes. */
void change_make(struct change *c, struct arena *a,
    const struct update_set *before, const struct str *remove, size_t n,
    struct str add);
/* As an answer of the DNS; v has UPDATE_RECORDS, texts are in the arena. */
struct dns_answer change_answer(
    const struct update_set *set, struct arena *a, struct dns_record *v);

/* What was changed, as it is kept for being taken back. */
enum { CHANGES_MAX = 32 };
struct changes {
	struct str domain, zone, by;
	int64_t at;
	struct change v[CHANGES_MAX];
	size_t n;
};
/* One message that makes all of it, if everything is as it was before; is_undo:
 * that takes it back, if everything is as it was left. false: too long. */
bool changes_message(const struct changes *c, bool is_undo, uint16_t id,
    const char *zone, struct update *out);
void changes_print(const struct changes *c, struct text *out);
/* Texts are in the arena. */
int changes_read(
    struct str file, struct arena *a, struct changes *out, struct error *err);

#endif
