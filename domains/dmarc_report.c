/* dmarc_report - DMARC aggregate reports */
#include "domains/dmarc_report.h"

#include <expat.h>
#include <stdlib.h>

#include "base/text.h"

enum {
	DEPTH = 12,
	PATH = 200,
	PIECE = 65536,
	QUIET = 1 << 20, /* bytes without an element */
};

/* Where a text stands, without the root, whatever that is called. */
enum field {
	F_ORG,
	F_EMAIL,
	F_ID,
	F_BEGIN,
	F_END,
	F_DOMAIN,
	F_POLICY,
	F_SOURCE,
	F_COUNT,
	F_DID,
	F_DKIM,
	F_SPF,
	F_REASON,
	F_HEADER_FROM,
	F_ENVELOPE_FROM,
	F_DKIM_DOMAIN,
	F_DKIM_SELECTOR,
	F_DKIM_RESULT,
	F_SPF_DOMAIN,
	F_SPF_RESULT,
	FIELDS
};

static const char *const paths[FIELDS] = {
    [F_ORG] = "report_metadata/org_name",
    [F_EMAIL] = "report_metadata/email",
    [F_ID] = "report_metadata/report_id",
    [F_BEGIN] = "report_metadata/date_range/begin",
    [F_END] = "report_metadata/date_range/end",
    [F_DOMAIN] = "policy_published/domain",
    [F_POLICY] = "policy_published/p",
    [F_SOURCE] = "record/row/source_ip",
    [F_COUNT] = "record/row/count",
    [F_DID] = "record/row/policy_evaluated/disposition",
    [F_DKIM] = "record/row/policy_evaluated/dkim",
    [F_SPF] = "record/row/policy_evaluated/spf",
    [F_REASON] = "record/row/policy_evaluated/reason/type",
    [F_HEADER_FROM] = "record/identifiers/header_from",
    [F_ENVELOPE_FROM] = "record/identifiers/envelope_from",
    [F_DKIM_DOMAIN] = "record/auth_results/dkim/domain",
    [F_DKIM_SELECTOR] = "record/auth_results/dkim/selector",
    [F_DKIM_RESULT] = "record/auth_results/dkim/result",
    [F_SPF_DOMAIN] = "record/auth_results/spf/domain",
    [F_SPF_RESULT] = "record/auth_results/spf/result",
};

struct value {
	char p[DMARC_TEXT + 1];
};

struct dmarc_reader {
	XML_Parser parser;
	struct arena *arena;
	struct text path; /* the elements, joined by / */
	char path_buf[PATH];
	unsigned depth;
	struct text text; /* of the innermost element */
	char text_buf[DMARC_TEXT + 1];
	struct value v[FIELDS]; /* of the report, of this record */
	/* The best signature of this record: domain, selector, result. */
	struct value best[3];
	bool has_best;
	struct dmarc_row *rows;
	size_t n, cap;
	uint64_t rest;
	size_t quiet; /* bytes since the last element */
	struct error err;
	bool is_bad;
};

static void
refuse(struct dmarc_reader *r, const char *why)
{
	if (!r->is_bad)
		error_set(&r->err, "%s", why);
	r->is_bad = true;
	XML_StopParser(r->parser, XML_FALSE);
}

static void
on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
    const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	refuse(ctx, "it has a document type, which no report has");
}

/* Without a namespace's prefix. */
static const char *
local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static bool
is_in(const struct dmarc_reader *r, const char *path)
{
	return !r->path.is_cut && str_is(text_view(&r->path), str_from(path));
}

static void
on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct dmarc_reader *r = ctx;

	(void)attributes;
	r->quiet = 0;
	if (r->depth == DEPTH) {
		refuse(r, "its elements are nested too deeply");
		return;
	}
	text_clear(&r->text);
	if (r->depth++ == 0) {
		if (strcmp(local_name(name), "feedback") != 0)
			refuse(r, "it is no DMARC report");
		return;
	}
	if (r->depth > 2)
		text_char(&r->path, '/');
	text_add(&r->path, local_name(name));
	if (is_in(r, "record")) {
		memset(
		    r->v + F_SOURCE, 0, (FIELDS - F_SOURCE) * sizeof(r->v[0]));
		memset(r->best, 0, sizeof(r->best));
		r->has_best = false;
	} else if (is_in(r, "record/auth_results/dkim")) {
		memset(r->v + F_DKIM_DOMAIN, 0, 3 * sizeof(r->v[0]));
	}
}

static void
on_text(void *ctx, const XML_Char *p, int n)
{
	struct dmarc_reader *r = ctx;

	text_bytes(&r->text, p, (size_t)n);
}

static const char *
keep(struct dmarc_reader *r, const struct value *v)
{
	return arena_dup(r->arena, str_from(v->p));
}

static enum dmarc_policy
policy_of(const struct value *v)
{
	for (int p = DMARC_NONE; p <= DMARC_REJECT; p++) {
		const char *word = dmarc_policy_word((enum dmarc_policy)p);

		if (str_is_nocase(str_from(v->p), str_from(word)))
			return (enum dmarc_policy)p;
	}
	return DMARC_NONE;
}

static bool
is_pass(const struct value *v)
{
	return str_is_nocase(str_from(v->p), STR("pass"));
}

static struct dmarc_row *
add_row(struct dmarc_reader *r)
{
	if (r->n == r->cap) {
		struct dmarc_row *old = r->rows;

		r->cap = r->cap ? 2 * r->cap : 64;
		r->rows = arena_alloc(r->arena, r->cap * sizeof(*old));
		if (r->n > 0)
			memcpy(r->rows, old, r->n * sizeof(*old));
	}
	return &r->rows[r->n++];
}

static void
end_record(struct dmarc_reader *r)
{
	struct dmarc_row row = {.did = policy_of(&r->v[F_DID])};
	uint64_t count;

	if (!str_to_u64(str_from(r->v[F_COUNT].p), &count) || count == 0 ||
	    !ip_parse(str_from(r->v[F_SOURCE].p), &row.source))
		return;
	row.count = count < DMARC_COUNT_MAX ? count : DMARC_COUNT_MAX;
	if (r->n >= DMARC_ROWS) {
		r->rest += row.count;
		return;
	}
	row.dkim_passes = is_pass(&r->v[F_DKIM]);
	row.spf_passes = is_pass(&r->v[F_SPF]);
	row.is_excused = *r->v[F_REASON].p != '\0';
	row.header_from = keep(r, &r->v[F_HEADER_FROM]);
	row.envelope_from = keep(r, &r->v[F_ENVELOPE_FROM]);
	row.dkim_domain = keep(r, &r->best[0]);
	row.dkim_selector = keep(r, &r->best[1]);
	row.dkim_result = keep(r, &r->best[2]);
	row.spf_domain = keep(r, &r->v[F_SPF_DOMAIN]);
	row.spf_result = keep(r, &r->v[F_SPF_RESULT]);
	*add_row(r) = row;
}

/* The first one, or the first that passes. */
static void
end_signature(struct dmarc_reader *r)
{
	const struct value *v = &r->v[F_DKIM_DOMAIN];

	if (r->has_best && (is_pass(&r->best[2]) || !is_pass(&v[2])))
		return;
	memcpy(r->best, v, sizeof(r->best));
	r->has_best = true;
}

static void
end_value(struct dmarc_reader *r)
{
	for (int f = 0; f < FIELDS; f++) {
		struct str s = str_trim(text_view(&r->text));
		struct text t;

		if (!is_in(r, paths[f]) || *r->v[f].p)
			continue;
		text_init(&t, r->v[f].p, sizeof(r->v[f].p));
		text_printable(&t, s);
		return;
	}
}

static void
on_end(void *ctx, const XML_Char *name)
{
	struct dmarc_reader *r = ctx;

	(void)name;
	r->quiet = 0;
	if (r->is_bad)
		return;
	end_value(r);
	text_clear(&r->text);
	if (is_in(r, "record/auth_results/dkim"))
		end_signature(r);
	else if (is_in(r, "record"))
		end_record(r);
	ptrdiff_t cut = str_find_last(text_view(&r->path), STR("/"));

	/* Deeper than any path is long: nothing there is of interest. */
	r->depth--;
	if (!r->path.is_cut) {
		r->path.n = cut < 0 ? 0 : (size_t)cut;
		r->path.p[r->path.n] = '\0';
	}
}

struct dmarc_reader *
dmarc_reader_new(struct arena *a)
{
	struct dmarc_reader *r = xalloc(1, sizeof(*r));

	r->arena = a;
	text_init(&r->path, r->path_buf, sizeof(r->path_buf));
	text_init(&r->text, r->text_buf, sizeof(r->text_buf));
	r->parser = XML_ParserCreate(NULL);
	if (!r->parser)
		fatal("no memory to read XML");
	XML_SetUserData(r->parser, r);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	return r;
}

/* What has no end is kept by expat, and older ones read all of it anew with
 * each piece that comes. */
bool
dmarc_reader_feed(struct dmarc_reader *r, struct str bytes)
{
	while (bytes.n > 0 && !r->is_bad) {
		struct str some = str_head(bytes, PIECE);

		r->quiet += some.n;
		if (XML_Parse(r->parser, some.p, (int)some.n, 0) !=
		    XML_STATUS_OK)
			refuse(r, XML_ErrorString(XML_GetErrorCode(r->parser)));
		if (r->quiet > QUIET)
			refuse(r, "too much of it is no element");
		bytes = str_skip(bytes, some.n);
	}
	return !r->is_bad;
}

static int
finish(struct dmarc_reader *r, struct dmarc_report *out, struct error *err)
{
	struct dmarc_report d = {.organisation = keep(r, &r->v[F_ORG]),
	    .email = keep(r, &r->v[F_EMAIL]),
	    .id = keep(r, &r->v[F_ID]),
	    .policy = policy_of(&r->v[F_POLICY]),
	    .is_cut = r->rest > 0};

	if (!dns_name(str_from(r->v[F_DOMAIN].p), d.domain) || !*d.domain)
		return error_set(err, "it names no domain");
	if (!*d.id || !str_to_i64(str_from(r->v[F_BEGIN].p), &d.begin) ||
	    !str_to_i64(str_from(r->v[F_END].p), &d.end) || d.begin < 0 ||
	    d.end < d.begin)
		return error_set(err, "it has no report_id or no date_range");
	if (r->rest > 0)
		*add_row(r) = (struct dmarc_row){.count = r->rest,
		    .did = DMARC_NONE,
		    .header_from = "",
		    .envelope_from = "",
		    .dkim_domain = "",
		    .dkim_selector = "",
		    .dkim_result = "",
		    .spf_domain = "",
		    .spf_result = ""};
	d.v = r->rows;
	d.n = r->n;
	*out = d;
	return 0;
}

int
dmarc_reader_end(
    struct dmarc_reader **rp, struct dmarc_report *out, struct error *err)
{
	struct dmarc_reader *r = *rp;
	int status;

	*rp = NULL;
	if (!r->is_bad && XML_Parse(r->parser, "", 0, 1) != XML_STATUS_OK)
		refuse(r, XML_ErrorString(XML_GetErrorCode(r->parser)));
	status =
	    r->is_bad ? error_set(err, "%s", r->err.text) : finish(r, out, err);
	XML_ParserFree(r->parser);
	free(r);
	return status;
}
