/* original - what the embedded message tells of itself and of its way */
#include "fbl/original.h"

static const struct {
	const char *header;
	enum fbl_field field;
} copied[] = {
    {"Message-ID", FBL_MESSAGE_ID},
    {"From", FBL_FROM},
    {"To", FBL_TO},
    {"Subject", FBL_SUBJECT},
    {"Date", FBL_DATE},
    {"Return-Path", FBL_RETURN_PATH},
    {"CFBL-Feedback-ID", FBL_CFBL_ID},
    {"CFBL-Address", FBL_CFBL_ADDRESS},
    /* Hotmail's, on top of the message. */
    {"X-HmXmrOriginalRecipient", FBL_RCPT_TO},
};

/* The word after "key=", up to a blank or ";". */
static struct str
get_property(struct str results, struct str key)
{
	ptrdiff_t at = str_find_nocase(results, key);
	size_t n = 0;

	if (at < 0)
		return str_make(NULL, 0);
	results = str_skip(results, (size_t)at + key.n);
	while (n < results.n && !strchr("; \t", results.p[n]))
		n++;
	return str_head(results, n);
}

/* Return-Path is the receiver's own; then what it checked SPF for; then the
 * old Sender ID. */
static void
derive_sender(struct fbl_report *r, struct arena *a)
{
	const struct headers *h = &r->original;
	struct str path = header_get(h, STR("Return-Path"));
	struct str checked =
	    get_property(header_get(h, STR("Authentication-Results")),
		STR("smtp.mailfrom="));

	if (path.p)
		fields_add(&r->derived, a, FBL_MAIL_FROM, path);
	if (checked.n > 0 && str_find_char(checked, '@') > 0)
		fields_add(&r->derived, a, FBL_MAIL_FROM, checked);
	fields_add(
	    &r->derived, a, FBL_MAIL_FROM, header_get(h, STR("X-SID-PRA")));
}

/* Yahoo names the client that it took the message from in a field of its own,
 * above all Received lines. Further down it is the sender's word. */
static void
derive_client(struct fbl_report *r, struct arena *a)
{
	struct str agent = fbl_report_get(r, FBL_USER_AGENT);

	if (!str_starts(agent, STR("Yahoo!-Mail-Feedback")))
		return;
	for (size_t i = 0; i < r->original.n; i++) {
		const struct header *h = &r->original.v[i];
		struct ip ip;

		if (str_is_nocase(h->name, STR("Received")))
			return;
		if (str_is_nocase(h->name, STR("X-Originating-IP")) &&
		    fields_ip(h->value, &ip))
			fields_add(&r->derived, a, FBL_SOURCE_IP, h->value);
	}
}

void
original_derive(struct fbl_report *r, struct arena *a)
{
	r->has_original = r->original.n > 0;
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		fields_add(&r->derived, a, copied[i].field,
		    header_get(&r->original, str_from(copied[i].header)));
	derive_sender(r, a);
	derive_client(r, a);
}

void
original_take(struct fbl_report *r, struct arena *a, struct str message)
{
	header_read_message(&message, a, &r->original);
	r->is_cut |= r->original.is_cut;
	original_derive(r, a);
}
