/* report - complaints: what a feedback report says, and how it says it */
#include "fbl/report.h"

#include "base/time.h"
#include "fbl/date.h"
#include "fbl/reading.h"

const struct fbl_limits fbl_limits_default = {
    .bytes = 1 << 20, .parts = 100, .depth = 10};

static const struct str formats[] = {
#define FORMAT(id, name, help) STR_INIT(name),
#include "fbl/report.def"
};

static const struct str types[] = {
#define TYPE(id, name) STR_INIT(name),
#include "fbl/report.def"
};

static const struct str fields[] = {
#define FIELD(id, name, field, how, many) STR_INIT(name),
#include "fbl/report.def"
};

/* What else is said for a type. */
static const struct {
	struct str word;
	enum fbl_type type;
} words[] = {
    {STR_INIT("spam"), FBL_TYPE_ABUSE},
    {STR_INIT("complaint"), FBL_TYPE_ABUSE},
    {STR_INIT("phishing"), FBL_TYPE_FRAUD},
    {STR_INIT("malware"), FBL_TYPE_VIRUS},
    {STR_INIT("malware-attack"), FBL_TYPE_VIRUS},
    {STR_INIT("notspam"), FBL_TYPE_NOT_SPAM},
    {STR_INIT("opt-out-list"), FBL_TYPE_OPT_OUT},
    {STR_INIT("dmarc"), FBL_TYPE_AUTH_FAILURE},
    {STR_INIT("dkim-failure"), FBL_TYPE_AUTH_FAILURE},
    {STR_INIT("spf-failure"), FBL_TYPE_AUTH_FAILURE},
};

struct str
fbl_format_text(enum fbl_format format)
{
	return formats[format];
}

struct str
fbl_type_text(enum fbl_type type)
{
	return types[type];
}

struct str
fbl_field_text(enum fbl_field field)
{
	return fields[field];
}

enum fbl_type
fbl_type_of(struct str word)
{
	for (int i = 0; i < FBL_TYPES; i++) {
		if (str_is_nocase(word, types[i]))
			return (enum fbl_type)i;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_is_nocase(word, words[i].word))
			return words[i].type;
	}
	return FBL_TYPE_OTHER;
}

const struct fbl_list *
fbl_report_list(const struct fbl_report *r, enum fbl_field field)
{
	const struct fbl_list *read = &r->read.v[field];

	return read->n > 0 ? read : &r->derived.v[field];
}

struct str
fbl_report_get(const struct fbl_report *r, enum fbl_field field)
{
	const struct fbl_list *l = fbl_report_list(r, field);

	return l->n > 0 ? l->v[0] : str_make(NULL, 0);
}

const struct mime_part *
reading_find(const struct reading *g, struct str type, size_t from)
{
	for (size_t i = from; i < g->mime->n; i++) {
		if (str_is(g->mime->v[i].type, type))
			return &g->mime->v[i];
	}
	return NULL;
}

static void
put_headers(const struct headers *h, struct text *out)
{
	for (size_t i = 0; i < h->n; i++) {
		text_str(out, h->v[i].name);
		text_char(out, ':');
		text_str(out, h->v[i].value);
		text_char(out, '\n');
	}
}

void
fbl_report_identity(const struct fbl_report *r, struct text *out)
{
	static const struct str own[] = {
	    STR_INIT("Message-ID"), STR_INIT("Date"), STR_INIT("From")};

	text_str(out, formats[r->format]);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		text_char(out, '\n');
		text_str(out, header_get(&r->mail, own[i]));
	}
	for (int field = 0; field < FBL_FIELDS; field++) {
		const struct fbl_list *l =
		    fbl_report_list(r, (enum fbl_field)field);

		for (size_t i = 0; i < l->n; i++) {
			text_printf(out, "\n%d ", field);
			text_str(out, l->v[i]);
		}
	}
	text_char(out, '\n');
	put_headers(&r->part, out);
	put_headers(&r->original, out);
}

/* The fields as values. */
static void
finish(struct fbl_report *r)
{
	struct str type = fbl_report_get(r, FBL_FEEDBACK_TYPE);
	struct str date = fbl_report_get(r, FBL_ARRIVAL_DATE);
	uint64_t incidents;

	r->type = fbl_type_of(type);
	fields_ip(fbl_report_get(r, FBL_SOURCE_IP), &r->source_ip);
	if (!date_parse(date, &r->arrived_at))
		r->arrived_at = TIME_NEVER;
	if (str_to_u64(fbl_report_get(r, FBL_INCIDENTS), &incidents) &&
	    incidents > 0)
		r->incidents = incidents < FBL_INCIDENTS_MAX
				   ? incidents
				   : FBL_INCIDENTS_MAX;
}

/* Foreign bytes, for a log and a terminal. */
static void
say_what(struct reading *g)
{
	struct str from = header_get(&g->r->mail, STR("From"));
	char buf[300];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printable(&t, str_head(g->mime->type, 60));
	text_add(&t, " from ");
	text_printable(&t, str_head(header_address(from), 100));
	error_set(g->err, "no report, but a mail of the type %s", buf);
}

static enum taken
take_mail(struct reading *g, struct str bytes)
{
	static enum taken (*const takers[])(struct reading *) = {arf_take,
	    xarf_take, xarf_yaml_take, jmrp_take, unsubscribe_take,
	    dmarc_words_take};
	const struct mime_limits limits = {g->limits->parts, g->limits->depth};
	struct str seen = str_head(bytes, g->limits->bytes), rest = seen;
	enum taken taken = TAKEN_NOT;
	struct mime mime;

	header_read(&rest, g->a, &g->r->mail);
	mime_read(seen, &limits, g->a, &mime);
	g->mime = &mime;
	g->r->is_cut = mime.is_cut || g->r->mail.is_cut || seen.n < bytes.n;
	for (size_t i = 0;
	     taken == TAKEN_NOT && i < sizeof(takers) / sizeof(takers[0]); i++)
		taken = takers[i](g);
	if (taken == TAKEN_NOT)
		say_what(g);
	g->mime = NULL;
	return taken;
}

static enum taken
take(struct reading *g, struct str bytes)
{
	struct str start = str_trim(bytes);

	if (start.n == 0) {
		error_set(g->err, "nothing in it");
		return TAKEN_BROKEN;
	}
	if (start.p[0] != '{')
		return take_mail(g, bytes);
	return xarf_take_json(g, start);
}

int
fbl_report_parse(struct str bytes, const struct fbl_limits *limits,
    struct arena *a, struct fbl_report *out, enum fbl_unread *unread,
    struct error *err)
{
	struct fbl_report r = {.incidents = 1};
	struct reading g = {&r, a, limits, NULL, err};
	enum taken taken = take(&g, bytes);

	if (taken != TAKEN) {
		*unread = taken == TAKEN_NOT ? FBL_LETTER : FBL_UNREADABLE;
		return -1;
	}
	finish(&r);
	*out = r;
	return 0;
}
