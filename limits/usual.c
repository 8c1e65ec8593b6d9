/* usual - what a subject usually sends, remembered for a minute */
#include "limits/usual.h"

#include "base/map.h"

const struct subject_past *
usual_get(struct usual table[USUAL_SLOTS], struct ledger *l, struct subject *s,
    enum count c, int64_t window)
{
	/* An account and a claimed one may share a name. */
	uint64_t hash = map_hash(subject_key(s)) + subject_kind(s);
	struct usual *u = &table[hash & (USUAL_SLOTS - 1)];
	int64_t minute = ledger_now(l) / 60, mark = subject_mark(s);

	if (u->hash != hash || u->minute != minute || u->mark != mark ||
	    u->window != window || u->count != c) {
		*u = (struct usual){hash, minute, mark, window, c, {0}};
		subject_usual(l, s, c, window, 0.95, &u->past);
	}
	return &u->past;
}
