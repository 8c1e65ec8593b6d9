/* chain_message - whose a Message-ID is, told when the log shows it
 *
 * cleanup logs it after the line that names the client, so the account is
 * mostly known by then and nothing needs to be kept. Not known yet is that of a
 * message from one of own_addresses, which may continue another one: if it
 * does, the first link's line told the same Message-ID.
 */
#include "mta/chain_flight.h"

void
chain_message(struct chains *c, const struct flight *f, int64_t at,
    const struct postfix_line *l)
{
	struct str id = line_get(l, FIELD_MESSAGE_ID);

	if (!f || id.n == 0 || f->kind != FLIGHT_ACCOUNT || f->parent ||
	    (f->flags & FLIGHT_COUNTED))
		return;
	c->on_message(c->message_ctx, chain_text_view(f->account), id, at);
}
