/* aggregate - what providers tell of our own addresses a day, as CSV */
#include "fbl/aggregate.h"

#include "base/ip.h"

enum { FIELDS = 32, FIELD = 512, SNDS_FIELDS = 14, KEY_WORDS = 4, WORDS = 9 };

enum column { DAY, PROVIDER, IP, COMPLAINTS, MESSAGES, COLUMNS };

struct line {
	char buf[FIELD * 4];
	struct str v[FIELDS];
	size_t n;
};

struct reader {
	char separator;
	size_t at[COLUMNS]; /* SIZE_MAX: no such column */
};

static int
bad(struct error *err, size_t column, const char *name, struct str v,
    const char *why)
{
	char shown[80];
	struct text t;

	text_init(&t, shown, sizeof(shown));
	text_printable(&t, v);
	return error_set(
	    err, "column %zu (%s): %s: \"%s\"", column + 1, name, why, shown);
}

/* RFC 4180: quotes, doubled within. */
static int
split(struct str s, char separator, struct line *out, struct error *err)
{
	struct text t;
	size_t begin = 0;
	bool is_quoted = false;

	text_init(&t, out->buf, sizeof(out->buf));
	out->n = 0;
	for (size_t i = 0; i <= s.n; i++) {
		bool is_end = i == s.n;
		char c = is_end ? separator : s.p[i];

		if (is_quoted && is_end)
			return error_set(err,
			    "column %zu: a quote without an end", out->n + 1);
		if (c == '"' && is_quoted && i + 1 < s.n && s.p[i + 1] == '"')
			text_char(&t, s.p[i++]);
		else if (c == '"')
			is_quoted = !is_quoted;
		else if (c != separator || is_quoted)
			text_char(&t, c);
		else if (out->n == FIELDS)
			return error_set(err, "more than %d columns", FIELDS);
		else {
			out->v[out->n++] =
			    str_trim(str_make(t.p + begin, t.n - begin));
			begin = t.n;
		}
	}
	return t.is_cut ? error_set(err, "longer than any line") : 0;
}

static bool
copy(char *out, size_t size, struct str s)
{
	struct text t;

	text_init(&t, out, size);
	text_printable(&t, s);
	for (char *p = out; *p; p++) {
		if (*p == '\t')
			*p = ' ';
	}
	return !t.is_cut;
}

static bool
take_digits(struct str *s, size_t most, uint64_t *out)
{
	size_t n = 0;

	while (n < s->n && n < most && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (!str_to_u64(str_head(*s, n), out))
		return false;
	*s = str_skip(*s, n);
	return true;
}

static bool
put_day(char out[11], uint64_t y, uint64_t m, uint64_t d)
{
	struct text t;

	if (y < 1990 || y > 2199 || m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	text_init(&t, out, 11);
	text_printf(&t, "%04d-%02d-%02d", (int)y, (int)m, (int)d);
	return true;
}

/* "12/31/2019 7:00 PM": a day of the month after the month. */
static bool
american_day(struct str s, char out[11])
{
	uint64_t y, m, d;

	return take_digits(&s, 2, &m) && str_take(&s, STR("/")) &&
	       take_digits(&s, 2, &d) && str_take(&s, STR("/")) &&
	       take_digits(&s, 4, &y) &&
	       (s.n == 0 || str_starts(s, STR(" "))) && put_day(out, y, m, d);
}

/* "2026-11-21", with or without a time behind it; "21/11/2026" in France. */
static bool
european_day(struct str s, char out[11])
{
	uint64_t y, m, d;
	struct str iso = s;

	if (take_digits(&iso, 4, &y) && str_take(&iso, STR("-")))
		return take_digits(&iso, 2, &m) && str_take(&iso, STR("-")) &&
		       take_digits(&iso, 2, &d) &&
		       (iso.n == 0 || *iso.p == ' ' || *iso.p == 'T') &&
		       put_day(out, y, m, d);
	return take_digits(&s, 2, &d) && str_take(&s, STR("/")) &&
	       take_digits(&s, 2, &m) && str_take(&s, STR("/")) &&
	       take_digits(&s, 4, &y) && s.n == 0 && put_day(out, y, m, d);
}

static bool
take_ip(struct str s, char out[48])
{
	struct ip ip;
	struct text t;

	if (!ip_parse(s, &ip) || ip_is_none(&ip))
		return false;
	text_init(&t, out, 48);
	ip_format(&t, &ip);
	return true;
}

static bool
take_count(struct str s, int64_t *out)
{
	return str_to_i64(s, out) && *out >= 0 && *out < INT64_C(1) << 48;
}

static int
read_snds(const struct line *l, struct aggregate *a, struct error *err)
{
	static const struct {
		const char *name, *verdict;
	} colours[] = {
	    {"GREEN", "green"}, {"YELLOW", "yellow"}, {"RED", "red"}};
	size_t i = 0;

	*a = (struct aggregate){
	    .source = "snds", .provider = "microsoft", .complaints = -1};
	if (l->n != SNDS_FIELDS)
		return error_set(err, "%zu columns, not %d", l->n, SNDS_FIELDS);
	if (!take_ip(l->v[0], a->ip))
		return bad(err, 0, "ip", l->v[0], "no address");
	if (!american_day(l->v[1], a->day))
		return bad(err, 1, "activity start", l->v[1], "no date");
	if (!take_count(l->v[5], &a->messages))
		return bad(err, 5, "message recipients", l->v[5], "no count");
	while (i < 3 && !str_is_nocase(l->v[6], str_from(colours[i].name)))
		i++;
	if (i == 3)
		return bad(err, 6, "filter result", l->v[6],
		    "not GREEN, YELLOW or RED");
	copy(a->verdict, sizeof(a->verdict), str_from(colours[i].verdict));
	if (str_find_char(l->v[7], '%') < 0 && l->v[7].n > 0)
		return bad(err, 7, "complaint rate", l->v[7], "no percentage");
	if (!copy(a->rate, sizeof(a->rate), l->v[7]))
		return bad(err, 7, "complaint rate", l->v[7], "too long");
	if (l->v[10].n > 0 && !take_count(l->v[10], &a->traps))
		return bad(err, 10, "trap hits", l->v[10], "no count");
	return 0;
}

static struct str
field(const struct reader *r, const struct line *l, enum column c)
{
	return r->at[c] < l->n ? l->v[r->at[c]] : STR("");
}

static int
read_signal(const struct reader *r, const struct line *l, struct aggregate *a,
    struct error *err)
{
	struct str provider = field(r, l, PROVIDER);

	*a = (struct aggregate){
	    .source = "signal-spam", .messages = -1, .traps = -1};
	if (!european_day(field(r, l, DAY), a->day))
		return bad(
		    err, r->at[DAY], "date", field(r, l, DAY), "no date");
	if (!take_ip(field(r, l, IP), a->ip))
		return bad(err, r->at[IP], "ip", field(r, l, IP), "no address");
	if (!take_count(field(r, l, COMPLAINTS), &a->complaints))
		return bad(err, r->at[COMPLAINTS], "complaints",
		    field(r, l, COMPLAINTS), "no count");
	if (field(r, l, MESSAGES).n > 0 &&
	    !take_count(field(r, l, MESSAGES), &a->messages))
		return bad(err, r->at[MESSAGES], "messages",
		    field(r, l, MESSAGES), "no count");
	if (!copy(a->provider, sizeof(a->provider),
		provider.n ? provider : STR("unknown")))
		return bad(
		    err, r->at[PROVIDER], "provider", provider, "too long");
	for (char *p = a->provider; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 32) : *p;
	return 0;
}

/* What the columns of a header are called. */
static const struct {
	const char *name;
	enum column column;
} headings[] = {
    {"date", DAY},
    {"day", DAY},
    {"jour", DAY},
    {"provider", PROVIDER},
    {"isp", PROVIDER},
    {"fai", PROVIDER},
    {"operateur", PROVIDER},
    {"fournisseur", PROVIDER},
    {"ip", IP},
    {"ip address", IP},
    {"adresse ip", IP},
    {"ip_address", IP},
    {"complaints", COMPLAINTS},
    {"complaint_count", COMPLAINTS},
    {"plaintes", COMPLAINTS},
    {"nb_plaintes", COMPLAINTS},
    {"count", COMPLAINTS},
    {"messages", MESSAGES},
    {"volume", MESSAGES},
};

static bool
is_header(struct str first, struct reader *r)
{
	static const char separators[] = ",;\t";
	struct line l;

	for (const char *p = separators; *p; p++) {
		*r = (struct reader){.separator = *p};
		for (size_t c = 0; c < COLUMNS; c++)
			r->at[c] = SIZE_MAX;
		if (split(first, *p, &l, NULL) < 0)
			continue;
		for (size_t i = 0; i < l.n; i++) {
			for (size_t k = 0;
			     k < sizeof(headings) / sizeof(headings[0]); k++) {
				enum column c = headings[k].column;

				if (r->at[c] == SIZE_MAX &&
				    str_is_nocase(
					l.v[i], str_from(headings[k].name)))
					r->at[c] = i;
			}
		}
		if (r->at[DAY] != SIZE_MAX && r->at[IP] != SIZE_MAX &&
		    r->at[COMPLAINTS] != SIZE_MAX)
			return true;
	}
	return false;
}

static bool
next_line(struct str *rest, struct str *out)
{
	if (rest->n == 0)
		return false;
	if (!str_cut(rest, '\n', out)) {
		*out = *rest;
		*rest = STR("");
	}
	*out = str_trim(*out);
	return true;
}

static int
read_rows(struct str rest, const struct reader *r, size_t number,
    aggregate_fn *on_row, void *ctx, struct error *err)
{
	struct aggregate a;
	struct str s;
	struct line l;

	for (; next_line(&rest, &s); number++) {
		if (s.n == 0)
			continue;
		int status = split(s, r ? r->separator : ',', &l, err);

		if (status == 0)
			status = r ? read_signal(r, &l, &a, err)
				   : read_snds(&l, &a, err);
		if (status < 0)
			return error_prefix(err, "line %zu", number);
		if (on_row)
			on_row(ctx, &a);
	}
	return 0;
}

static int
read_all(struct str file, const struct reader *r, size_t number,
    aggregate_fn *on_row, void *ctx, struct error *err)
{
	if (read_rows(file, r, number, NULL, NULL, err) < 0)
		return -1;
	return read_rows(file, r, number, on_row, ctx, err);
}

int
aggregate_read(struct str file, const char *format, aggregate_fn *on_row,
    void *ctx, struct error *err)
{
	struct str first = STR(""), rest;
	struct reader r;
	struct line l;

	str_take(&file, STR("\xef\xbb\xbf"));
	rest = file;
	bool has_header = next_line(&rest, &first) && is_header(first, &r);
	bool is_snds = format ? strcmp(format, "snds") == 0 : !has_header;

	if (format && !is_snds && strcmp(format, "signal-spam") != 0)
		return error_set(err, "the format is snds or signal-spam");
	if (is_snds && !format &&
	    (split(first, ',', &l, err) < 0 || l.n != SNDS_FIELDS))
		return error_set(err,
		    "line 1: neither SNDS (%d columns) nor a "
		    "header with date, ip and complaints: "
		    "--format says which it is",
		    SNDS_FIELDS);
	if (is_snds)
		return read_all(file, NULL, 1, on_row, ctx, err);
	if (has_header)
		return read_all(rest, &r, 2, on_row, ctx, err);
	r = (struct reader){
	    .separator = str_find_char(first, ';') >= 0 ? ';' : ',',
	    .at = {0, 1, 2, 3, SIZE_MAX}};
	return read_all(file, &r, 1, on_row, ctx, err);
}

void
aggregate_print(const struct aggregate *a, struct text *out)
{
	text_printf(out, "%s\t%s\t%s\t%s\t%lld\t%lld\t%lld\t%s\t%s", a->source,
	    a->provider, a->ip, a->day, (long long)a->messages,
	    (long long)a->complaints, (long long)a->traps, a->verdict, a->rate);
}

struct str
aggregate_key(struct str row)
{
	size_t words = 0;

	for (size_t i = 0; i < row.n; i++) {
		if (row.p[i] == '\t' && ++words == KEY_WORDS)
			return str_head(row, i);
	}
	return row;
}

static bool
get_count(struct str s, int64_t *out)
{
	return str_is(s, STR("-1")) ? (*out = -1, true) : take_count(s, out);
}

/* As it was printed: no quotes, no blanks around. */
static bool
take_words(struct str row, struct str v[WORDS])
{
	for (size_t i = 0; i < WORDS - 1; i++) {
		if (!str_cut(&row, '\t', &v[i]))
			return false;
	}
	v[WORDS - 1] = row;
	return str_find_char(row, '\t') < 0;
}

bool
aggregate_parse(struct str row, struct aggregate *out)
{
	struct aggregate a;
	struct str v[WORDS];

	if (row.n > AGGREGATE_ROW || !take_words(row, v) || v[0].n == 0 ||
	    v[1].n == 0 || !copy(a.source, sizeof(a.source), v[0]) ||
	    !copy(a.provider, sizeof(a.provider), v[1]) ||
	    !take_ip(v[2], a.ip) || v[3].n != 10 ||
	    !european_day(v[3], a.day) || !get_count(v[4], &a.messages) ||
	    !get_count(v[5], &a.complaints) || !get_count(v[6], &a.traps) ||
	    !copy(a.verdict, sizeof(a.verdict), v[7]) ||
	    !copy(a.rate, sizeof(a.rate), v[8]))
		return false;
	*out = a;
	return true;
}
