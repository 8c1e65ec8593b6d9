/* ledger_tick - time passes: who falls silent is laid to sleep, and what is
 * over goes
 *
 * Who is awake stands in order of silence, so a hand that follows the one that
 * cools (ledger_cool_some) finds who fell silent, each once: the work is as
 * much as falls silent, however many there are. A slow walk over everybody does
 * what the hand can't, for who had to wait and who was only asked about.
 */
#include "ledger/ledger_state.h"

/* A part of a tick. */
enum {
	TICK_DROPS = 256,
	TICK_COOL = 2, /* times some steps */
	TICK_LAY = 16, /* subjects of a queue */
	TICK_SWEEP = 8,
	TICK_SLEEPERS = 8,    /* are passed with each of these */
	TICK_CONDENSE = 2048, /* bytes: in a second 64 times that */
};

/* Of its kind less is kept than records hold: what nobody asks about goes.
 * true: all of it. */
static bool
forget_old(struct ledger *l, struct subject *s, uint32_t seen)
{
	uint32_t keeps = l->keeps[s->kind], sizes = l->keeps_sizes[s->kind];
	bool is_less = false;

	if (keeps < RECORD_DAYS * 1440) { /* else see drop_silent */
		if (seen + keeps <= l->minute) {
			subjects_drop(l, s);
			return true;
		}
		is_less = record_forget(&s->record, keeps, l->now);
	}
	if (sizes < keeps && !l->is_brief)
		is_less |= record_forget_sizes(&s->record, sizes, l->now);
	if (is_less)
		subject_changed(l, s);
	return false;
}

/* On disk and on the board it takes as little room from now on. Returns how
 * many bytes of a record that was as much work as. */
static size_t
squeeze(struct ledger *l, struct subject *s)
{
	enum { EASIER = 16 };
	uint32_t before = s->record.old_n;
	size_t n = record_condense(&s->record), n_seen;
	bool is_another = subjects_squeeze_seen(s, l->now, &n_seen);

	if (is_another)
		s->listed |= LISTED_SKETCHES;
	if (s->record.old_n != before || is_another)
		subject_changed(l, s);
	return n + n_seen / EASIER;
}

/* Two walks, again and again: over who is awake, and over who sleeps. */
static struct subject *
sweep_awake(struct ledger *l)
{
	struct subject *s = map_next(&l->maps[l->sweep_kind], &l->sweep_at);

	if (!s) {
		l->sweep_kind = (l->sweep_kind + 1) % SUBJECT_KINDS;
		l->sweep_at = 0;
	}
	return s;
}

static struct subject *
sweep_asleep(struct ledger *l)
{
	return sleepers_look(l, &l->sweep_asleep, TICK_SLEEPERS);
}

/* Silent ones get small, and sleep; who reads little has the room, and not the
 * time: there only goes what is over. Of so many bytes records are condensed;
 * returns how many are left. */
static size_t
quiet(struct ledger *l, struct subject *s, size_t room)
{
	uint32_t seen = record_minute(ledger_unstamp(s->last_seen));

	if (forget_old(l, s, seen) || l->is_brief)
		return room;
	record_shrink(&s->record);
	subjects_fold_seen(s, l->now);
	subjects_keep_seen(s);
	others_forget(l, s);
	size_t n = room > 0 ? squeeze(l, s) : 0;

	if (room > 0)
		sleepers_lay(l, s);
	return n < room ? room - n : 0;
}

/* NULL: nobody. */
static size_t
sweep_one(struct ledger *l, struct subject *s, size_t room)
{
	if (!s)
		return room;
	if (s->others)
		others_fold(s, l->now);
	return subject_is_silent(l, s) ? quiet(l, s, room) : room;
}

/* Those who fell silent since, the longest silent first. Who was seen without
 * being counted, which moves nobody, comes again later. */
static size_t
lay_some(struct ledger *l, struct subject_queue *q, size_t room)
{
	struct subject *s;

	for (int i = 0; i < TICK_LAY && room > 0 && (s = q->lay); i++) {
		bool is_silent = subject_is_silent(l, s);

		if (s->hot || (!is_silent && !s->newer))
			break;
		q->lay = s->newer;
		if (is_silent)
			room = quiet(l, s, room);
		else
			subjects_to_front(l, s);
	}
	return room;
}

static void
drop_silent(struct ledger *l, struct subject_queue *q)
{
	for (int i = 0; i < TICK_DROPS && q->oldest; i++) {
		struct subject *s = q->oldest;

		if (ledger_unstamp(s->last_seen) + RECORD_DAYS * 86400ll >
		    l->now)
			return;
		if (s == l->all)
			subjects_to_front(l, s);
		else
			subjects_drop(l, s);
	}
}

static void
tick_begin(struct ledger *l, int64_t now)
{
	ledger_advance(l, now);
	l->walked -= l->walked > 0;
	for (int i = 0; i < QUEUES; i++)
		drop_silent(l, &l->queues[i]);
}

static size_t
tick_queue(struct ledger *l, struct subject_queue *q, size_t room)
{
	bool has_books = l->listing & 1u << LIST_SAVE;

	for (int i = 0; i < TICK_COOL; i++)
		ledger_cool_some(l, q);
	/* While a walk goes on nobody may be laid. */
	return has_books && l->walked == 0 ? lay_some(l, q, room) : room;
}

void
ledger_tick_some(struct ledger *l, int64_t now, unsigned part)
{
	size_t room = TICK_CONDENSE;

	if (part == 0)
		tick_begin(l, now);
	for (unsigned i = 0; i < QUEUES; i++)
		room = tick_queue(l, &l->queues[(i + part) % QUEUES], room);
	for (int i = 0; i < TICK_SWEEP; i++) {
		room = sweep_one(l, sweep_awake(l), room);
		room = sweep_one(l, sweep_asleep(l), room);
	}
	if (part < LEDGER_TICK_PARTS - 1)
		return;
	for (int i = 0; i < SUBJECT_KINDS; i++)
		map_tidy(&l->maps[i]);
	dorm_tidy(&l->dorm);
}

void
ledger_tick(struct ledger *l, int64_t now)
{
	for (unsigned i = 0; i < LEDGER_TICK_PARTS; i++)
		ledger_tick_some(l, now, i);
}
