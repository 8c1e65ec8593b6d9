/* letters - complaints that come as letters: Hotmail's own form, Apple's
 * unsubscribe mails, DMARC failures in words */
#include "fbl/original.h"
#include "fbl/prose.h"
#include "fbl/reading.h"

#define HOTMAIL "X-HmXmrOriginalRecipient"

static void
set_type(struct reading *g, const char *type)
{
	fields_add(&g->r->derived, g->a, FBL_FEEDBACK_TYPE, str_from(type));
}

/* "complaint about message from 192.0.2.1" */
static void
derive_client(struct reading *g)
{
	struct str subject = header_get(&g->r->mail, STR("Subject"));

	if (str_take(&subject, STR("complaint about message from ")))
		fields_add(&g->r->derived, g->a, FBL_SOURCE_IP, subject);
}

/* Hotmail sent the message as an attachment of staff@hotmail.com, or as it was
 * ("Original"); in both its recipient stands on top. */
enum taken
jmrp_take(struct reading *g)
{
	const struct mime_part *part =
	    reading_find(g, STR("message/rfc822"), 0);
	struct str from = header_get(&g->r->mail, STR("From"));
	struct headers embedded = {0};

	if (part) {
		struct str body = part->body;

		header_read_message(&body, g->a, &embedded);
	}
	if (header_get(&g->r->mail, STR(HOTMAIL)).p)
		g->r->original = g->r->mail;
	else if (part && (header_get(&embedded, STR(HOTMAIL)).p ||
			     str_is_nocase(header_address(from),
				 STR("staff@hotmail.com"))))
		g->r->original = embedded;
	else
		return TAKEN_NOT;
	original_derive(g->r, g->a);
	derive_client(g);
	set_type(g, "abuse");
	g->r->format = FBL_FORMAT_JMRP;
	return TAKEN;
}

/* Its writer wants no more mail; the address it goes to tells of which. */
enum taken
unsubscribe_take(struct reading *g)
{
	const struct headers *mail = &g->r->mail;

	if (!str_is_nocase(
		header_get(mail, STR("X-Apple-Unsubscribe")), STR("true")))
		return TAKEN_NOT;
	set_type(g, "opt-out");
	fields_add(
	    &g->r->derived, g->a, FBL_RCPT_TO, header_get(mail, STR("From")));
	fields_add(
	    &g->r->derived, g->a, FBL_REMOVAL, header_get(mail, STR("From")));
	g->r->format = FBL_FORMAT_UNSUBSCRIBE;
	return TAKEN;
}

enum taken
dmarc_words_take(struct reading *g)
{
	const struct mime_part *text = reading_find(g, STR("text/plain"), 0);

	if (!text || !str_is(g->mime->type, STR("multipart/report")) ||
	    (g->mime->report_type.n > 0 &&
		!str_is_nocase(g->mime->report_type, STR("feedback-report"))) ||
	    !prose_take_dmarc(g->r, g->a, text->body))
		return TAKEN_NOT;
	set_type(g, "auth-failure");
	fields_add(&g->r->derived, g->a, FBL_AUTH_FAILURE, STR("dmarc"));
	g->r->format = FBL_FORMAT_PROSE;
	return TAKEN;
}
