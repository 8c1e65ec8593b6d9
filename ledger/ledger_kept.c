/* ledger_kept - what is known of the silent, as it is packed for the books
 *
 * Who stops counting is packed as it comes, for it may go on in a moment; the
 * walk over the silent packs it small.
 */
#include "ledger/ledger_state.h"

#include <stdlib.h>

#include "base/error.h"
#include "ledger/pack.h"

enum {
	SMALL = 2048,  /* bytes: 256 entries and 16 networks */
	LARGE = 32768, /* what is packed small */
	DAYS = 255,    /* in a byte, and none */
};

/* A checksum has kept it; what can't be read in spite of that is forgotten. */
static void
unpack(const struct subject_kept *kept, struct subject_seen *out)
{
	if (!ledger_take_seen(str_make(kept->packed, kept->n), out)) {
		subject_seen_done(out);
		*out = (struct subject_seen){0};
	}
	sketch_saved(&out->recipients);
}

const struct subject_seen *
subjects_look_seen(const struct subject *s, struct subject_seen *scratch)
{
	if (s->kept)
		unpack(s->kept, scratch);
	return s->seen ? s->seen : scratch;
}

struct subject_seen *
subjects_seen(struct subject *s)
{
	if (s->seen)
		return s->seen;
	s->seen = xalloc(1, sizeof(*s->seen));
	if (s->kept) {
		unpack(s->kept, s->seen);
		free(s->kept);
		s->kept = NULL;
	}
	return s->seen;
}

static void
put_kept(struct subject *s, struct str packed)
{
	s->kept = xrealloc(s->kept, 1, sizeof(*s->kept) + packed.n);
	s->kept->n = (uint16_t)packed.n;
	s->kept->is_small = false;
	s->kept->due = 0;
	memcpy(s->kept->packed, packed.p, packed.n);
}

static void
drop_seen(struct subject *s)
{
	subject_seen_done(s->seen);
	free(s->seen);
	s->seen = NULL;
}

/* Everything in it is saved, or may be as it will be packed. */
static bool
may_keep(const struct subject *s)
{
	const struct subject_seen *seen = s->seen;

	if (!seen || seen->is_unsaved || seen->tried ||
	    seen->recipients.dense || sketch_has_fresh(&seen->recipients))
		return false;
	return !(s->listed & 1u << LIST_SAVE) ||
	       (!known_has_fresh(seen->known) &&
		   !(seen->habits && seen->habits->is_unsaved));
}

void
subjects_keep_seen(struct subject *s)
{
	char buf[SMALL], bits[SMALL];
	struct text out, scratch;

	if (!may_keep(s))
		return;
	text_init(&out, buf, sizeof(buf));
	text_init(&scratch, bits, sizeof(bits));
	ledger_pack_seen(s->seen, false, &scratch, &out);
	if (out.is_cut || scratch.is_cut)
		return;
	put_kept(s, text_view(&out));
	drop_seen(s);
}

static uint32_t
day_of_hour(uint32_t hour)
{
	return hour / 24;
}

uint8_t
subject_due(uint32_t last_hour, uint32_t n)
{
	return n > 0 ? (uint8_t)((day_of_hour(last_hour) + 2) % DAYS + 1) : 0;
}

bool
subject_is_due(uint8_t due, int64_t now)
{
	uint32_t today = day_of_hour(record_minute(now) / 60);

	return due > 0 && (today % DAYS + DAYS - (due - 1u)) % DAYS < DAYS / 2;
}

static bool
is_empty(const struct subject_seen *seen)
{
	return sketch_is_empty(&seen->recipients) && seen->networks.n == 0 &&
	       !seen->known && !seen->habits;
}

/* What is left of it now, packed small; false: it is too much. */
static bool
put_small(struct subject *s, struct subject_seen *seen, int64_t now)
{
	struct text out, scratch;

	sketch_fold(&seen->recipients, now);
	networks_fold(&seen->networks, now);
	known_fold(&seen->known, now);
	if (is_empty(seen)) {
		free(s->kept);
		s->kept = NULL;
		return true;
	}
	text_grow(&out, LARGE);
	text_grow(&scratch, LARGE);
	ledger_pack_seen(seen, true, &scratch, &out);
	bool fits = !out.is_cut && !scratch.is_cut;

	if (fits) {
		put_kept(s, text_view(&out));
		s->kept->is_small = true;
		s->kept->due =
		    subject_due(seen->recipients.last_hour, seen->recipients.n);
	}
	text_done(&out);
	text_done(&scratch);
	return fits;
}

bool
subjects_squeeze_seen(struct subject *s, int64_t now, size_t *bytes)
{
	struct subject_seen seen = {0};
	uint32_t before = s->kept ? s->kept->n : 0;

	*bytes = 0;
	if (s->seen) {
		if (!may_keep(s) || !put_small(s, s->seen, now))
			return false;
		drop_seen(s);
	} else {
		if (!s->kept ||
		    (s->kept->is_small && !subject_is_due(s->kept->due, now)))
			return false;
		unpack(s->kept, &seen);
		put_small(s, &seen, now);
		subject_seen_done(&seen);
	}
	*bytes = before + (s->kept ? s->kept->n : 0u);
	return !s->kept || s->kept->n != before;
}

bool
ledger_is_small(struct str sketches)
{
	struct subject_look look;

	return ledger_look_seen(sketches, &look) && look.is_small;
}

/* What is read in the form of before is packed in today's, and looked at again
 * when the walk over the silent comes by. */
static bool
load_5(struct subject *s, struct str sets)
{
	if (!ledger_take_seen_5(sets, subjects_seen(s)))
		return false;
	sketch_saved(&s->seen->recipients);
	subjects_keep_seen(s);
	return true;
}

bool
subjects_load_seen(struct subject *s, const struct ledger_value *v)
{
	struct subject_look look;

	if (v->is_5)
		return load_5(s, v->sets);
	if (!ledger_look_seen(v->sets, &look))
		return false;
	if (look.is_spelt || v->sets.n > LARGE)
		return ledger_take_seen(v->sets, subjects_seen(s));
	if (!look.is_nothing) {
		put_kept(s, v->sets);
		s->kept->is_small = look.is_small;
		s->kept->due = look.due;
	}
	return true;
}
