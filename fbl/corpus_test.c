/* Labelled reports of other projects, read from ../shared/corpus (or
 * OUTPOST_CORPUS): the share of their labels that we agree with. Labels that
 * we argue with are listed in tests/data/report-exceptions.txt, with reasons.
 */
#include "base/test.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "fbl/mime.h"
#include "fbl/report.h"

enum { TARGET_PERCENT = 98, FILE_MAX = 1 << 20 };

struct reading {
	char file[128];
	char *bytes;
	size_t n;
	struct arena arena;
	struct fbl_report report; /* all zero: none */
	struct mime mime;
	char why[600]; /* it is none */
	size_t asked, agreed, argued, files;
	char *exceptions; /* the file's text */
	bool is_derived;  /* within the label "derived" */
};

static FILE *
open_corpus(const char *name)
{
	const char *given = getenv("OUTPOST_CORPUS");
	const char *const folders[] = {
	    given ? given : "../shared/corpus", "../../shared/corpus"};
	char path[512];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/arf/%s", folders[i], name);
		FILE *f = fopen(path, "r");
		if (f)
			return f;
	}
	TEST_SKIP("no ../shared/corpus here (OUTPOST_CORPUS)");
	return NULL;
}

static char *
read_all(FILE *f, size_t *n)
{
	char *text = calloc(1, FILE_MAX);

	*n = text && f ? fread(text, 1, FILE_MAX - 1, f) : 0;
	if (f)
		fclose(f);
	return text;
}

/* "FILE LABEL reason", with patterns. */
static bool
is_argued(const struct reading *r, struct str label)
{
	char name[128], file[128], pattern[64];

	snprintf(name, sizeof(name), "%.*s", STR_ARG(label));
	for (const char *p = r->exceptions; p && *p;) {
		if (*p != '#' && sscanf(p, "%127s %63s", file, pattern) == 2 &&
		    fnmatch(file, r->file, 0) == 0 &&
		    fnmatch(pattern, name, 0) == 0)
			return true;
		p = strchr(p, '\n');
		p += p != NULL;
	}
	return false;
}

/* Labels and the fields that they are about. */
static const struct {
	const char *label;
	enum fbl_field field;
} fields[] = {
    {"feedback_type", FBL_FEEDBACK_TYPE},
    {"user_agent", FBL_USER_AGENT},
    {"version", FBL_VERSION},
    {"original_mail_from", FBL_MAIL_FROM},
    {"original_rcpt_to", FBL_RCPT_TO},
    {"removal_recipient", FBL_REMOVAL},
    {"reported_domain", FBL_REPORTED_DOMAIN},
    {"reported_uri", FBL_REPORTED_URI},
    {"arrival_date", FBL_ARRIVAL_DATE},
    {"auth_failure", FBL_AUTH_FAILURE},
    {"delivery_result", FBL_DELIVERY_RESULT},
    {"incidents", FBL_INCIDENTS},
    {"original_message_id", FBL_MESSAGE_ID},
    {"original_from", FBL_FROM},
    {"original_to", FBL_TO},
    {"original_subject", FBL_SUBJECT},
    {"original_date", FBL_DATE},
    {"original_return_path", FBL_RETURN_PATH},
    {"class", FBL_CLASS},
    {"type", FBL_KIND},
    {"subtype", FBL_SUBKIND},
    {"date", FBL_ARRIVAL_DATE},
    {"smtp_from", FBL_MAIL_FROM},
    {"smtp_to", FBL_RCPT_TO},
    {"reporter", FBL_REPORTER},
    {"Report-Type", FBL_KIND},
    {"Category", FBL_CLASS},
    {"Source", FBL_SOURCE},
    {"source", FBL_SOURCE},
    {"Date", FBL_ARRIVAL_DATE},
    {"Report-ID", FBL_REPORT_ID},
    {"Reported-From", FBL_REPORTER},
    {"Schema-URL", FBL_SCHEMA},
    {"User-Agent", FBL_USER_AGENT},
};

static bool
same_list(const struct fbl_list *ours, const struct json *theirs)
{
	if (ours->n != json_count(theirs))
		return false;
	for (size_t i = 0; i < ours->n; i++) {
		if (!str_is(ours->v[i], json_text(json_at(theirs, i))))
			return false;
	}
	return true;
}

static bool
same_field(const struct reading *r, enum fbl_field field, struct json *theirs)
{
	const struct fbl_list *read = &r->report.read.v[field];

	/* What they derived, we needn't have read. */
	if (r->is_derived || read->n == 0)
		read = fbl_report_list(&r->report, field);
	if (json_is_array(theirs))
		return same_list(read, theirs);
	return read->n == 1 && str_is(read->v[0], json_text(theirs));
}

/* The address of the host; null when what stands there is none. */
static bool
same_ip(const struct reading *r, struct json *theirs)
{
	struct str text =
	    json_text(json_is_array(theirs) ? json_at(theirs, 0) : theirs);
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (!ip_is_none(&r->report.source_ip))
		ip_format(&t, &r->report.source_ip);
	if (str_is(text, STR("x.x.x.x")) || !json_is_string(theirs))
		text.n = json_is_array(theirs) ? text.n : 0;
	if (json_is_array(theirs))
		return str_starts(text, text_view(&t));
	return str_is(text, text_view(&t));
}

/* A field of the report's part or of the message, once or several times. */
static bool
same_header(const struct headers *h, struct str name, struct json *theirs)
{
	const struct header *one;
	size_t i = 0, n = 0;

	if (!json_is_array(theirs))
		return str_is(header_get(h, name), json_text(theirs));
	while ((one = header_next(h, name, &i)) != NULL) {
		if (!str_is(one->value, json_text(json_at(theirs, n++))))
			return false;
	}
	return n == json_count(theirs);
}

static bool
same_parts(const struct reading *r, struct json *theirs)
{
	if (r->mime.n != json_count(theirs))
		return false;
	for (size_t i = 0; i < r->mime.n; i++) {
		if (!str_is(r->mime.v[i].type, json_text(json_at(theirs, i))))
			return false;
	}
	return true;
}

static bool
has_part(const struct reading *r, struct str type)
{
	for (size_t i = 0; i < r->mime.n; i++) {
		if (str_is(r->mime.v[i].type, type))
			return true;
	}
	return false;
}

/* Labels of which not one field is the answer. */
static bool
same_other(const struct reading *r, struct str label, struct json *theirs)
{
	struct str text = json_text(theirs);
	bool is_report = r->report.format != FBL_FORMAT_NONE;

	if (str_is(label, STR("source_ip")) ||
	    str_is(label, STR("source_ip_from_text")))
		return same_ip(r, theirs);
	if (str_is(label, STR("arrival_date_field")))
		return header_get(&r->report.part, text).p != NULL;
	if (str_is(label, STR("from")) || str_is(label, STR("subject")))
		return str_is(header_get(&r->report.mail, label), text);
	if (str_is(label, STR("content_type")))
		return str_is(r->mime.type, text);
	if (str_is(label, STR("report_type")))
		return str_is(r->mime.report_type, text);
	if (str_is(label, STR("parts")))
		return same_parts(r, theirs);
	if (str_is(label, STR("original_part")))
		return has_part(r, text);
	if (str_is(label, STR("has_feedback_part")) ||
	    str_is(label, STR("arf")))
		return json_is_true(theirs) ==
		       (r->report.format == FBL_FORMAT_ARF);
	if (str_is(label, STR("xarf_yaml")))
		return json_is_true(theirs) ==
		       (r->report.format == FBL_FORMAT_XARF_YAML);
	if (str_is(label, STR("valid")))
		return json_is_true(theirs) == is_report;
	return false;
}

static bool
is_agreed(const struct reading *r, struct str label, struct json *theirs)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (str_is(label, str_from(fields[i].label)))
			return same_field(r, fields[i].field, theirs);
	}
	return same_other(r, label, theirs);
}

static void
count(struct reading *r, struct str label, struct json *value, bool is_same)
{
	struct text t;

	if (is_argued(r, label)) {
		r->argued++;
		return;
	}
	r->asked++;
	r->agreed += is_same;
	if (is_same)
		return;
	text_grow(&t, FILE_MAX);
	json_print(&t, value);
	printf("# %s %.*s: theirs is %.*s %s\n", r->file, STR_ARG(label),
	    STR_ARG(text_view(&t)), r->why);
	text_done(&t);
}

static void
on_other_field(void *ctx, struct str label, struct json *value)
{
	struct reading *r = ctx;

	count(r, label, value, same_header(&r->report.part, label, value));
}

static void
on_original_field(void *ctx, struct str label, struct json *value)
{
	struct reading *r = ctx;

	count(r, label, value, same_header(&r->report.original, label, value));
}

static void
on_label(void *ctx, struct str label, struct json *value)
{
	struct reading *r = ctx;

	if (str_is(label, STR("derived"))) {
		r->is_derived = true;
		json_each(value, on_label, r);
		r->is_derived = false;
	} else if (str_is(label, STR("other_fields"))) {
		json_each(value, on_other_field, r);
	} else if (str_is(label, STR("original_x"))) {
		json_each(value, on_original_field, r);
	} else if (!str_is(label, STR("text_head")) &&
		   !str_is(label, STR("x-xarf")) &&
		   !str_is(label, STR("quirks")) &&
		   !str_is(label, STR("Source-Type"))) {
		count(r, label, value, is_agreed(r, label, value));
	}
}

static void
read_report(struct reading *r)
{
	const struct mime_limits limits = {100, 10};
	enum fbl_unread unread;
	struct error err;
	struct str rest = str_make(r->bytes, r->n);

	r->report = (struct fbl_report){0};
	r->why[0] = '\0';
	if (fbl_report_parse(rest, &fbl_limits_default, &r->arena, &r->report,
		&unread, &err) < 0)
		snprintf(r->why, sizeof(r->why), "(%s)", err.text);
	header_read(&rest, &r->arena, &r->report.mail);
	mime_read(str_make(r->bytes, r->n), &limits, &r->arena, &r->mime);
}

static void
read_record(struct reading *r, const struct json *record)
{
	const struct json *expect = json_get(record, "expect");
	struct json *valid = json_get(expect, "valid");

	snprintf(r->file, sizeof(r->file), "%.*s",
	    STR_ARG(json_text(json_get(record, "file"))));
	r->bytes = read_all(open_corpus(r->file), &r->n);
	arena_init(&r->arena);
	read_report(r);
	r->files++;
	/* Of a document that isn't valid nothing else is told. */
	if (valid && !json_is_true(valid))
		on_label(r, STR("valid"), valid);
	else
		json_each(expect, on_label, r);
	arena_done(&r->arena);
	free(r->bytes);
}

static void
check_index(const char *file, size_t files, size_t asked)
{
	FILE *f = open_corpus(file);
	struct reading r = {0};
	char *buf = NULL;
	size_t size = 0, unused;
	ssize_t n;

	if (!f)
		return;
	r.exceptions =
	    read_all(fopen("tests/data/report-exceptions.txt", "r"), &unused);
	while ((n = getline(&buf, &size, f)) > 0) {
		struct json *record =
		    json_parse(str_make(buf, (size_t)n), NULL);

		CHECK(record != NULL);
		read_record(&r, record);
		json_free(&record);
	}
	printf(
	    "# %s: %zu reports, %zu of %zu labels agree (%.1f%%), %zu argued "
	    "with\n",
	    file, r.files, r.agreed, r.asked,
	    100.0 * (double)r.agreed / (double)(r.asked + !r.asked), r.argued);
	CHECK(r.agreed * 100 >= r.asked * TARGET_PERCENT);
	CHECK(r.asked >= asked);
	CHECK(r.files >= files);
	free(buf);
	free(r.exceptions);
	fclose(f);
}

static void
test_arf(void)
{
	check_index("index.jsonl", 37, 600);
}

static void
test_xarf(void)
{
	check_index("xarf-index.jsonl", 123, 300);
}

static void
test_xarf_yaml(void)
{
	check_index("xarf-yaml-index.jsonl", 9, 70);
}

TESTS(TEST(test_arf), TEST(test_xarf), TEST(test_xarf_yaml))
