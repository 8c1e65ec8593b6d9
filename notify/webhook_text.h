/* webhook_text - the sentence of a webhook, as chat programs take it
 *
 * Names and reasons were written by outsiders: what a chat would take for
 * markup, a link or a mention of everybody is made harmless.
 */
#ifndef NOTIFY_WEBHOOK_TEXT_H
#define NOTIFY_WEBHOOK_TEXT_H

#include "base/json.h"
#include "ledger/event.h"
#include "notify/settings.h"

enum webhook_format {
#define WEBHOOK_FORMAT(id, name) WEBHOOK_##id,
#include "notify/webhook_formats.def"
#undef WEBHOOK_FORMAT
	WEBHOOK_FORMATS
};
bool webhook_format_parse(struct str s, enum webhook_format *out);

/* "alice@example.com suspended: ... (case K7QX-2M9P)", for no chat yet. */
void webhook_sentence(const struct event *e, struct text *out);
/* Of the case that the event opened, or is of; empty: of none. */
void webhook_case(const struct event *e, char id[16]);
/* The whole body of this format, WEBHOOK_JSON excepted. */
void webhook_chat(enum webhook_format f, struct str sentence, struct text *out);

#endif
