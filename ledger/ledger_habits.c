/* ledger_habits - what is unusual of an account's message */
#include "ledger/ledger_state.h"

#include "base/error.h"

enum { DOMAIN = 255 };

/* The hash of a sender's domain that isn't the account's; 0: it is, or there
 * is none. */
static uint32_t
foreign_domain(const struct ledger *l, const struct fact *f)
{
	ptrdiff_t at = str_find_last(f->sender, STR("@"));
	char lower[DOMAIN];

	if (at < 0)
		return 0;
	struct str domain =
	    str_head(str_skip(f->sender, (size_t)at + 1), sizeof(lower));

	if (domain.n == 0 || str_is(domain, f->domain) ||
	    str_is_nocase(domain, f->domain))
		return 0;
	for (size_t i = 0; i < domain.n; i++) {
		char c = domain.p[i];

		lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	return (uint32_t)sketch_hash(l->hash_key, str_make(lower, domain.n)) |
	       1;
}

/* What is usual on another node is usual. What a forward passes on says
 * nothing of anybody's habits. */
unsigned
habits_see(struct ledger *l, struct subject *s, const struct fact *f)
{
	if (str_starts(f->account, STR("fwd:")))
		return 0;
	const struct habits_message m = {f->at, f->recipients, f->size_bytes,
	    f->subject, foreign_domain(l, f)};
	struct subject_seen *seen = subjects_seen(s);

	if (!seen->habits)
		seen->habits = xalloc(1, sizeof(*seen->habits));
	unsigned is = habits_meet(seen->habits, &m);

	if (seen->habits->is_unsaved)
		s->listed |= LISTED_SKETCHES;
	for (const struct subject_other *o = s->others; is && o; o = o->next)
		if (o->seen.habits)
			is &= ~habits_usual(o->seen.habits, &m);
	return is;
}
