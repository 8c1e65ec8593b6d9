/* xarf - XARF in JSON, the versions alpha and 1 to 4 */
#include "base/json.h"
#include "fbl/original.h"
#include "fbl/reading.h"
#include "fbl/xarf_rules.h"

/* jansson makes some 200 bytes of each object and 50 of each value. */
enum { OBJECTS_MAX = 20000, VALUES_MAX = 100000 };

static const struct {
	const char *member; /* "Report.Date" */
	enum fbl_field field;
} members[] = {
    {"Version", FBL_VERSION},
    {"ReporterInfo.ReporterOrgDomain", FBL_REPORTER},
    {"Report.ReportClass", FBL_CLASS},
    {"Report.ReportType", FBL_KIND},
    {"Report.ReportSubType", FBL_SUBKIND},
    {"Report.ReporterCaseID", FBL_REPORT_ID},
    {"Report.Date", FBL_ARRIVAL_DATE},
    {"Report.SourceIp", FBL_SOURCE_IP},
    {"Report.SourceIp", FBL_SOURCE},
    {"Report.SourceUrl", FBL_SOURCE},
    {"Report.SourceUrl", FBL_REPORTED_URI},
    {"Report.SmtpMailFromAddress", FBL_MAIL_FROM},
    {"Report.FromAddress", FBL_MAIL_FROM},
    {"Report.SmtpRcptToAddress", FBL_RCPT_TO},
    {"xarf_version", FBL_VERSION},
    {"report_id", FBL_REPORT_ID},
    {"timestamp", FBL_ARRIVAL_DATE},
    {"reporter.domain", FBL_REPORTER},
    {"source_identifier", FBL_SOURCE},
    {"source_identifier", FBL_SOURCE_IP},
    {"category", FBL_CLASS},
    {"type", FBL_KIND},
    {"smtp_from", FBL_MAIL_FROM},
    {"smtp_to", FBL_RCPT_TO},
    {"subject", FBL_SUBJECT},
    {"message_id", FBL_MESSAGE_ID},
};

/* Of what XARF calls things. */
static const struct {
	const char *kind;
	enum fbl_type type;
} kinds[] = {
    {"Spam", FBL_TYPE_ABUSE},
    {"bulk_messaging", FBL_TYPE_ABUSE},
    {"Phishing", FBL_TYPE_FRAUD},
    {"fraud", FBL_TYPE_FRAUD},
    {"Malware", FBL_TYPE_VIRUS},
};

static const struct json *
find_member(const struct json *doc, const char *path)
{
	const char *dot = strchr(path, '.');
	char name[32];

	if (!dot)
		return json_get(doc, path);
	memcpy(name, path, (size_t)(dot - path));
	name[dot - path] = '\0';
	return json_get(json_get(doc, name), dot + 1);
}

/* RFC 4648, other characters between are stepped over. */
static struct str
decode(struct str s, struct arena *a)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	char *out = arena_alloc(a, s.n / 4 * 3 + 3);
	uint32_t bits = 0;
	size_t n = 0, n_bits = 0;

	for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
		const char *at = s.p[i] ? strchr(digits, s.p[i]) : NULL;

		if (!at)
			continue;
		bits = bits << 6 | (uint32_t)(at - digits);
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			out[n++] = (char)(bits >> n_bits & 0xff);
		}
	}
	return str_make(out, n);
}

static bool
is_message(struct str type)
{
	return str_starts(type, STR("message/rfc822")) ||
	       str_starts(type, STR("text/rfc822")) ||
	       str_is(type, STR("text/email"));
}

/* The first sample that is a mail. */
static void
take_samples(struct reading *g, const struct json *doc, bool is_v4)
{
	const struct json *list =
	    json_get(is_v4 ? doc : json_get(doc, "Report"),
		is_v4 ? "evidence" : "Samples");

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *one = json_at(list, i);
		struct str body =
		    json_text(json_get(one, is_v4 ? "payload" : "Payload"));

		if (!is_message(json_text(
			json_get(one, is_v4 ? "content_type" : "ContentType"))))
			continue;
		if (is_v4 || json_is_true(json_get(one, "Base64Encoded")))
			body = decode(body, g->a);
		else
			body = arena_str(g->a, body);
		original_take(g->r, g->a, body);
		return;
	}
}

static void
take_members(struct reading *g, const struct json *doc)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct json *v = find_member(doc, members[i].member);

		if (json_is_string(v))
			fields_add(&g->r->read, g->a, members[i].field,
			    arena_str(g->a, json_text(v)));
	}
}

static void
derive_type(struct reading *g)
{
	struct str kind = fbl_report_get(g->r, FBL_KIND);
	enum fbl_type type = FBL_TYPE_OTHER;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (str_is_nocase(kind, str_from(kinds[i].kind)))
			type = kinds[i].type;
	}
	fields_add(
	    &g->r->derived, g->a, FBL_FEEDBACK_TYPE, fbl_type_text(type));
}

bool
xarf_is_too_big(struct str json)
{
	size_t objects = 0, values = 0;

	for (size_t i = 0; i < json.n; i++) {
		objects += json.p[i] == '{' || json.p[i] == '[';
		values += json.p[i] == ',';
	}
	return objects > OBJECTS_MAX || values > VALUES_MAX;
}

static enum taken
take_doc(struct reading *g, const struct json *doc)
{
	bool is_v4 = json_get(doc, "xarf_version");

	if (!is_v4 &&
	    !(json_get(doc, "ReporterInfo") || json_get(doc, "Report"))) {
		error_set(g->err, "no report: JSON, but not XARF");
		return TAKEN_NOT;
	}
	if (xarf_rules_check(doc, is_v4, g->err) < 0)
		return TAKEN_BROKEN;
	take_members(g, doc);
	take_samples(g, doc, is_v4);
	derive_type(g);
	g->r->format = FBL_FORMAT_XARF_JSON;
	return TAKEN;
}

enum taken
xarf_take_json(struct reading *g, struct str json)
{
	enum taken taken;
	struct json *doc;

	if (json.n > g->limits->bytes || xarf_is_too_big(json)) {
		error_set(g->err, "JSON that is longer than any report");
		return TAKEN_BROKEN;
	}
	doc = json_parse(json, g->err);
	if (!doc) {
		error_prefix(g->err, "unreadable JSON");
		return TAKEN_BROKEN;
	}
	taken = take_doc(g, doc);
	json_free(&doc);
	return taken;
}

static bool
is_json(const struct mime_part *part)
{
	struct str body = str_trim(part->body);

	return (str_ends(part->type, STR("json")) ||
		   str_ends(part->name, STR(".json")) ||
		   str_is(part->type, STR("application/octet-stream"))) &&
	       str_starts(body, STR("{"));
}

/* As mail it is a part of JSON, mostly with a report's part that says no more
 * than "Feedback-Type: xarf". */
enum taken
xarf_take(struct reading *g)
{
	const struct mime_part *part =
	    reading_find(g, STR("message/feedback-report"), 0);

	for (size_t i = 0; i < g->mime->n; i++) {
		enum taken taken = TAKEN_NOT;

		if (is_json(&g->mime->v[i]))
			taken = xarf_take_json(g, str_trim(g->mime->v[i].body));
		if (taken != TAKEN_NOT)
			return taken;
	}
	if (!part)
		return TAKEN_NOT;
	error_set(g->err, "a report that says it is XARF, without a document");
	return TAKEN_BROKEN;
}
