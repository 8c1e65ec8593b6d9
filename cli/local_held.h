/* local_held - held messages of an account, as the outpost command handles them
 *
 * Which are meant, asked from outpost-queue; what shall become of them, asked
 * of a person first where it can't be taken back; and told to outpostd, for the
 * history.
 */
#ifndef CLI_LOCAL_HELD_H
#define CLI_LOCAL_HELD_H

#include "cli/client.h"
#include "daemon/held_select.h"
#include "queue/queue_book.h"
#include "queue/queue_client.h"

struct settings;

struct held {
	const struct settings *settings;
	const struct client_line *l;
	struct held_select select; /* --before, --from */
	struct held_select spared; /* what `lift --release` lets leave */
	struct queue_book meant;
	size_t others;	/* held of the account, and not meant */
	bool must_ask;	/* a person */
	bool was_asked; /* and said yes */
};

/* Of the line's first argument: those that its options and ids mean. */
int held_init(struct held *h, const struct settings *s,
    const struct client_line *l, struct error *err);
void held_done(struct held *h);
/* Fills meant. */
int held_list(struct held *h, struct error *err);
/* Asks outpost-queue about n of them; lines of headers go to out. */
int held_ask(struct held *h, enum queue_verb verb, struct queue_entry **v,
    size_t n, struct text *out, struct error *err);
/* Who can't take it back is asked; -1: nothing is to be done. */
int held_confirm(struct held *h, enum queue_verb verb, struct error *err);
/* Does it to all that are meant, says what became of how many, tells outpostd.
 * -1: not to all. */
int held_change(struct held *h, enum queue_verb verb, bool is_json,
    struct text *out, struct error *err);

#endif
