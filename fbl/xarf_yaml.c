/* xarf_yaml - X-ARF 0.1 and 0.2: a part of lines "Key: value"
 *
 * They call it YAML, but it is flat; many of them aren't proper YAML, as a
 * value with ": " in it must be quoted there. So it is read as a header.
 */
#include "fbl/original.h"
#include "fbl/reading.h"

static const struct {
	struct str key;
	enum fbl_field field;
} keys[] = {
    {STR_INIT("Report-Type"), FBL_KIND},
    {STR_INIT("Category"), FBL_CLASS},
    {STR_INIT("Source"), FBL_SOURCE},
    {STR_INIT("Source"), FBL_SOURCE_IP},
    {STR_INIT("Date"), FBL_ARRIVAL_DATE},
    {STR_INIT("Report-ID"), FBL_REPORT_ID},
    {STR_INIT("Reported-From"), FBL_REPORTER},
    {STR_INIT("Schema-URL"), FBL_SCHEMA},
    {STR_INIT("User-Agent"), FBL_USER_AGENT},
    {STR_INIT("Occurrences"), FBL_INCIDENTS},
    {STR_INIT("Version"), FBL_VERSION},
};

static struct str
unquote(struct str v)
{
	if (v.n > 1 && (v.p[0] == '"' || v.p[0] == '\'') &&
	    v.p[v.n - 1] == v.p[0])
		return str_make(v.p + 1, v.n - 2);
	return v;
}

/* Behind "---", comments and a byte order mark. */
static bool
read_part(struct reading *g, struct str body, struct headers *out)
{
	struct str rest = body, line;

	str_take(&rest, STR("\xef\xbb\xbf"));
	for (body = rest; header_line(&rest, &line); body = rest) {
		line = str_trim(line);
		if (line.n > 0 && !str_starts(line, STR("---")) &&
		    line.p[0] != '#' && line.p[0] != '%')
			break;
	}
	header_read(&body, g->a, out);
	return header_get(out, STR("Report-Type")).p &&
	       header_get(out, STR("Source")).p &&
	       (header_get(out, STR("Schema-URL")).p ||
		   header_get(out, STR("Category")).p);
}

static void
derive(struct reading *g)
{
	enum fbl_type type = fbl_type_of(fbl_report_get(g->r, FBL_KIND));

	if (type == FBL_TYPE_OTHER)
		type = fbl_type_of(fbl_report_get(g->r, FBL_CLASS));
	/* The category "abuse" is everything from spam to port scans. */
	if (type == FBL_TYPE_ABUSE &&
	    str_find_nocase(fbl_report_get(g->r, FBL_KIND), STR("spam")) < 0)
		type = FBL_TYPE_OTHER;
	fields_add(
	    &g->r->derived, g->a, FBL_FEEDBACK_TYPE, fbl_type_text(type));
}

enum taken
xarf_yaml_take(struct reading *g)
{
	const struct headers *mail = &g->r->mail;
	const struct mime_part *message =
	    reading_find(g, STR("message/rfc822"), 0);
	bool is_said = header_get(mail, STR("X-XARF")).p ||
		       header_get(mail, STR("X-ARF")).p;
	size_t i = 0;

	while (i < g->mime->n &&
	       !(str_starts(g->mime->v[i].type, STR("text/")) &&
		   read_part(g, g->mime->v[i].body, &g->r->part)))
		i++;
	if (i == g->mime->n) {
		g->r->part = (struct headers){0};
		return TAKEN_NOT;
	}
	if (!is_said && !header_get(&g->r->part, STR("Schema-URL")).p)
		return TAKEN_NOT;
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
		fields_add(&g->r->read, g->a, keys[k].field,
		    unquote(header_get(&g->r->part, keys[k].key)));
	derive(g);
	if (message)
		original_take(g->r, g->a, message->body);
	g->r->format = FBL_FORMAT_XARF_YAML;
	return TAKEN;
}
