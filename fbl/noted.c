/* noted - what is kept of a report for people to see */
#include "fbl/noted.h"

#include "base/ip.h"

static const struct {
	const char *name;
	size_t max;
} fields[NOTED_FIELDS] = {
#define NOTED(id, name, max) {name, max},
#include "fbl/noted.def"
#undef NOTED
};

const char *
noted_field_text(enum noted_field f)
{
	return fields[f].name;
}

/* Each ends with a NUL, which no printable text has. */
static void
print_field(struct text *out, enum noted_field f, struct str v)
{
	char buf[512];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printable(&t, str_head(str_trim(v), fields[f].max));
	text_str(out, text_view(&t));
	text_char(out, '\0');
}

static void
print_number(struct text *out, enum noted_field f, uint64_t n)
{
	char buf[24];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_u64(&t, n);
	print_field(out, f, text_view(&t));
}

static struct str
id_of(const struct fbl_report *r)
{
	struct str id = fbl_report_get(r, FBL_MESSAGE_ID);

	return id.n ? id : header_get(&r->original, STR("Message-ID"));
}

/* In the order of noted.def. */
void
noted_print(const struct fbl_report *r, const struct complaint *c,
    const struct owner *o, int64_t message_at, const char *provider,
    struct text *out)
{
	char ip[64];
	struct text t;

	text_init(&t, ip, sizeof(ip));
	if (!ip_is_none(&r->source_ip))
		ip_format(&t, &r->source_ip);
	text_i64(out, message_at);
	text_char(out, '\0');
	print_field(out, NOTED_ACCOUNT, str_from(o->account));
	print_field(out, NOTED_TYPE, str_from(fact_kind_text(c->fact)));
	print_field(out, NOTED_VOUCHED, str_from(c->is_vouched ? "yes" : "no"));
	print_field(out, NOTED_REPORTER, c->reporter);
	print_field(out, NOTED_COMPLAINER, c->complainer);
	print_field(out, NOTED_HOW, owner_how_text(o->clue.how));
	print_number(out, NOTED_CONFIDENCE, o->clue.confidence);
	print_field(out, NOTED_MESSAGE_ID, id_of(r));
	print_field(out, NOTED_FROM, header_get(&r->original, STR("From")));
	print_field(
	    out, NOTED_SUBJECT, header_get(&r->original, STR("Subject")));
	print_field(out, NOTED_SOURCE_IP, text_view(&t));
	print_field(out, NOTED_PROVIDER, str_from(provider ? provider : ""));
	print_number(out, NOTED_INCIDENTS, c->incidents);
}

static bool
take(struct str *rest, struct str *out)
{
	ptrdiff_t at = str_find_char(*rest, '\0');

	if (at < 0)
		return false;
	*out = str_head(*rest, (size_t)at);
	*rest = str_skip(*rest, (size_t)at + 1);
	return true;
}

/* What an older one kept has fewer fields. */
bool
noted_parse(struct str text, struct noted *out)
{
	struct noted r = {0};
	struct str at;

	if (!take(&text, &at) || !str_to_i64(at, &r.message_at))
		return false;
	for (size_t i = 0; i < NOTED_FIELDS; i++)
		r.v[i] = STR("");
	for (size_t i = 0; i < NOTED_FIELDS && text.n > 0; i++) {
		if (!take(&text, &r.v[i]))
			return false;
	}
	*out = r;
	return true;
}

bool
noted_is_of(struct str text, struct str account)
{
	struct str at;

	return take(&text, &at) && text.n > account.n &&
	       text.p[account.n] == '\0' && str_starts(text, account);
}

bool
noted_is_address(struct str complainer)
{
	ptrdiff_t at = str_find_char(complainer, '@');
	struct str local, domain;

	if (at <= 0 || complainer.n > 254)
		return false;
	local = str_head(complainer, (size_t)at);
	domain = str_skip(complainer, (size_t)at + 1);
	for (size_t i = 0; i < complainer.n; i++) {
		unsigned char b = (unsigned char)complainer.p[i];

		if (b <= ' ' || b >= 0x7f || strchr("<>\"(),;:\\[]", b))
			return false;
	}
	return str_find_char(domain, '@') < 0 &&
	       str_find_char(domain, '.') > 0 &&
	       str_find_nocase(local, STR("redact")) < 0 &&
	       str_find_nocase(domain, STR("redact")) < 0;
}
