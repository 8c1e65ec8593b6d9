/* dmarc_mail - the DMARC aggregate report that a mail brings, if it does */
#include "daemon/dmarc_mail.h"

#include "base/unpack.h"
#include "fbl/mime.h"

enum {
	UNPACKED_MAX = 64 * 1024 * 1024,
	PACKED_MAX = 16 * 1024 * 1024,
	PARTS = 50,
	DEPTH = 10,
	TRIED = 5, /* parts that look like one */
};

static bool
is_likely(struct str mail)
{
	static const char *const words[] = {
	    "/zip", "zip-compressed", "gzip", "/xml", ".xml", ".zip", ".gz"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (str_find_nocase(mail, str_from(words[i])) >= 0)
			return true;
	}
	return false;
}

/* By what it begins with, so that it matters little what it is called. */
static bool
is_packed(struct str body)
{
	return str_starts(body, STR("\x1f\x8b")) ||
	       str_starts(body, STR("PK\3\4"));
}

static bool
is_xml(const struct mime_part *p)
{
	struct str head = str_head(p->body, 1000);

	return str_find(head, STR("<feedback")) >= 0 ||
	       str_find(head, STR(":feedback")) >= 0 ||
	       (str_find_nocase(p->name, STR(".xml")) >= 0 &&
		   str_find(head, STR("<")) >= 0);
}

static bool
on_piece(void *ctx, struct str bytes)
{
	return dmarc_reader_feed(ctx, bytes);
}

static int
read_part(const struct mime_part *p, struct arena *a, struct dmarc_report *out,
    struct error *err)
{
	struct dmarc_reader *r = dmarc_reader_new(a);
	struct error why;
	int unpacked = p->body.n > PACKED_MAX
			   ? error_set(&why, "it is too large")
			   : unpack(p->body, UNPACKED_MAX, on_piece, r, &why);
	int status = dmarc_reader_end(&r, out, err);

	if (unpacked < 0) {
		*err = why;
		return -1;
	}
	return status;
}

int
dmarc_mail_read(struct str mail, struct arena *a, struct dmarc_report *out,
    struct error *err)
{
	const struct mime_limits limits = {PARTS, DEPTH};
	struct mime m;
	int tried = 0;

	if (!is_likely(mail))
		return 0;
	mime_read(mail, &limits, a, &m);
	for (size_t i = 0; i < m.n && tried < TRIED; i++) {
		if (!is_packed(m.v[i].body) && !is_xml(&m.v[i]))
			continue;
		tried++;
		if (read_part(&m.v[i], a, out, err) == 0)
			return 1;
	}
	return tried > 0 ? error_prefix(err, "no DMARC report") : 0;
}
