/* fact - one thing seen, with its time */
#include "ledger/fact.h"

#include <assert.h>

const char *
fact_kind_text(enum fact_kind kind)
{
	static const char *const names[] = {
#define FACT(name, text, help) text,
#include "ledger/facts.def"
#undef FACT
	};

	assert((unsigned)kind < FACT_KINDS);
	return names[kind];
}
