/* pipeline_clock - what time it is: for each source's lines, and without any */
#include "base/time.h"
#include "daemon/pipeline_note.h"

void
pipeline_source(struct pipeline *p, size_t source, int64_t now)
{
	logline_clock_init(&p->clocks[source % PIPELINE_SOURCES], now);
}

int64_t
pipeline_source_at(const struct pipeline *p, size_t source)
{
	int64_t at_us = p->clocks[source % PIPELINE_SOURCES].last_us;

	return at_us > 0 ? at_us / TIME_US : 0;
}

void
pipeline_clock(struct pipeline *p, int64_t now)
{
	for (size_t i = 0; i < PIPELINE_SOURCES; i++)
		p->clocks[i].now = now;
}

void
pipeline_tick(struct pipeline *p, int64_t now)
{
	for (unsigned i = 0; i < LEDGER_TICK_PARTS; i++)
		pipeline_tick_some(p, now, i);
}

void
pipeline_tick_some(struct pipeline *p, int64_t now, unsigned part)
{
	ledger_tick_some(p->ledger, now, part);
	if (part == 0)
		chains_tick(p->chains, now);
}

void
pipeline_settle(struct pipeline *p)
{
	chains_settle(p->chains);
}
