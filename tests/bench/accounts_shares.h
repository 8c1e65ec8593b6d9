/* accounts_shares - how much of what is kept of an account is what */
#ifndef BENCH_ACCOUNTS_SHARES_H
#define BENCH_ACCOUNTS_SHARES_H

#include "ledger/ledger.h"

/* What the books' table says: of what is posted (ledger_changed_fn). */
void shares_make_value(struct str record, struct str sets, struct text *out);

/* A row per kind of subject, in bytes for each account. */
void shares_say(struct ledger *l, uint32_t accounts);

#endif
