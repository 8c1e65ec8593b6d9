/* app_incidents_letter - of many incidents and listings a day only some are a
 * letter
 *
 * Who is written to is decided by whichever node sends it, so by what all of
 * them know: how many were opened within the day before.
 */
#include "base/time.h"
#include "daemon/app_incidents_parts.h"
#include "ledger/pack.h"

enum { DAY = 86400 };

/* What is counted apart; -1: no such letter. */
static int
sort_of(const struct event *e)
{
	if (e->type == EVENT_LISTED)
		return 0;
	if (e->type == EVENT_UNLISTED)
		return 1;
	if (!incident_is_event(e->type) || e->type == EVENT_INCIDENT_NEWS)
		return -1;
	return strstr(e->subject, "/@") ? 2 : 3;
}

void
app_incidents_note_opening(struct app_incidents *s, const struct event *e)
{
	uint64_t cause = pack_checksum(str_from(e->cause));
	int which = sort_of(e);

	if (which < 0 || e->type == EVENT_INCIDENT_CLOSED)
		return;
	for (size_t i = 0; i < INCIDENTS_OPENINGS; i++) {
		if (s->openings[which][i].cause == cause)
			return; /* another node's word for it */
	}
	s->openings[which][s->n_openings[which]++ % INCIDENTS_OPENINGS] =
	    (struct incidents_opening){e->at_us, cause};
}

/* Of one second the cause decides. */
static bool
is_before(const struct incidents_opening *o, int64_t at_us, uint64_t cause)
{
	int64_t by_us = at_us - o->at_us;

	return by_us < DAY * TIME_US &&
	       (by_us > 0 || (by_us == 0 && o->cause < cause));
}

/* The end of one whose beginning was told is told. */
bool
app_incidents_has_letter(const struct app_incidents *s, const struct event *e)
{
	const struct incident *i = incidents_get(s->store, e->file);
	int which = sort_of(e);
	int64_t at_us = e->at_us, n = 0;
	char opening[33];
	uint64_t cause = pack_checksum(str_from(e->cause));

	if (which < 0)
		return true;
	if (e->type == EVENT_INCIDENT_CLOSED && i) {
		incident_told_cause(
		    i->cause, EVENT_INCIDENT_OPENED, i->times, opening);
		cause = pack_checksum(str_from(opening));
		at_us = i->opened_us;
	}
	for (size_t k = 0; k < INCIDENTS_OPENINGS; k++)
		n += is_before(&s->openings[which][k], at_us, cause);
	return n < app_incidents_settings(s)->incident_letters;
}
