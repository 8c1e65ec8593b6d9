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
	struct str packed = str_make(kept->packed, kept->n);

	if (!ledger_take_sketches(&packed, out)) {
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

/* The day when its recipients are over, in a byte; 0: it has none. */
static uint8_t
due_of(uint32_t last_hour, uint32_t n)
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
		    due_of(seen->recipients.last_hour, seen->recipients.n);
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
	struct str recipients, networks, known;

	return pack_take_str(&sketches, &recipients) &&
	       (recipients.n == 0 || (pack_take_str(&sketches, &networks) &&
					 pack_take_str(&sketches, &known) &&
					 known.n > 0 && known_is_small(known)));
}

bool
subjects_look_packed(struct str packed, struct subject_look *look)
{
	struct str all = packed, recipients, networks, known = {NULL, 0};
	uint32_t last_hour = 0, n = 0;

	if (!pack_take_str(&packed, &recipients) ||
	    !pack_take_str(&packed, &networks) ||
	    (packed.n > 0 && !pack_take_str(&packed, &known)))
		return false;
	if (recipients.n > 0 &&
	    (!pack_take_u32(&recipients, UINT32_MAX, &last_hour) ||
		!pack_take_u32(&recipients, UINT32_MAX, &n)))
		return false;
	*look = (struct subject_look){
	    .is_spelt = n > SKETCH_SPARSE || all.n > LARGE,
	    .is_small = known_is_small(known),
	    .is_nothing =
		n == 0 && networks.n == 0 && known.n == 0 && packed.n == 0,
	    .due = due_of(last_hour, n),
	};
	return true;
}

bool
subjects_load_seen(struct subject *s, struct str *packed)
{
	struct str all = *packed;
	struct subject_look look;

	if (!subjects_look_packed(all, &look))
		return false;
	if (look.is_spelt)
		return ledger_take_sketches(packed, subjects_seen(s));
	if (!look.is_nothing) {
		put_kept(s, all);
		s->kept->is_small = look.is_small;
		s->kept->due = look.due;
	}
	*packed = str_skip(all, all.n);
	return true;
}
