/* case_piece - what a case stands on, as the evidence of CASE_FILED events
 *
 * Each piece fits an event; what doesn't fit one goes on in another. `rule` of
 * the event names it, the members of its evidence are:
 *   place       host, version, config, rule_text
 *   counts      counts [{name, hour, day, week}], leaked, and the chart: bars
 *               [N...], bars_end, bar_seconds
 *   messages    messages [{at, instance, queue_id, sender, subject, client,
 *               country, country_name, size, recipients, to [...]}]
 *   networks    networks [{net, country, country_name, first, last, is_known,
 *               in_evidence}]
 *   log         log [LINE...]
 *   complaints  complaints [{at, provider, kind, subject, message_id, header}]
 * Pure.
 */
#ifndef NOTIFY_CASE_PIECE_H
#define NOTIFY_CASE_PIECE_H

#include "base/json.h"
#include "notify/case_file.h"

/* Adds it to the file's lists, as long as they have room. */
void case_piece_read(
    struct case_file *f, const struct event *e, const struct json *doc);

/* Writes pieces: begin one, add to it until it is full, end it; each that is
 * full is given to `emit` as a whole event, of which the caller sets identity
 * and cause, and the next is begun. At most `max` events in all. */
typedef void case_piece_fn(void *ctx, struct event *e);
struct case_piece {
	const struct case_head *about;
	case_piece_fn *emit;
	void *ctx;
	size_t max;
	/* Its own. */
	size_t emitted;
	const char *name;
	struct text t;
	struct json_out j;
	bool is_empty;
	struct event e;
};

/* name is that of the piece and of its list; both are literals. */
void case_piece_begin(struct case_piece *p, const char *name);
/* One element of the list, as JSON; false: there may be no more. */
bool case_piece_add(struct case_piece *p, struct str element);
void case_piece_end(struct case_piece *p);
/* A piece without list: the members of an object, as JSON. */
void case_piece_put(struct case_piece *p, const char *name, struct str object);

/* Elements. */
void case_piece_message(const struct case_message *m, struct text *out);
void case_piece_network(const struct case_network *n, struct text *out);
void case_piece_complaint(const struct case_complaint *c, struct text *out);
void case_piece_line(struct str line, struct text *out);

#endif
